package emulator

import (
	"github.com/stationmaster/stationmaster/bot/emulator/client"
	"github.com/stationmaster/stationmaster/bot/emulator/fault"
	"github.com/stationmaster/stationmaster/bot/emulator/ratelimit"
	"github.com/stationmaster/stationmaster/bot/emulator/socket"
	"github.com/stationmaster/stationmaster/bot/emulator/webapi"
	"github.com/stationmaster/stationmaster/bot/emulator/workspace"
)

// The names that a user of this package needs, from the packages in which they are explained.

// What a workspace is made of, to configure and to look at.
type (
	Config    = workspace.Config
	Team      = workspace.Team
	App       = workspace.App
	User      = workspace.User
	UserGroup = workspace.UserGroup
	Channel   = workspace.Channel
	Command   = workspace.Command
	Shortcut  = workspace.Shortcut
	Timing    = workspace.Timing
	Sent      = workspace.Sent

	Message = workspace.Message
	Icons   = workspace.Icons
	File    = workspace.File
	View    = workspace.View
	Refusal = workspace.Refusal
)

// EveryEvent lists the types of events that an app can subscribe to here.
func EveryEvent() []string { return workspace.EveryEvent() }

// What a person does with the app, and what they are told where that fails.
type (
	Action      = client.Action
	ShortcutUse = client.ShortcutUse
)

// The errors of Act, Submit, Tick, Suggest, Shortcut and Type that are no other Refusal.
const (
	ErrTrouble   = client.ErrTrouble
	ErrNoElement = client.ErrNoElement
	ErrNoForm    = client.ErrNoForm
	ErrNoOptions = client.ErrNoOptions
)

// The errors of an app that does not take what is sent to it.
var (
	ErrTimeout  = socket.ErrTimeout
	ErrNoSocket = socket.ErrNoSocket
)

// What a harness puts in the app's way, and what it sees of the app.
type (
	Fault       = fault.Fault
	SocketFault = fault.Socket
	Limits      = ratelimit.Limits
	Usage       = ratelimit.Usage
	Call        = webapi.Call
	SocketInfo  = socket.Info
)

// What a SocketFault does.
const (
	Redeliver       = fault.Redeliver
	CutOnAck        = fault.CutOnAck
	CutInEnvelope   = fault.CutInEnvelope
	SwallowEnvelope = fault.SwallowEnvelope
)
