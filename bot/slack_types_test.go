package bot

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/deployer/slowtest"
)

// Slack's own packages, as `npm ci` leaves them there.
const outside = "emulator/testdata/npm"

// captured is what the bots of this package's tests have sent to Slack: literals of TypeScript, by themselves, with
// the type that Slack's packages give to such a thing.
var captured = struct {
	sync.Mutex
	types map[string]string
}{types: map[string]string{}}

// TestMain holds everything that was sent against the types of @slack/types and @slack/bolt, which are Slack's own
// words about what its messages and views look like.
//
// Nor may a goroutine be left behind: what bears the label of a fixture, its test has found.
func TestMain(m *testing.M) {
	slowtest.Parallel(8) // most of them wait for Slack
	code := m.Run()
	if code == 0 {
		if err := goleak.Find(); err != nil {
			fmt.Fprintln(os.Stderr, "the tests have left something behind:", err)
			code = 1
		}
		captureGoldens()
		if err := typeCheck(captured.types); err != nil {
			fmt.Fprintln(os.Stderr, "what was sent to Slack is not of Slack's types:", err)
			code = 1
		}
	}
	os.Exit(code)
}

// capture notes what a bot has sent.
func capture(s emulator.Sent) {
	note := func(of string, value json.RawMessage) {
		var text string
		if json.Unmarshal(value, &text) == nil { // a form's field holds JSON in a string
			value = json.RawMessage(text)
		}
		var same bytes.Buffer
		if len(value) == 0 || json.Compact(&same, value) != nil {
			return
		}
		captured.Lock()
		defer captured.Unlock()
		captured.types[same.String()] = of
	}
	switch {
	case s.Method == "views.publish":
		note("HomeView", s.Args["view"])
	case strings.HasPrefix(s.Method, "views."):
		note("ModalView", s.Args["view"])
	case s.Method == "ack":
		note(answerType(s.Args), s.Args["payload"])
	default:
		note("KnownBlock[]", s.Args["blocks"])
		note("MessageMetadata", s.Args["metadata"])
	}
}

// captureGoldens adds the cards, messages and views that stand in testdata.
func captureGoldens() {
	own, _ := filepath.Glob("testdata/*/*.json") // the patterns are good
	drawn, _ := filepath.Glob("view/testdata/*/*.json")
	rooms, _ := filepath.Glob("view/*/testdata/*/*.json")
	simpler, _ := filepath.Glob("view/testdata/*/*/*.json")
	files := slices.Concat(own, drawn, rooms, simpler)
	for _, name := range files {
		data, err := os.ReadFile(name)
		var golden map[string]json.RawMessage
		if err != nil || json.Unmarshal(data, &golden) != nil {
			continue
		}
		switch string(golden["type"]) {
		case `"home"`:
			capture(emulator.Sent{Method: "views.publish", Args: map[string]json.RawMessage{"view": data}})
		case `"modal"`:
			capture(emulator.Sent{Method: "views.open", Args: map[string]json.RawMessage{"view": data}})
		default:
			capture(emulator.Sent{Method: "chat.postMessage", Args: golden})
		}
	}
}

// answerType is the type of what goes with an acknowledgement.
func answerType(args map[string]json.RawMessage) string {
	var payload map[string]json.RawMessage
	_ = json.Unmarshal(args["payload"], &payload) // where it is no object, the type check says so
	switch {
	case payload["response_action"] != nil:
		return "ViewResponseAction"
	case payload["options"] != nil || payload["option_groups"] != nil:
		return "Options"
	}
	return "RespondArguments"
}

// typeCheck writes the values, each with its type, into one program and compiles it.
func typeCheck(types map[string]string) error {
	if len(types) == 0 {
		return nil
	}
	tsc, err := filepath.Abs(filepath.Join(outside, "node_modules", ".bin", "tsc"))
	if err == nil {
		_, err = os.Stat(tsc)
	}
	if err != nil {
		if slowtest.InCI() {
			return fmt.Errorf("CI=true asks for Slack's own packages: %w (npm ci in bot/%s)", err, outside)
		}
		fmt.Fprintf(os.Stderr, "what was sent to Slack is not held against Slack's types: %v (npm ci in bot/%s)\n", err, outside)
		return nil
	}
	dir, err := os.MkdirTemp("", "stationmaster-types-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := os.Symlink(filepath.Dir(filepath.Dir(tsc)), filepath.Join(dir, "node_modules")); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "sent.ts"), program(types), 0o600); err != nil {
		return err
	}
	cmd := exec.Command(tsc, "--noEmit", "--strict", "--skipLibCheck", "--target", "es2024", "--module", "nodenext", "sent.ts")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, firstLines(string(out), 40))
	}
	return nil
}

// program declares every value with its type.
func program(types map[string]string) []byte {
	var b bytes.Buffer
	b.WriteString(`import type { HomeView, KnownBlock, MessageMetadata, ModalView, Option, PlainTextElement } from '@slack/types';
import type { RespondArguments, ViewResponseAction } from '@slack/bolt';
type Options = { options: Option[] } | { option_groups: { label: PlainTextElement; options: Option[] }[] };
`)
	for i, value := range slices.Sorted(maps.Keys(types)) {
		fmt.Fprintf(&b, "export const sent%d: %s = %s;\n", i, types[value], value)
	}
	return b.Bytes()
}

func firstLines(s string, n int) string {
	lines := strings.SplitAfterN(s, "\n", n+1)
	return strings.Join(lines[:min(n, len(lines))], "")
}

// What is not of Slack's types is found: a check that takes everything would prove nothing.
func TestTypeCheckFindsWhatIsNotSlacks(t *testing.T) {
	slowtest.Only(t, "a compiler runs")
	t.Parallel()
	if _, err := os.Stat(filepath.Join(outside, "node_modules", ".bin", "tsc")); err != nil {
		slowtest.Missing(t, fmt.Sprintf("nothing that these tests sent is held against Slack's types, without TypeScript: %v (npm ci in bot/%s)", err, outside))
	}
	for of, value := range map[string]string{
		"KnownBlock[]":       `[{"type":"section","txt":{"type":"mrkdwn","text":"a typing mistake"}}]`,
		"ModalView":          `{"type":"modal","blocks":[]}`,
		"HomeView":           `{"type":"home","title":{"type":"plain_text","text":"it has none"},"blocks":[]}`,
		"MessageMetadata":    `{"event_type":"stationmaster"}`,
		"RespondArguments":   `{"response_type":"whispered","text":"x"}`,
		"Options":            `{"options":[{"text":"x","value":"x"}]}`,
		"ViewResponseAction": `{"response_action":"shut"}`,
	} {
		if err := typeCheck(map[string]string{value: of}); err == nil {
			t.Errorf("%s is taken for a %s", value, of)
		}
	}
}
