package emulator_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"
	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/emulator"
)

// second adds a second app to the workspace.
func second(c *emulator.Config) { c.Others = []emulator.App{{Name: "Staging"}} }

func (w *fixture) secondAPI() *slack.Client {
	return slack.New("xoxb-local-1", slack.OptionAppLevelToken("xapp-local-1"), slack.OptionAPIURL(w.url+"/api/"))
}

// Two apps in one workspace: each knows itself by its token, signs its messages, and changes no others'.
func TestTwoAppsHaveMessagesOfTheirOwn(t *testing.T) {
	w := start(t, second)
	other := w.secondAPI()
	me, err := other.AuthTest()
	w.must(err)
	bot, err := w.api.GetBotInfo(slack.GetBotInfoParameters{Bot: me.BotID})
	w.must(err)
	if me.BotID != "B1BOT" || me.UserID != "U1BOT" || bot.AppID != "A1LOCAL" {
		t.Errorf("the second app is %+v, %+v", me, bot)
	}
	channel, ts, err := other.PostMessage("#"+deploys, slack.MsgOptionText("from staging", false))
	w.must(err)
	h, err := w.api.GetConversationHistory(&slack.GetConversationHistoryParameters{ChannelID: channel})
	w.must(err)
	m := h.Messages[0]
	if m.BotID != me.BotID || m.User != me.UserID || m.BotProfile == nil || m.BotProfile.AppID != bot.AppID {
		t.Errorf("its message is signed %q, %q, %+v", m.BotID, m.User, m.BotProfile)
	}
	if _, _, _, err := w.api.UpdateMessage(channel, ts, slack.MsgOptionText("no", false)); err == nil || err.Error() != "cant_update_message" {
		t.Errorf("the first app changes it: %v", err)
	}
	if _, _, _, err := other.UpdateMessage(channel, ts, slack.MsgOptionText("yes", false)); err != nil {
		t.Errorf("the second app can't change its own: %v", err)
	}
}

// hello opens a socket and returns what Slack says first.
func (w *fixture) hello(api *slack.Client) (appID string, connections int, ws *websocket.Conn) {
	w.t.Helper()
	_, address, err := api.StartSocketModeContext(w.ctx())
	w.must(err)
	ws, _, err = websocket.Dial(w.ctx(), address, nil)
	w.must(err)
	w.t.Cleanup(func() { _ = ws.CloseNow() })
	var hello struct {
		Connections int `json:"num_connections"`
		Info        struct {
			AppID string `json:"app_id"`
		} `json:"connection_info"`
	}
	w.must(wsjson.Read(w.ctx(), ws, &hello))
	return hello.Info.AppID, hello.Connections, ws
}

// A hello says whose socket it is, and how many that app has; a click goes to the app whose message it is on.
func TestEachAppHasSocketsOfItsOwn(t *testing.T) {
	w := start(t, second)
	other := w.secondAPI()
	w.hello(w.api)
	if id, n, _ := w.hello(w.api); id != "A0LOCAL" || n != 2 {
		t.Errorf("the second socket of the first app greets with %s, %d", id, n)
	}
	id, n, ws := w.hello(other)
	if id != "A1LOCAL" || n != 1 {
		t.Errorf("the first socket of the second app greets with %s, %d", id, n)
	}
	button := slack.NewButtonBlockElement("go", "1", slack.NewTextBlockObject("plain_text", "Go", false, false))
	_, _, err := other.PostMessage("#"+deploys, slack.MsgOptionText("press", false), slack.MsgOptionBlocks(slack.NewActionBlock("a", button)))
	w.must(err)
	done := make(chan error, 1)
	go func() { done <- w.Act(w.ctx(), emulator.Action{User: "alice", Channel: deploys, Button: "Go"}) }()
	var e struct {
		ID      string `json:"envelope_id"`
		Payload struct {
			App string `json:"api_app_id"`
		} `json:"payload"`
	}
	w.must(wsjson.Read(w.ctx(), ws, &e))
	if e.Payload.App != "A1LOCAL" {
		t.Errorf("the click is for %s", e.Payload.App)
	}
	w.must(wsjson.Write(w.ctx(), ws, map[string]string{"envelope_id": e.ID}))
	w.must(<-done)
}

// Slack's clock is not ours: its timestamps and its Date say so.
func TestSlacksClockMayBeOff(t *testing.T) {
	for _, ahead := range []time.Duration{-150 * time.Second, time.Hour} {
		w := start(t, func(c *emulator.Config) { c.Team.ClockAhead, c.Team.EditWindow = ahead, time.Minute })
		channel, ts, err := w.api.PostMessage("#"+deploys, slack.MsgOptionText("now", false))
		w.must(err)
		at, err := time.ParseDuration(strings.Replace(ts, ".", "s", 1)[:10] + "s")
		w.must(err)
		if off := time.Until(time.Unix(0, 0).Add(at)) - ahead; off.Abs() > time.Minute {
			t.Errorf("the clock is %s off", off)
		}
		if _, _, _, err := w.api.UpdateMessage(channel, ts, slack.MsgOptionText("later", false)); err != nil {
			t.Errorf("a message of this moment is too old: %v", err)
		}
		me, err := w.api.AuthTest()
		w.must(err)
		date, err := http.ParseTime(me.Header.Get("Date"))
		if off := time.Until(date) - ahead; err != nil || off.Abs() > time.Minute {
			t.Errorf("its Date is %s off, %v", off, err)
		}
	}
}

// A token of a whole organization has to say which workspace it means.
func TestOrgWideTokenNamesItsWorkspace(t *testing.T) {
	w := start(t, func(c *emulator.Config) { c.App.OrgWide = true })
	if a := w.form("users.list"); a.Error != "missing_argument" || !strings.Contains(strings.Join(a.Meta.Messages, ""), "team_id") {
		t.Errorf("users.list without a team answers %+v", a)
	}
	if _, err := w.api.GetUsers(slack.GetUsersOptionTeamID("T0LOCAL")); err != nil {
		t.Errorf("with its team: %v", err)
	}
}
