package view

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/deployer"
)

// cardSteps is the way through the procedure as Slack's own list of steps, a plan
// block. Slack folds it until somebody opens it, so that its title says what matters,
// and nothing that people need stands in it alone.
// https://docs.slack.dev/reference/block-kit/blocks/plan-block
type cardSteps struct{ card }

const (
	// stepsBlock stays the same through all edits: as long as it does, Slack leaves the
	// list open for whoever has opened it.
	stepsBlock = "steps"
	// planTitleMax is far below what Slack has been seen to take, which it does not
	// document; streams are promised 256.
	planTitleMax = 250
)

// blocks are the list; none where there is nothing to list, or Slack does not take it.
func (c cardSteps) blocks() []slack.Block {
	tasks := c.tasks()
	if c.PlainSteps || len(tasks) == 0 || c.d.Status == deployer.Refused {
		return nil
	}
	heading := strings.Join(cardFooter(c).facts(true), " · ")
	if c.d.Status == deployer.Complete || c.d.Status == deployer.RolledBack { // the facts need not say how far it is
		heading = strings.Join(compact(c.tally(c.path()), heading), " · ")
	}
	if c.d.Part == deployer.PartRollback {
		heading = "rollback: " + heading
	}
	plan := slack.NewPlanBlock(unescaped(mrkdwn.Capital(heading), planTitleMax), slack.PlanBlockOptionBlockID(stepsBlock))
	return []slack.Block{plan.WithTasks(tasks...)}
}

// unescaped are words for people as they stand where nothing has a meaning.
func unescaped(words string, most int) string { return mrkdwn.Bare(mrkdwn.Unescape(words), most) }

// tasks are the steps; of a long way those that matter now, and the others counted
// where they stand.
func (c cardSteps) tasks() []*slack.TaskCardBlock {
	lane := c.path()
	shown := c.shown(lane)
	var out []*slack.TaskCardBlock
	for i := 0; i < len(lane); {
		end := i
		for end < len(lane) && !shown[end] {
			end++
		}
		if end-i > 1 {
			out = append(out, c.counted(i, lane[i:end]))
			i = end
			continue
		}
		out = append(out, c.task(i, lane[i]))
		i++
	}
	return out
}

// shown are the places of the steps that stand by themselves: all where there is room,
// else first those that are under way or wait for somebody, then what comes next, then
// what did not go as it was meant, then what was done last. Each may have a count on
// both of its sides.
func (c cardSteps) shown(lane []deployer.StepState) map[int]bool {
	room := c.cardBudget.tasks
	if len(lane) > room {
		room /= 2
	}
	var current, coming, remarkable, behind []int
	for i, s := range lane {
		switch {
		case s.Status == deployer.Pending:
			coming = append(coming, i)
		case !s.Over():
			current = append(current, i)
		case s.Skipped.By.ID != "" || s.Noted():
			remarkable = append(remarkable, i)
		default:
			behind = append(behind, i)
		}
	}
	slices.Reverse(remarkable)
	slices.Reverse(behind)
	soon := min(len(coming), max(room/3, 1))
	places := slices.Concat(current, coming[:soon], remarkable, behind, coming[soon:])
	out := map[int]bool{}
	for _, i := range places[:min(len(places), room)] {
		out[i] = true
	}
	return out
}

// tally counts steps, and what of them did not go as it was meant.
func (c cardSteps) tally(steps []deployer.StepState) string {
	words := deployer.Count(len(steps), "step")
	waived, needless, failed := 0, 0, 0
	for _, s := range steps {
		switch {
		case s.Skipped.By.ID != "":
			waived++
		case s.Status == deployer.StepNotNeeded:
			needless++
		case s.Noted():
			failed++
		}
	}
	for _, n := range []struct {
		count int
		word  string
	}{{waived, "waived"}, {needless, "not needed"}, {failed, "failed"}} {
		if n.count > 0 {
			words += fmt.Sprintf(", %d %s", n.count, n.word)
		}
	}
	return words
}

// counted stands for several steps, one after the other.
func (c cardSteps) counted(at int, steps []deployer.StepState) *slack.TaskCardBlock {
	over := 0
	var phases []string
	for _, s := range steps {
		if s.Over() {
			over++
		}
		if name := mrkdwn.Escape(bare(c.d.Procedure.PhaseOf(s.Step).Title), mrkdwn.NameMax); name != "" && !slices.Contains(phases, name) {
			phases = append(phases, name)
		}
	}
	words, status := c.tally(steps), slack.TaskCardStatusInProgress
	switch over {
	case len(steps):
		status = slack.TaskCardStatusComplete
	case 0:
		words, status = deployer.Count(len(steps), "more step"), slack.TaskCardStatusPending
	}
	if len(c.d.Procedure.Phases) > 1 && len(phases) > 0 {
		words = mrkdwn.Join(phases, "and", 3) + ": " + words
	}
	return newTask(at, words, status)
}

// task is one step: where it stands, who is waited for or has answered, and why it is
// so.
func (c cardSteps) task(at int, s deployer.StepState) *slack.TaskCardBlock {
	words, why := c.titleOf(s), ""
	status := slack.TaskCardStatusPending
	switch {
	case s.Status == deployer.StepNotNeeded:
		words, why, status = words+" · not needed", s.Why, slack.TaskCardStatusComplete
	case s.Noted():
		words, why, status = words+" · "+broken(s)+", went on", s.Why, slack.TaskCardStatusError
	case s.Status == deployer.Done:
		words, why, status = words+cardFooter(c).by(s), s.Skipped.Reason, slack.TaskCardStatusComplete
	case s.Status == deployer.StepFailed, s.Status == deployer.StepInterrupted:
		words, why, status = words+" · "+broken(s), s.Why, slack.TaskCardStatusError
	case s.Status == deployer.Active && c.d.Status.Ended():
		words += " · not finished"
	case s.Status == deployer.Active && c.d.AwaitsPerson(s):
		words, status = words+" · waits for "+cardQuestion(c).whom(s), slack.TaskCardStatusInProgress
	case s.Status == deployer.Active:
		status = slack.TaskCardStatusInProgress
		if why = s.Held.Why; why != "" {
			words += " · waits"
		} else if !s.RetryAt.IsZero() {
			words, why = words+" · tried again", s.Why
		}
	}
	why = mrkdwn.Sentence(mrkdwn.Shorten(bare(why), c.text))
	if !s.Deploys() { // of what deploys it begins with the name of a service
		why = mrkdwn.Capital(why)
	}
	return withDetails(newTask(at, words, status), why)
}

// newTask has a title always, which Slack wants: of words that can't be seen nothing is left.
func newTask(at int, words string, status slack.TaskCardStatus) *slack.TaskCardBlock {
	title := cmp.Or(unescaped(words, planTitleMax), fmt.Sprintf("Step %d", at+1))
	return slack.NewTaskCardBlock(strconv.Itoa(at), title).WithStatus(status)
}

// withDetails adds the words below a task, escaped ones, which are all that opens with
// it.
func withDetails(t *slack.TaskCardBlock, words string) *slack.TaskCardBlock {
	if words = unescaped(words, mrkdwn.SectionMax); words == "" {
		return t
	}
	return t.WithDetails(slack.NewRichTextBlock("", slack.NewRichTextSection(slack.NewRichTextSectionTextElement(words, nil))))
}
