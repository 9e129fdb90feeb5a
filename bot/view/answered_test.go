package view

import (
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/deployer"
)

// The thread says who has answered a step, and with what, as they read it.
func TestThreadSaysWhatWasAnswered(t *testing.T) {
	t.Parallel()
	d := stepped(t, byHand(), asked(), decides(), calls())
	for name, test := range map[string]struct {
		step, item string
		values     map[string]string
		want       string
	}{
		"by hand": {"ticket", "", map[string]string{"key": "CC-1 <!here>", "url": "https://jira.example/CC-1", "due": "2026-02-06T03:00:00Z"},
			"✓ *The ticket* · done by hand by Bob\nKey: CC-1 &lt;!here&gt; · Link: <https://jira.example/CC-1|jira.example/CC-1> · Due: " + linkedRenderer.Date("tangerine", time.Date(2026, 2, 6, 3, 0, 0, 0, time.UTC))},
		"by hand, nothing to fill in": {"ticket", "", nil, "✓ *The ticket* · done by hand by Bob"},
		"asked": {"ask", "", map[string]string{"way": "hand", "backup": "true", "soak": "30m0s", "who": "UROSA Rosa", "fixes": "one\ntwo", "gone": "a field that is not there"},
			"✓ *The ticket* · answered by Bob\nWay: hand · With a backup: yes · Soak: 30 min · Who watches: Rosa · Fixes: one, two"},
		"decided":              {"verdict", "", map[string]string{"choice": "alone", "reason": "nobody rides"}, "✓ *The ticket* · answered by Bob\nChoice: Alone, tonight · Why: nobody rides"},
		"called":               {"there", "sre", nil, "✓ *The ticket* · Bob is here for sre"},
		"a service of several": {"ticket", "web", map[string]string{"key": "CC-1"}, "✓ *The ticket*, web · done by hand by Bob\nKey: CC-1"},
	} {
		t.Run(name, func(t *testing.T) {
			m := deployer.Message{Kind: deployer.MessageNote, Note: deployer.Note{Kind: deployer.NoteConfirmed, Step: "The ticket", By: bottest.Bob, Detail: test.item}, Args: map[string]string{deployer.AnsweredStep: test.step}}
			for id, value := range test.values {
				m.Args[deployer.AnsweredField+id] = value
			}
			if got, _ := Message(m, d, linkedRenderer); got != test.want {
				t.Errorf("it says\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

// What is long is cut, and what has no room is counted.
func TestLongAnswersFitTheThread(t *testing.T) {
	t.Parallel()
	s := asked()
	m := deployer.Message{Kind: deployer.MessageNote, Note: deployer.Note{Kind: deployer.NoteConfirmed, Step: "It is known", By: bottest.Bob}, Args: map[string]string{deployer.AnsweredStep: s.ID}}
	for _, in := range s.With["inputs"].Inputs {
		m.Args[deployer.AnsweredField+in.ID] = strings.Repeat("<&> long ", 300)
	}
	got, _ := Message(m, stepped(t, s), linkedRenderer)
	if n := mrkdwn.Units(got); n > 2*whyMax+200 || !strings.HasSuffix(got, "more") {
		t.Errorf("%d units: %s", n, got)
	}
}

// A tongue knows what some placeholders stand for.
type tongue map[string]string

func (tongue) Compute(string, deployer.ParamType, deployer.Moment) (deployer.Value, error) {
	return deployer.Value{}, errors.New("it can't be told")
}

func (tongue) With(deployer.Moment) (deployer.Values, error) { return nil, nil }

func (w tongue) Words(text string, _ deployer.Moment) (map[string]string, error) {
	path := strings.Trim(text, "{}")
	value, ok := w[path]
	if !ok {
		return nil, errors.New("nobody knows " + path)
	}
	return map[string]string{path: value}, nil
}

// dates are those that Slack writes for each reader, with braces of its own.
var dates = regexp.MustCompile(`<!date[^>]*>`)

// wordsOf are the words of blocks, without the buttons.
func wordsOf(blocks []slack.Block) string {
	var out []string
	for _, b := range blocks {
		switch b := b.(type) {
		case *slack.SectionBlock:
			out = append(out, b.Text.Text)
		case *slack.PlanBlock:
			out = append(out, b.Title)
			for _, task := range b.Tasks {
				out = append(out, task.Title)
			}
		case *slack.ContextBlock:
			for _, e := range b.ContextElements.Elements {
				out = append(out, e.(*slack.TextBlockObject).Text)
			}
		}
	}
	return strings.Join(out, "\n")
}

// inTheFoot draws for a workspace that takes no list of steps.
func inTheFoot(r Renderer) Renderer {
	r.PlainSteps = true
	return r
}

// Of a step that has not begun people see what is known of its title, and never a brace.
func TestTitlesOfWhatHasNotBegunHoldNoBraces(t *testing.T) {
	t.Parallel()
	speaks := linkedRenderer
	speaks.Language = tongue{"vars.room": "<room>", "inputs.at": "2026-02-06T03:00:00Z", "steps.ticket.key": "CC-1", "steps.later.key": "guessed"}
	title := "{vars.room} opens {inputs.at}, {steps.ticket.key}, {steps.later.key}{nobody}"
	done := deployer.StepState{Step: deployer.Step{ID: "ticket", Title: "Ticket", Uses: "jira.ticket"}, Status: deployer.Done, Attempt: 1}
	next := deployer.StepState{Step: deployer.Step{ID: "room", Title: title, Uses: deployer.KindConfirm}, Status: deployer.Pending}
	due := afterEnd(t)
	due.Steps = append(due.Steps, done)
	due.Steps = append(due.Steps, deployer.StepState{Step: deployer.Step{ID: "room", Title: title, Uses: deployer.KindConfirm, In: time.Hour}, Part: deployer.PartAfter, Status: deployer.Pending})
	for name, test := range map[string]struct {
		d    deployer.Deployment
		r    Renderer
		want string
	}{
		"next":               {stepped(t, done, next), speaks, "next: <room> opens 5 Feb 22:00 EST, CC-1, ……"},
		"due":                {bound(due), speaks, "• &lt;room&gt; opens 5 Feb 22:00 EST, CC-1, …… ·"},
		"without a language": {stepped(t, done, next), linkedRenderer, "next: … opens …, …, ……"},
		"in the foot":        {stepped(t, done, next), inTheFoot(speaks), "next: &lt;room&gt; opens 5 Feb 22:00 EST, CC-1, ……"},
	} {
		_, blocks := Card(test.d, nil, test.r, bottest.TenPM.Add(5*time.Minute))
		text := wordsOf(blocks)
		if !strings.Contains(text, test.want) || strings.ContainsAny(dates.ReplaceAllString(text, ""), "{}") {
			t.Errorf("%s: the card says\n%s\nwant %s", name, text, test.want)
		}
	}
	skipped := deployer.Message{Kind: deployer.MessageNote, Note: deployer.Note{Kind: deployer.NoteDecided, Choice: deployer.ChoiceSkip, Step: title, By: bottest.Bob}}
	if got, _ := Message(skipped, due, speaks); strings.Contains(got, "{") {
		t.Errorf("the thread says %s", got)
	}
}
