package view

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/deployer"
)

// inADrill is what all that people read of a drill begins with.
const inADrill = "DRILL · "

// kinds are the values of the core's constants whose names begin so.
func kinds(t *testing.T, prefix string) []string {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), "../../deployer/message.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	ast.Inspect(f, func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if !ok || !strings.HasPrefix(v.Names[0].Name, prefix) || len(v.Values) == 0 {
			return true
		}
		if lit, ok := v.Values[0].(*ast.BasicLit); ok {
			if text, err := strconv.Unquote(lit.Value); err == nil {
				out = append(out, text)
			}
		}
		return true
	})
	if len(out) < 10 {
		t.Fatalf("there are only %q", out)
	}
	return out
}

// No message of a drill may be taken for one of a deployment, of whichever kind it is, in a
// channel, in a thread or to one person, and nor may its card.
func TestAllThatIsReadOfADrillIsMarked(t *testing.T) {
	t.Parallel()
	d := bottest.Failed(t).Deployment()
	d.Drill.On = true
	messages := []deployer.Message{
		{Kind: "starting", DedupKey: "starting/change", Words: "*Deploy is starting:* {what}", Args: map[string]string{"what": "web"}},
		{Kind: "plan", Channel: "U1", DedupKey: "plan/@U1", Words: strings.Repeat("word ", 2000)},
		{Kind: "clients-before", DedupKey: "clients-before/clients", Words: "We are back soon.", Plain: true},
		{Kind: "empty", DedupKey: "empty/change"},
	}
	for _, p := range d.Problems {
		messages = append(messages, deployer.Message{Kind: deployer.MessageDecide, DedupKey: p.Key()}, deployer.Message{Kind: deployer.MessageDecide, DedupKey: p.Key(), Thread: true})
	}
	for _, kind := range kinds(t, "Message") {
		if kind != deployer.MessageCard && kind != deployer.MessageDecide {
			messages = append(messages, deployer.Message{Kind: kind, Role: "tech-lead", Note: deployer.Note{Step: "Roll out", Why: "It crashes.", Detail: "boom"}})
		}
	}
	for _, kind := range kinds(t, "Note") {
		m := deployer.Message{Kind: deployer.MessageNote, Note: deployer.Note{Kind: deployer.NoteKind(kind), Step: "Roll out", Why: "It crashes.", Status: deployer.Stopped}}
		messages = append(messages, m, deployer.Message{Kind: deployer.MessageAsk, Role: "tech-lead", Note: m.Note})
	}
	for _, m := range messages {
		text, blocks := Message(m, d, linkedRenderer)
		if !strings.HasPrefix(text, inADrill) || !strings.HasPrefix(firstWords(blocks), inADrill) {
			t.Errorf("%s, %s: %q, with %q first", m.Kind, m.Note.Kind, text, firstWords(blocks))
		}
		if of := mrkdwn.Units(firstWords(blocks)); of > mrkdwn.SectionMax {
			t.Errorf("%s has %d units in its first block", m.Kind, of)
		}
	}
	for _, s := range scenes(t) {
		s.d.Drill.On = true
		text, blocks := Card(s.d, s.progress, s.renderer, s.now)
		under := UnderWay(s.renderer, s.d, nil, bottest.Ana, "", s.now)
		pending := firstWords(Pending(s.renderer, s.d, nil, "", s.now))
		for _, words := range []string{text, firstWords(blocks), under, pending} {
			if !strings.HasPrefix(words, inADrill) {
				t.Errorf("%s: %q", s.name, words)
			}
		}
	}
}

// A form that somebody fills in for a drill says so once.
func TestFormsOfADrillAreMarked(t *testing.T) {
	t.Parallel()
	d := bottest.Failed(t).Deployment()
	d.Drill.On = true
	for verb := range reasonForms {
		for _, s := range []deployer.StepState{{}, *d.Step("rollout")} {
			if about := plainRenderer.ReasonAbout(verb, d, s); strings.Count(about, inADrill) != 1 {
				t.Errorf("%s: %q", verb, about)
			}
		}
	}
	f, err := plainRenderer.StepForm(StepForm{Deployment: d, Step: *d.Step("control")})
	if err != nil || strings.Count(firstWords(f.Blocks.BlockSet), inADrill) != 1 {
		t.Errorf("%q, %v", firstWords(f.Blocks.BlockSet), err)
	}
	clients := bottest.ForClients(t).Deployment()
	clients.Drill.On = true
	review := ReviewForm(clients, *clients.Step("told"), "We are back soon.", "")
	if about := firstWords(review.Blocks.BlockSet); strings.Count(about, inADrill) != 1 || !strings.Contains(about, "not sent to clients") {
		t.Errorf("%q", about)
	}
}

// What is no drill is never called one.
func TestNothingElseIsMarkedAsADrill(t *testing.T) {
	t.Parallel()
	for _, s := range scenes(t) {
		text, blocks := Card(s.d, s.progress, s.renderer, s.now)
		if !s.d.Drill.On && slices.ContainsFunc([]string{text, firstWords(blocks)}, func(words string) bool { return strings.Contains(words, inADrill) }) {
			t.Errorf("%s: %q", s.name, text)
		}
	}
}

// firstWords are those of the first block.
func firstWords(blocks []slack.Block) string {
	if len(blocks) == 0 {
		return ""
	}
	if s, ok := blocks[0].(*slack.SectionBlock); ok && s.Text != nil {
		return s.Text.Text
	}
	return ""
}
