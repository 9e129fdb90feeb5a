package workspace

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/bot/emulator/blockkit"
	"github.com/stationmaster/stationmaster/bot/emulator/jsonvalue"
)

// What people type, as text and as a block, in the forms that Slack gives them. Apps that look for an address in bare
// text find it in angle brackets instead, as they do in Slack.
func TestTypedWordsBecomeReferencesAndRichText(t *testing.T) {
	w := New(Config{Users: []User{{Name: "bob"}}, UserGroups: []UserGroup{{Handle: "leads"}}, Channels: []Channel{{Name: "deploys"}}})
	for _, c := range []struct{ typed, text, elements string }{
		{"plain & simple", "plain &amp; simple", `[{"text":"plain & simple","type":"text"}]`},
		{"hi @bob, @leads and @here in #deploys", "hi <@UBOB>, <!subteam^SLEADS> and <!here> in <#CDEPLOYS|deploys>",
			`[{"text":"hi ","type":"text"},{"type":"user","user_id":"UBOB"},{"text":", ","type":"text"},{"type":"usergroup","usergroup_id":"SLEADS"},` +
				`{"text":" and ","type":"text"},{"range":"here","type":"broadcast"},{"text":" in ","type":"text"},{"channel_id":"CDEPLOYS","type":"channel"}]`},
		{"see https://ci.example/7?a=1&b=2.", "see <https://ci.example/7?a=1&amp;b=2>.",
			`[{"text":"see ","type":"text"},{"type":"link","url":"https://ci.example/7?a=1&b=2"},{"text":".","type":"text"}]`},
		{"<https://x.example>", "&lt;<https://x.example>&gt;", `[{"text":"<","type":"text"},{"type":"link","url":"https://x.example"},{"text":">","type":"text"}]`},
		{"ask bob@example.com", "ask <mailto:bob@example.com|bob@example.com>", `[{"text":"ask ","type":"text"},{"type":"link","url":"mailto:bob@example.com"}]`},
		{"*now* _or_ ~never~ `kubectl get <pod>` :wave:", "*now* _or_ ~never~ `kubectl get &lt;pod&gt;` :wave:",
			`[{"style":{"bold":true},"text":"now","type":"text"},{"text":" ","type":"text"},{"style":{"italic":true},"text":"or","type":"text"},{"text":" ","type":"text"},` +
				`{"style":{"strike":true},"text":"never","type":"text"},{"text":" ","type":"text"},{"style":{"code":true},"text":"kubectl get <pod>","type":"text"},` +
				`{"text":" ","type":"text"},{"name":"wave","type":"emoji"}]`},
		{"snake_case_name 2*3*4 at 10:30:45", "snake_case_name 2*3*4 at 10:30:45", `[{"text":"snake_case_name 2*3*4 at 10:30:45","type":"text"}]`},
	} {
		m := w.typedMessage("UBOB", c.typed, "")
		var blocks []struct {
			Type     string
			Elements []struct {
				Type     string
				Elements json.RawMessage
			}
		}
		if err := json.Unmarshal(m.Blocks, &blocks); err != nil {
			t.Fatal(err)
		}
		var got any
		if len(blocks) != 1 || blocks[0].Type != "rich_text" || len(blocks[0].Elements) != 1 || blocks[0].Elements[0].Type != "rich_text_section" ||
			json.Unmarshal(blocks[0].Elements[0].Elements, &got) != nil {
			t.Errorf("%q: blocks %s", c.typed, m.Blocks)
			continue
		}
		var want any
		if err := json.Unmarshal([]byte(c.elements), &want); err != nil {
			t.Fatal(err)
		}
		if m.Text != c.text || string(jsonvalue.Encode(got)) != string(jsonvalue.Encode(want)) {
			t.Errorf("%q\n text %q, want %q\n got  %s\n want %s", c.typed, m.Text, c.text, jsonvalue.Encode(got), jsonvalue.Encode(want))
		}
		if errs := blockkit.CheckBlocks(blockkit.Parse(m.Blocks), "/blocks").Words(); len(errs) > 0 {
			t.Errorf("%q: %v", c.typed, errs)
		}
	}
	m := w.typedMessage("UBOB", "look:\n```\nexit 1\n```", "")
	if got := string(m.Blocks); !json.Valid(m.Blocks) || len(blockkit.Parse(m.Blocks)) != 1 || !strings.Contains(got, `{"border":0,"elements":[{"text":"exit 1","type":"text"}],"type":"rich_text_preformatted"}`) {
		t.Errorf("preformatted: %s", got)
	}
}
