package view

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/deployer"
)

// planOf is the list of steps on a card, or nil.
func planOf(blocks []slack.Block) *slack.PlanBlock {
	for _, b := range blocks {
		if p, ok := b.(*slack.PlanBlock); ok {
			return p
		}
	}
	return nil
}

// linesOf is a list of steps as it reads: its title, then a line for each task.
func linesOf(p *slack.PlanBlock) []string {
	if p == nil {
		return nil
	}
	out := []string{p.Title}
	for _, t := range p.Tasks {
		line := string(t.Status) + ": " + t.Title
		if t.Details != nil {
			line += " | " + t.Details.Elements[0].(*slack.RichTextSection).Elements[0].(*slack.RichTextSectionTextElement).Text
		}
		out = append(out, line)
	}
	return out
}

// long is a deployment of so many steps, of which some are behind, one waits for Ana, and
// the others are to come.
func long(t *testing.T, steps, behind int) deployer.Deployment {
	t.Helper()
	d := bottest.Confirmed(t).Deployment()
	d.Procedure.Phases = []deployer.Phase{{ID: "before", Title: "Before"}, {ID: "night", Title: "The night"}}
	d.Steps = nil
	for i := range steps {
		s := deployer.StepState{Step: deployer.Step{ID: fmt.Sprint("s", i), Title: fmt.Sprint("Step ", i), Uses: deployer.KindConfirm, Phase: "before"}, Status: deployer.Pending}
		if i > behind+1 {
			s.Phase = "night"
		}
		switch {
		case i < behind:
			s.Status, s.Attempt = deployer.Done, 1
		case i == behind:
			s.Status, s.Attempt, s.Began = deployer.Active, 1, bottest.TenPM
		}
		d.Steps = append(d.Steps, s)
	}
	return bound(d)
}

// Of a procedure of 500 steps people see where it is, what comes, and what did not go as
// it was meant; the others are counted, each exactly once.
func TestLongProceduresShowWhatMattersNow(t *testing.T) {
	t.Parallel()
	d := long(t, 500, 200)
	d.Steps[3].Skipped = deployer.Skipped{By: bottest.Bob, Reason: "not tonight"}
	d.Steps[4].Status, d.Steps[4].Why = deployer.StepNotNeeded, "the risk is low"
	_, blocks := Card(d, nil, plainRenderer, bottest.TenPM)
	if faults := bottest.BlockFaults(blocks); faults != "" {
		t.Error(faults)
	}
	got := linesOf(planOf(blocks))
	want := []string{
		"Before: step 201 of 500 · next: Step 201",
		"complete: Before: 3 steps", "complete: Step 3 · waived by Bob | Not tonight.", "complete: Before: 188 steps, 1 not needed",
		"complete: Step 192", "complete: Step 193", "complete: Step 194", "complete: Step 195", "complete: Step 196", "complete: Step 197", "complete: Step 198", "complete: Step 199",
		"in_progress: Step 200 · waits for Ana",
		"pending: Step 201", "pending: Step 202", "pending: Step 203", "pending: Step 204", "pending: Step 205", "pending: The night: 294 more steps",
	}
	if !slices.Equal(got, want) {
		t.Errorf("it lists\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// However many steps there are, and wherever it stands: each stands in the list once, by
// itself or counted, and the list is as long as Slack takes.
func TestEveryStepIsListedOrCounted(t *testing.T) {
	t.Parallel()
	for _, steps := range []int{1, 2, 29, 30, 31, 32, 60, 499, 500} {
		for _, behind := range []int{0, 1, steps / 2, steps - 1, steps} {
			d := long(t, steps, behind)
			_, blocks := Card(d, nil, plainRenderer, bottest.TenPM)
			plan, n := planOf(blocks), 0
			for _, task := range plan.Tasks {
				of, counted := 0, task.Title[max(strings.LastIndex(task.Title, ": "), -2)+2:]
				if _, err := fmt.Sscanf(counted, "%d ", &of); err != nil {
					of = 1
				}
				n += of
			}
			if n != steps || len(plan.Tasks) > 31 {
				t.Errorf("%d steps, %d behind: %d are in %d tasks", steps, behind, n, len(plan.Tasks))
			}
		}
	}
}

// Where many steps are under way at once, those that are not listed are counted as such.
func TestManyStepsAtOnceAreCountedAsUnderWay(t *testing.T) {
	t.Parallel()
	d := long(t, 100, 0)
	for i := range d.Steps {
		d.Steps[i].Status, d.Steps[i].Attempt = deployer.Active, 1
	}
	d.Steps[70].Status = deployer.Done
	_, blocks := Card(d, nil, plainRenderer, bottest.TenPM)
	got := linesOf(planOf(blocks))
	if last := got[len(got)-1]; !strings.HasPrefix(last, "in_progress: ") || !strings.HasSuffix(last, " steps") {
		t.Errorf("the rest is %q", last)
	}
}

// What has ended shows nothing as if it were under way.
func TestNothingTurnsOnTheCardOfWhatHasEnded(t *testing.T) {
	t.Parallel()
	for _, s := range scenes(t) {
		_, blocks := Card(s.d, s.progress, s.renderer, s.now)
		for _, line := range linesOf(planOf(blocks)) {
			if s.d.Status.Ended() && strings.HasPrefix(line, string(slack.TaskCardStatusInProgress)) {
				t.Errorf("%s: %s", s.name, line)
			}
		}
	}
}
