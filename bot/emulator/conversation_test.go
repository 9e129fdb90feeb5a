package emulator_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/bot/emulator"
)

// A menu of conversations begins with the one where the form was opened, and gives the app an address to answer there.
func TestCurrentConversationIsPresetAndAnswered(t *testing.T) {
	w := start(t)
	menu := o{"type": "conversations_select", "action_id": "a", "default_to_current_conversation": true, "response_url_enabled": true}
	var opened o
	app := w.record(func(p o) any {
		if p["type"] == "block_actions" {
			w.ask("/api/views.open?token=xoxb-local", o{"trigger_id": p["trigger_id"], "view": dialog("Tell", l{entry("where", menu)})}, &opened)
		}
		return nil
	})
	delete(menu, "response_url_enabled") // which only a form's menu may have
	w.postBlocks(l{actions(push(0), with(menu, "action_id", "here"))})
	menu["response_url_enabled"] = true
	w.must(w.Act(w.ctx(), emulator.Action{User: "bob", Channel: deploys, ActionID: "0"}))
	p := app.next("block_actions")
	for _, block := range p["state"].(o)["values"].(o) {
		if got := block.(o)["here"].(o)["selected_conversation"]; got != w.ChannelID(deploys) {
			t.Errorf("the message's menu begins with %v", got)
		}
	}
	if opened["ok"] != true {
		t.Fatalf("open: %v", opened)
	}
	if _, err := w.Submit(w.ctx(), "bob", opened["view"].(o)["id"].(string), nil); err != nil {
		t.Fatal(err)
	}
	urls := app.next("view_submission")["response_urls"].([]any)
	if len(urls) != 1 || urls[0].(o)["channel_id"] != w.ChannelID(deploys) || urls[0].(o)["action_id"] != "a" {
		t.Fatalf("response_urls: %v", urls)
	}
	resp, err := http.Post(urls[0].(o)["response_url"].(string), "application/json", strings.NewReader(`{"text":"told","response_type":"in_channel"}`))
	w.must(err)
	resp.Body.Close()
	if m := w.Messages(deploys); m[len(m)-1].Text != "told" {
		t.Errorf("the answer went elsewhere: %+v", m[len(m)-1])
	}
}
