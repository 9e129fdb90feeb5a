package emulator_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"github.com/stationmaster/stationmaster/bot/emulator"
)

// A file put into a form can be read by the app, and no foreign page's form can put one there.
func TestAttachedFileReachesTheApp(t *testing.T) {
	w := start(t)
	post := func(kind, name, body string) *http.Response {
		t.Helper()
		resp, err := http.Post(w.url+"/page/attach?user=UBOB&name="+name, kind, strings.NewReader(body))
		w.must(err)
		t.Cleanup(func() { _ = resp.Body.Close() })
		return resp
	}
	if resp := post("text/plain", "a.txt", "x"); resp.StatusCode != http.StatusUnsupportedMediaType {
		t.Errorf("text/plain was taken: %s", resp.Status)
	}
	var out struct {
		OK    bool
		Error string
		File  emulator.File
	}
	attach := func(name, body string) {
		out.OK, out.Error = false, ""
		w.must(json.NewDecoder(post("application/octet-stream", name, body).Body).Decode(&out))
	}
	if attach("a.txt", ""); out.OK || !strings.Contains(out.Error, "empty") {
		t.Errorf("an empty file: %+v", out)
	}
	if attach("a.txt", strings.Repeat("x", 10<<20+1)); out.OK || !strings.Contains(out.Error, "10 MB") {
		t.Errorf("too large a file: %+v", out)
	}
	if attach("run%20book.txt", "by hand"); !out.OK || out.File.Name != "run book.txt" || out.File.User != "UBOB" || out.File.Size != 7 {
		t.Errorf("attached: %+v", out)
	}
	f, _, _, err := w.api.GetFileInfo(out.File.ID, 0, 0)
	if err != nil || f.Name != "run book.txt" {
		t.Errorf("files.info: %+v, %v", f, err)
	}
	var read strings.Builder
	if err := w.api.GetFile(out.File.URLPrivate, &read); err != nil || read.String() != "by hand" {
		t.Errorf("the app reads %q, %v", read.String(), err)
	}
}

// An element inside a container, a carousel's card or a data table's cell is found and told of like any other, with
// what stands in the other fields.
func TestNestedElementsAreUsedLikeOthers(t *testing.T) {
	w := start(t)
	got := make(chan slack.InteractionCallback, 10)
	w.app(func(c *socketmode.Client, e socketmode.Event) {
		ack(c, e)
		got <- e.Data.(slack.InteractionCallback)
	})
	button := func(id string) o {
		return o{"type": "button", "action_id": id, "value": "v", "text": words("plain_text", 1)}
	}
	input := o{"type": "input", "block_id": "why", "label": words("plain_text", 3), "element": o{"type": "plain_text_input", "action_id": "text"}}
	blocks := l{
		o{"type": "container", "title": words("plain_text", 3), "child_blocks": l{actions(button("in container")), input}},
		o{"type": "carousel", "elements": l{o{"type": "card", "block_id": "card", "title": words("mrkdwn", 3), "actions": l{button("in card")}}}},
		o{"type": "data_table", "caption": "c", "rows": l{l{o{"type": "raw_text", "text": "h"}}, l{o{"type": "action_cell", "element": button("in cell")}}}},
	}
	var out outcome
	w.ask("/api/chat.postMessage?token=xoxb-local", o{"channel": w.ChannelID(deploys), "text": "x", "blocks": blocks}, &out)
	if !out.OK {
		t.Fatalf("post: %+v", out)
	}
	for _, id := range []string{"in container", "in card", "in cell"} {
		err := w.Act(w.ctx(), emulator.Action{User: "bob", Channel: deploys, ActionID: id, State: o{"why": o{"text": o{"value": "because"}}}})
		if err != nil {
			t.Fatalf("%s: %v", id, err)
		}
		d := <-got
		if a := d.ActionCallback.BlockActions[0]; a.ActionID != id || a.Value != "v" || a.BlockID == "" {
			t.Errorf("%s: %+v", id, a)
		}
		if v := d.BlockActionState.Values["why"]["text"].Value; v != "because" {
			t.Errorf("%s: the state holds %q", id, v)
		}
	}
}
