package client

import (
	"github.com/stationmaster/stationmaster/bot/emulator/socket"
	"github.com/stationmaster/stationmaster/bot/emulator/webapi"
	"github.com/stationmaster/stationmaster/bot/emulator/workspace"
)

// Client is Slack's own client in a person's hands, as far as it asks the app something: commands, clicks, forms and
// shortcuts, and what it shows of the answers.
type Client struct {
	cfg     workspace.Config
	ws      *workspace.Workspace
	api     *webapi.API
	people  *workspace.People
	gateway *socket.Gateway
}

// New makes the client of everybody in ws.
func New(ws *workspace.Workspace, people *workspace.People, api *webapi.API, gateway *socket.Gateway) *Client {
	return &Client{cfg: ws.Config, ws: ws, api: api, people: people, gateway: gateway}
}
