package emulator_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// blocks.validate says of blocks, messages and views what posting would say, and posts nothing. The shape of its answer
// is Slack's own sample (slackapi/java-slack-sdk).
func TestValidateSaysWhatPostingWould(t *testing.T) {
	w := start(t)
	box := o{"type": "container", "title": words("plain_text", 1), "child_blocks": l{o{"type": "divider"}}}
	bad := with(box, "child_blocks", l{o{"type": "alert", "text": words("mrkdwn", 1)}})
	view := o{"type": "modal", "title": words("plain_text", 25), "blocks": l{}}
	for _, c := range []struct {
		name    string
		args    o
		word    string
		pointer string
		message string
	}{
		{"blocks", o{"blocks": l{box}}, "", "", ""},
		{"encoded blocks", o{"blocks": `[{"type":"divider"}]`}, "", "", ""},
		{"bad blocks", o{"blocks": l{bad}}, "invalid_blocks", "/0/child_blocks/0/type", "unsupported type: alert"},
		{"bad message", o{"message": o{"blocks": l{bad}}}, "invalid_message", "/blocks/0/child_blocks/0/type", "unsupported type: alert"},
		{"bad attachment", o{"message": o{"attachments": l{o{"blocks": l{section(0)}}}}}, "invalid_message", "/attachments/0/blocks/0/text/text", "must be more than 0 characters"},
		{"bad view", o{"view": view}, "invalid_view", "/title/text", "must be less than 25 characters"},
		{"good view", o{"view": with(view, "title", words("plain_text", 24))}, "", "", ""},
		{"nothing", o{}, "invalid_arguments", "", ""},
		{"two", o{"blocks": l{box}, "view": view}, "invalid_arguments", "", ""},
		{"no JSON", o{"blocks": "["}, "invalid_arguments", "", ""},
	} {
		b, _ := json.Marshal(c.args)
		req, err := http.NewRequestWithContext(w.ctx(), http.MethodPost, w.url+"/api/blocks.validate", bytes.NewReader(b))
		w.must(err)
		req.Header.Set("Content-Type", "application/json; charset=utf-8")
		req.Header.Set("Authorization", "Bearer xoxb-local")
		resp, err := http.DefaultClient.Do(req)
		w.must(err)
		var a struct {
			Ok     bool
			Error  string
			Errors []struct {
				Code, Message, Pointer string
				Constraint             o
			}
		}
		w.must(json.NewDecoder(resp.Body).Decode(&a))
		_ = resp.Body.Close()
		switch {
		case a.Error != c.word || a.Ok != (c.word == ""):
			t.Errorf("%s: %+v", c.name, a)
		case c.pointer == "":
		case len(a.Errors) != 1 || a.Errors[0].Code != "failed_constraint" || a.Errors[0].Pointer != c.pointer || a.Errors[0].Message != c.message:
			t.Errorf("%s: %+v", c.name, a.Errors)
		case c.message == "unsupported type: alert":
			want := o{"type": "enum", "got": "alert", "expected": l{"actions", "context", "divider", "file", "header", "image",
				"input", "rich_text", "section", "table", "video"}}
			if d := cmp.Diff(want, a.Errors[0].Constraint); d != "" {
				t.Errorf("%s: %s", c.name, d)
			}
		}
	}
	if len(w.Messages(deploys)) != 0 {
		t.Error("validating posted something")
	}
}
