package bottest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/deployer"
)

// BlockFaults holds blocks against Slack's limits and says what breaks one.
// https://docs.slack.dev/reference/block-kit/blocks
func BlockFaults(blocks []slack.Block) string {
	var out []string
	check := func(what string, n, most int) {
		if n < 1 || n > most {
			out = append(out, fmt.Sprintf("%s has %d, most is %d", what, n, most))
		}
	}
	check("the message", len(blocks), 50)
	check("all text", mrkdwn.TextUnits(blocks), 13_200)
	ids := map[string]bool{}
	for _, b := range blocks {
		if id := b.ID(); id != "" {
			check("block_id", mrkdwn.Units(id), 255)
			if ids[id] {
				out = append(out, "the block_id "+id+" is there twice")
			}
			ids[id] = true
		}
		switch b := b.(type) {
		case *slack.SectionBlock:
			check("section text", mrkdwn.Units(b.Text.Text), 3000)
		case *slack.PlanBlock:
			check("plan title", mrkdwn.Units(b.Title), 256)
			check("plan", len(b.Tasks), 50)
			tasks := map[string]bool{}
			for _, task := range b.Tasks {
				check("task title", mrkdwn.Units(task.Title), 256)
				if tasks[task.TaskID] {
					out = append(out, "the task_id "+task.TaskID+" is there twice")
				}
				tasks[task.TaskID] = true
			}
		case *slack.ContextBlock:
			check("context", len(b.ContextElements.Elements), 10)
			for _, e := range b.ContextElements.Elements {
				check("context text", mrkdwn.Units(e.(*slack.TextBlockObject).Text), 3000)
			}
		case *slack.ActionBlock:
			check("actions", len(b.Elements.ElementSet), 25)
			for _, e := range b.Elements.ElementSet {
				e := e.(*slack.ButtonBlockElement)
				check("button text", mrkdwn.Units(e.Text.Text), 75)
				check("button value", mrkdwn.Units(e.Value), 2000)
				check("action_id", mrkdwn.Units(e.ActionID), 255)
				if c := e.Confirm; c != nil {
					check("confirm title", mrkdwn.Units(c.Title.Text), 100)
					check("confirm text", mrkdwn.Units(c.Text.Text), 300)
					check("confirm button", mrkdwn.Units(c.Confirm.Text), 30)
					check("deny button", mrkdwn.Units(c.Deny.Text), 30)
				}
			}
		}
	}
	return strings.Join(out, "; ")
}

// NastyTexts is what people type and systems say.
var NastyTexts = []string{
	"<!channel> <@UBOB> & `ticks` @here", strings.Repeat("5,000 characters & more. ", 200), strings.Repeat("&", 5000),
	strings.Repeat("🚂", 3000), "", "a", strings.Repeat("line\n", 400), "*bold _it ~st ```", "</script>", strings.Repeat("`", 500),
}

// Oversized is a deployment in which everything is too long and there is too
// much of it.
func Oversized(rng *rand.Rand) deployer.Deployment {
	word := func() string { return NastyTexts[rng.IntN(len(NastyTexts))] }
	person := func() deployer.Actor { return deployer.Actor{ID: "U1", Name: word()} }
	parts := []deployer.Part{deployer.PartMain, deployer.PartMain, deployer.PartRollback}
	d := deployer.Deployment{
		ID: "tangerine-1", Seq: rng.IntN(1000), Requester: person(), Site: deployer.Site{Name: word(), Environment: word()}, Reason: word(), Why: word(),
		Status: []deployer.Status{deployer.Resolving, deployer.Running, deployer.Deciding, deployer.Halting, deployer.Complete,
			deployer.RolledBack, deployer.Stopped, deployer.Refused}[rng.IntN(8)],
		Part: parts[rng.IntN(3)], Created: TenPM, Inputs: map[string]string{}, Channels: map[string]string{"deploys": DeploysID},
	}
	d.Procedure.Title, d.Procedure.Failure.Decide = word(), word()
	for i := range rng.IntN(12) {
		id := fmt.Sprint("input", i)
		d.Procedure.Inputs = append(d.Procedure.Inputs, deployer.Input{ID: id, Label: word()})
		d.Inputs[id] = word()
	}
	for i := range rng.IntN(65) {
		service := fmt.Sprint(i, word())
		d.Releases = append(d.Releases, deployer.Release{Service: service, Tag: word()})
		if d.Status != deployer.Resolving {
			d.Targets = append(d.Targets, deployer.Target{Service: service, Before: deployer.State{Version: word()}, After: deployer.State{Image: word()}, Remarks: []string{word(), word()}})
			d.RollbackServices = append(d.RollbackServices, service)
		}
	}
	uses := []string{deployer.KindConfirm, deployer.KindApprove, deployer.KindAnnounce, deployer.KindRollout, deployer.KindWait, "kubernetes.verify", Build.Name}
	status := []deployer.StepStatus{deployer.Pending, deployer.Active, deployer.Active, deployer.Done, deployer.StepFailed, deployer.StepInterrupted, deployer.StepNotNeeded}
	for i := range rng.IntN([]int{10, 60, 201}[rng.IntN(3)]) {
		s := deployer.StepState{Step: deployer.Step{
			ID: fmt.Sprint("step-", i), Title: word(), Uses: uses[rng.IntN(len(uses))], With: deployer.Values{"role": {Text: word()}, "review": {Text: word()}, "count": {Number: rng.IntN(5)}, "to": {List: []string{word(), word()}}, "proceed": {Text: word()}},
			Expect: word(), Troubleshooting: word(), Estimate: time.Minute, Timeout: time.Hour,
		}, Part: parts[rng.IntN(3)], Status: status[rng.IntN(len(status))], Attempt: 1, Began: TenPM, Why: word(), By: person()}
		if s.Uses == Build.Name {
			s.Kind = &Build
		}
		if rng.IntN(4) == 0 {
			s.Held = deployer.Held{Why: word(), Until: TenPM}
		}
		var items []deployer.Item
		for range rng.IntN(40) {
			items = append(items, deployer.Item{Title: word(), Link: "https://wiki.example/" + word()})
		}
		s.With["items"] = deployer.Value{Items: items}
		s.Remind, s.Reminded = []time.Duration{time.Minute, time.Hour}, rng.IntN(3)
		if rng.IntN(5) == 0 {
			s.Skipped = deployer.Skipped{By: person(), Reason: word()}
		}
		for range rng.IntN(6) {
			s.Approvals = append(s.Approvals, deployer.Approval{By: person()})
		}
		for _, t := range d.Targets {
			e := deployer.Effect{Key: deployer.EffectKey{Step: s.ID, Item: t.Service}.String(), Item: t.Service,
				Stage:   []deployer.Stage{deployer.Acted, deployer.Settled}[rng.IntN(2)],
				Outcome: deployer.Outcome{Result: []deployer.Result{deployer.OK, deployer.Failed, deployer.Absent}[rng.IntN(3)], Why: word(), Detail: word(), Remark: word()}}
			if rng.IntN(8) == 0 {
				e.Gate = deployer.Gate{ID: word(), Asks: word()}
			}
			e.Untold = d.Status == deployer.Halting && !e.Open()
			s.Effects = append(s.Effects, e)
			if s.Deploys() && rng.IntN(2) == 0 {
				p := deployer.Effect{Key: deployer.EffectKey{Step: s.ID, Item: t.Service, Verb: deployer.VerbPause}.String(), Item: t.Service, Verb: deployer.VerbPause, Stage: deployer.Settled}
				p.Outcome = deployer.Outcome{Result: []deployer.Result{deployer.OK, deployer.Failed, deployer.Absent}[rng.IntN(3)], Why: word(), Detail: word()}
				s.Effects = append(s.Effects, p)
			}
		}
		d.Steps = append(d.Steps, s)
	}
	return d
}

// LoudNames has as many and as long names as can be.
type LoudNames struct{ Rng *rand.Rand }

// Role has up to thirty people.
func (l LoudNames) Role(string) []deployer.Actor {
	out := make([]deployer.Actor, l.Rng.IntN(30))
	for i := range out {
		out[i] = deployer.Actor{ID: fmt.Sprint("U", i), Name: fmt.Sprint(i, NastyTexts[l.Rng.IntN(len(NastyTexts))])}
	}
	return out
}

// Mention calls a group.
func (l LoudNames) Mention(string) string { return "<!subteam^S1>" }

// Call does as Mention does.
func (l LoudNames) Call(string, []string) string { return "<!subteam^S1>" }

// Holders are none, for more reasons than anybody reads.
func (l LoudNames) Holders(string) deployer.Holders {
	return deployer.Holders{Lacks: slices.Repeat([]string{strings.Repeat("<&> ", 40)}, 20)}
}

// Person is called as the deployment calls them.
func (l LoudNames) Person(p deployer.Actor) string { return p.Name }

// Renamed is everybody, and as loud as before.
func (l LoudNames) Renamed(p deployer.Actor) string { return p.Name }
