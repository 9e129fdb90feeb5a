package bot

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/slowtest"
)

// faults holds blocks against Slack's limits and says what breaks one.
// https://docs.slack.dev/reference/block-kit/blocks
func faults(blocks []slack.Block) string {
	var out []string
	check := func(what string, n, most int) {
		if n < 1 || n > most {
			out = append(out, fmt.Sprintf("%s has %d, most is %d", what, n, most))
		}
	}
	check("the message", len(blocks), 50)
	check("all text", words(blocks), 13_200)
	ids := map[string]bool{}
	for _, b := range blocks {
		if id := b.ID(); id != "" {
			check("block_id", units(id), 255)
			if ids[id] {
				out = append(out, "the block_id "+id+" is there twice")
			}
			ids[id] = true
		}
		switch b := b.(type) {
		case *slack.SectionBlock:
			check("section text", units(b.Text.Text), 3000)
		case *slack.ContextBlock:
			check("context", len(b.ContextElements.Elements), 10)
			for _, e := range b.ContextElements.Elements {
				check("context text", units(e.(*slack.TextBlockObject).Text), 3000)
			}
		case *slack.ActionBlock:
			check("actions", len(b.Elements.ElementSet), 25)
			for _, e := range b.Elements.ElementSet {
				e := e.(*slack.ButtonBlockElement)
				check("button text", units(e.Text.Text), 75)
				check("button value", units(e.Value), 2000)
				check("action_id", units(e.ActionID), 255)
				if c := e.Confirm; c != nil {
					check("confirm title", units(c.Title.Text), 100)
					check("confirm text", units(c.Text.Text), 300)
					check("confirm button", units(c.Confirm.Text), 30)
					check("deny button", units(c.Deny.Text), 30)
				}
			}
		}
	}
	return strings.Join(out, "; ")
}

// nasty is what people type and systems say.
var nasty = []string{
	"<!channel> <@UBOB> & `ticks` @here", strings.Repeat("5,000 characters & more. ", 200), strings.Repeat("&", 5000),
	strings.Repeat("🚂", 3000), "", "a", strings.Repeat("line\n", 400), "*bold _it ~st ```", "</script>", strings.Repeat("`", 500),
}

// monster is a deployment in which everything is too long and there is too
// much of it.
func monster(rng *rand.Rand) deployer.Deployment {
	word := func() string { return nasty[rng.IntN(len(nasty))] }
	person := func() deployer.Person { return deployer.Person{ID: "U1", Name: word()} }
	d := deployer.Deployment{
		ID: "tangerine-1", Seq: rng.IntN(1000), Requester: person(), Retailer: word(), Environment: word(), Reason: word(), Why: word(),
		Status: []deployer.Status{deployer.Resolving, deployer.Running, deployer.Deciding, deployer.Halting, deployer.Complete,
			deployer.RolledBack, deployer.Stopped, deployer.Refused}[rng.IntN(8)],
		Back: rng.IntN(3) == 0, Created: tenPM, Inputs: map[string]string{}, Channels: map[string]string{"deploys": deploysID},
	}
	d.Procedure.Title, d.Procedure.Failure.Decide = word(), word()
	for i := range rng.IntN(12) {
		id := fmt.Sprint("input", i)
		d.Procedure.Inputs = append(d.Procedure.Inputs, deployer.Input{ID: id, Label: word()})
		d.Inputs[id] = word()
	}
	for i := range rng.IntN(65) {
		service := fmt.Sprint(i, word())
		d.Wants = append(d.Wants, deployer.Want{Service: service, Tag: word()})
		if d.Status != deployer.Resolving {
			d.Targets = append(d.Targets, deployer.Target{Service: service, Before: deployer.State{Version: word()}, After: deployer.State{Image: word()}})
			d.Undo = append(d.Undo, service)
		}
	}
	uses := []string{deployer.KindConfirm, deployer.KindApprove, deployer.KindAnnounce, deployer.KindRollout, deployer.KindWait, "kubernetes.verify"}
	status := []deployer.StepStatus{deployer.Pending, deployer.Active, deployer.Active, deployer.Done, deployer.StepFailed, deployer.StepInterrupted}
	for i := range rng.IntN([]int{10, 60, 201}[rng.IntN(3)]) {
		s := deployer.StepState{Step: deployer.Step{
			ID: fmt.Sprint("step-", i), Title: word(), Uses: uses[rng.IntN(len(uses))], Role: word(), Count: rng.IntN(5),
			Expect: word(), Troubleshooting: word(), Estimate: time.Minute, Timeout: time.Hour, To: []string{word(), word()},
		}, Back: rng.IntN(3) == 0, Status: status[rng.IntN(len(status))], Attempt: 1, Began: tenPM, Why: word(), By: person()}
		for range rng.IntN(40) {
			s.Items = append(s.Items, deployer.Item{Title: word(), Link: "https://wiki.example/" + word()})
		}
		s.Remind, s.Reminded = []time.Duration{time.Minute, time.Hour}, rng.IntN(3)
		if rng.IntN(5) == 0 {
			s.Skipped = deployer.Skipped{By: person(), Reason: word()}
		}
		for range rng.IntN(6) {
			s.Approvals = append(s.Approvals, deployer.Approval{By: person()})
		}
		for _, t := range d.Targets {
			s.Effects = append(s.Effects, deployer.Effect{Key: s.ID + "/" + t.Service, Service: t.Service,
				Stage:   []deployer.Stage{deployer.Acted, deployer.Settled}[rng.IntN(2)],
				Outcome: deployer.Outcome{Result: []deployer.Result{deployer.OK, deployer.Failed, deployer.Absent}[rng.IntN(3)], Why: word(), Detail: word()}})
		}
		d.Steps = append(d.Steps, s)
	}
	return d
}

// noise is a guide that has more, and longer, of everything than fits.
func noise(rng *rand.Rand, d deployer.Deployment) guide {
	long := func() map[string]deployer.Link {
		out := map[string]deployer.Link{}
		for i := range rng.IntN(9) {
			out[fmt.Sprint(i, nasty[rng.IntN(len(nasty))])] = deployer.Link("https://git.example/" + strings.Repeat("x", rng.IntN(480)) + "?by={requester}&v={to}#{input1}")
		}
		return out
	}
	g := guide{names: loud{rng}, command: "/deploy", services: map[string]Service{}, retailers: map[string]Retailer{
		d.Retailer: {Zone: newYork(), Links: long()},
	}}
	g.retailers[d.Retailer].Links["input1"] = "https://jira.example/browse/{input1}"
	for _, t := range d.Targets {
		g.services[t.Service] = Service{Links: long()}
	}
	return g
}

// loud has as many and as long names as can be.
type loud struct{ rng *rand.Rand }

func (l loud) Role(string) []string {
	out := make([]string, l.rng.IntN(30))
	for i := range out {
		out[i] = fmt.Sprint(i, nasty[l.rng.IntN(len(nasty))])
	}
	return out
}
func (l loud) Mention(string) string           { return "<!subteam^S1>" }
func (l loud) Call(string, []string) string    { return "<!subteam^S1>" }
func (l loud) Person(p deployer.Person) string { return p.Name }

// Whatever it is about, Slack takes the card: one that it refuses leaves
// people without buttons. The emulator is the judge besides our own reading of
// the limits.
func TestMonstersFitIntoACard(t *testing.T) {
	f := newOffice(t)
	api := f.client()
	p := newPoster(api, pace{}.withDefaults(), nil)
	for seed := range slowtest.Runs(20, 120) {
		rng := rand.New(rand.NewPCG(uint64(seed), 2))
		d := monster(rng)
		progress := map[string]deployer.Progress{}
		for _, e := range d.Open() {
			progress[e.Key] = deployer.Progress{Total: 6, Updated: rng.IntN(7), Note: nasty[rng.IntN(len(nasty))]}
		}
		text, blocks := renderCard(d, progress, noise(rng, d), tenPM)
		if e := faults(blocks); e != "" {
			t.Fatalf("seed %d: %s", seed, e)
		}
		if units(text) > textMost {
			t.Fatalf("seed %d: the text has %d units", seed, units(text))
		}
		if strings.Contains(text, "<!c") || strings.Contains(text, "<@") {
			t.Fatalf("seed %d: the text mentions: %s", seed, text)
		}
		accepted(t, p, text, blocks)
	}
}

// accepted has Slack take a message as a post and as an edit.
func accepted(t *testing.T, p *poster, text string, blocks []slack.Block) {
	t.Helper()
	l := deployer.Letter{Message: deployer.Message{Kind: "card", Mark: "card", Channel: deploysID}, Deployment: "tangerine-1"}
	post, err := p.post(context.Background(), l, "", text, blocks)
	if err == nil {
		err = p.edit(context.Background(), post, text, blocks)
	}
	if err != nil {
		b, _ := json.MarshalIndent(blocks, "", " ")
		t.Fatalf("Slack refuses it: %v\n%+v\n%s", err, err, b)
	}
}

func TestSlackTakesEveryScene(t *testing.T) {
	f := newOffice(t)
	p := newPoster(f.client(), pace{}.withDefaults(), nil)
	for _, s := range scenes(t) {
		text, blocks := renderCard(s.d, s.progress, s.guide, s.now)
		if e := faults(blocks); e != "" {
			t.Errorf("%s: %s", s.name, e)
		}
		accepted(t, p, text, blocks)
	}
}

// Everything that can stand in the thread, for the same deployment.
func TestThread(t *testing.T) {
	d := failedNight(t).d()
	note := func(what string, n deployer.Note) deployer.Message {
		n.What = what
		return deployer.Message{Kind: deployer.MessageNote, Note: n}
	}
	for name, m := range map[string]deployer.Message{
		"step-done":        note("step-done", deployer.Note{Step: "Roll out"}),
		"step-failed":      note("step-failed", deployer.Note{Step: "Roll out", Why: crash, Detail: "boom\npanic: <no> `database` & more"}),
		"step-interrupted": note("step-interrupted", deployer.Note{Step: "Roll out", Why: "Somebody else changed it."}),
		"confirmed":        note("confirmed", deployer.Note{Step: "Change control is followed", By: ana}),
		"approved":         note("approved", deployer.Note{Step: "Tech lead approves", By: bob}),
		"voided":           note("voided", deployer.Note{Step: "Tech lead approves", Why: "It runs 3 now."}),
		"decided-check":    note("decided:Check again", deployer.Note{Step: "Roll out", By: bob}),
		"decided-rollback": note("decided:Roll back", deployer.Note{Step: "Roll out", By: bob, Why: "customers wait", Detail: "orders, web"}),
		"decided-stop":     note("decided:Stop", deployer.Note{By: bob, Why: "Stopped by Bob: <!channel>"}),
		"undelivered":      note("undelivered", deployer.Note{Step: "starting/change", Why: "I am not in the channel for change: invite me there with /invite."}),
		"undelivered-card": note("undelivered", deployer.Note{Step: "card", Why: "The channel is archived."}),
		"ended-stopped":    note("ended:stopped", deployer.Note{Why: "Stopped by Bob."}),
		"ended-complete":   note("ended:complete", deployer.Note{}),
		"unknown":          note("something-new", deployer.Note{Step: "Roll out", Why: "as it is"}),
		"ask-approve":      {Kind: deployer.MessageAsk, Role: "tech-lead", Note: deployer.Note{What: "approve", Step: "Tech lead approves", Why: "web runs 3 now"}},
		"ask-nobody":       {Kind: deployer.MessageAsk, Role: "nobody", Note: deployer.Note{What: "approve", Step: "Tech lead approves"}},
		"ask-requester":    {Kind: deployer.MessageAsk, To: "UANA", Note: deployer.Note{What: "confirm", Step: "Wrap up"}},
		"remind-approve":   {Kind: deployer.MessageRemind, Role: "tech-lead", Args: map[string]string{deployer.RemindSince: "1770328920"}, Note: deployer.Note{What: "approve", Step: "Tech lead approves"}},
		"remind-last":      {Kind: deployer.MessageRemind, Role: "tech-lead", Args: map[string]string{deployer.RemindSince: "1770328920", deployer.RemindLast: "yes"}, Note: deployer.Note{What: "approve", Step: "Tech lead approves"}},
		"remind-requester": {Kind: deployer.MessageRemind, Args: map[string]string{deployer.RemindSince: "1770328920", deployer.RemindLast: "yes"}, Note: deployer.Note{What: "confirm", Step: "Wrap up"}},
		"refused":          {Kind: deployer.MessageRefused, To: "UANA", Note: deployer.Note{What: "refused", Why: "There is no tag v9. Did you mean v8?"}},
	} {
		t.Run(name, func(t *testing.T) {
			d := d
			d.Ended = d.Created.Add(19 * time.Minute)
			text, blocks := renderLetter(m, d, noted)
			if e := faults(blocks); e != "" {
				t.Error(e)
			}
			golden(t, filepath.Join("thread", name), text, blocks)
		})
	}
}
