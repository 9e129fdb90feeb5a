package trial

import (
	"errors"
	"slices"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// An answer is what somebody says, and when.
type answer struct {
	at     time.Time
	people []string // whoever of them may
	give   deployer.Answer
	with   []deployer.Answer // what is said by the same form
	counts bool              // it is a decision after a failure
}

// command is the order by which it is given.
func (a answer) command() deployer.Command {
	if len(a.with) == 0 {
		return a.give
	}
	return deployer.AnswerAll{Answers: append([]deployer.Answer{a.give}, a.with...)}
}

// together adds to an answer what the same people say by the same form: each is one tap.
func (w *world) together(a answer) answer {
	s := w.d.Step(a.give.Step)
	if s == nil || a.give.Choice != deployer.ChoiceDone && a.give.Choice != deployer.ChoiceSend {
		return a
	}
	asked := deployer.Together(w.d, *s)
	for _, other := range w.answers() {
		is := func(q deployer.Question) bool { return q.Step.ID == other.give.Step && q.Item == other.give.Item }
		same := other.give.Step == a.give.Step && other.give.Item == a.give.Item
		if !same && !other.at.After(w.now) && slices.Equal(other.people, a.people) && slices.ContainsFunc(asked, is) {
			a.with = append(a.with, other.give)
		}
	}
	return a
}

// answers are what people say next, of each question the first.
func (w *world) answers() []answer {
	var out []answer
	if !w.lives() {
		return nil
	}
	for _, s := range w.d.Current() {
		if s.Status == deployer.Active && w.d.AwaitsPerson(s) {
			out = append(out, w.answersTo(s)...)
		}
	}
	if w.d.Status == deployer.Halting && len(w.d.Options()) > 0 {
		return append(out, answer{at: w.now.Add(minute), people: w.deciders(), give: deployer.Answer{Choice: deployer.ChoiceStop, Comment: decidedSo}})
	}
	return append(out, w.decisionsNow()...)
}

// answersTo are the answers to a step: one, or one a member.
func (w *world) answersTo(s deployer.StepState) []answer {
	var out []answer
	if s.Approves() && len(deployer.OpenRequests(s)) > 0 {
		return w.replies(s)
	}
	items, roles := deployer.Unanswered(w.d, s), map[string]string{}
	for _, role := range s.With["roles"].List {
		roles[role] = role // each of them is asked by itself
	}
	if len(items) == 0 && !s.Confirms() {
		items = []string{""}
	}
	for _, item := range items {
		var best *answer
		role := roles[item]
		if role == "" {
			role = w.asks(s)
		}
		people := w.people(role)
		if len(s.With["roles"].Counts) > 0 { // whose role is not missing any more has nothing to say
			for _, name := range deployer.MissingApprovals(w.d, s) {
				people = append(people, w.holders(name)...)
			}
		}
		slices.Sort(people)
		for _, person := range slices.Compact(people) {
			o, ok := w.director.Answer(s, item, person)
			if !ok || s.Approves() && slices.ContainsFunc(deployer.Counted(w.d), func(by deployer.Actor) bool { return by.ID == person }) {
				continue // nobody is two
			}
			a := w.answer(s, item, person, o)
			switch {
			case best == nil || a.at.Before(best.at):
				best = &a
			case a.at.Equal(best.at):
				best.people = append(best.people, person)
			}
		}
		if best != nil {
			out = append(out, *best)
		}
	}
	return out
}

// replies is the requester's answer to what somebody wants changed, a minute later.
func (w *world) replies(s deployer.StepState) []answer {
	people := []string{w.d.Requester.ID}
	if w.d.Requester.Kind != deployer.ActorPerson {
		people = w.deciders()
	}
	last := s.Requests[len(s.Requests)-1]
	return []answer{{at: last.At.Add(minute), people: people, give: deployer.Answer{
		Step: s.ID, Attempt: s.Attempt, Choice: deployer.ChoiceReply, Comment: "It is changed.",
	}}}
}

// asks is the role that a step asks.
func (w *world) asks(s deployer.StepState) string {
	if _, _, ok := s.GateOf(); ok {
		return s.GateRole()
	}
	return s.Role()
}

// people are those of a role; the requester where it names none.
func (w *world) people(role string) []string {
	switch role {
	case "", deployer.RoleRequester:
		return []string{w.d.Requester.ID}
	case deployer.RoleEveryone:
		return []string{"somebody"}
	}
	return slices.Clone(w.holders(role))
}

// answer is what somebody says at a step.
func (w *world) answer(s deployer.StepState, item, person string, o Outcome) answer {
	a := answer{at: s.Asked().Add(orMinute(o)), people: []string{person}}
	for _, r := range s.Requests {
		if replied := r.Reply.At.Add(minute); replied.After(a.at) {
			a.at = replied
		}
	}
	a.give = deployer.Answer{Step: s.ID, Attempt: s.Attempt, Item: item, Comment: o.Outputs["comment"]}
	switch {
	case s.Approves() && o.Fails != "":
		a.give.Choice, a.give.Comment = deployer.ChoiceReject, "It is not right."
	case s.Approves() && o.Choice == requestsChanges && len(s.Requests) == 0:
		a.give.Choice, a.give.Comment = deployer.ChoiceChanges, "Something is missing."
	case s.Approves():
		a.give.Choice, a.give.Subject = deployer.ChoiceApprove, w.d.Subject().Hash()
	case s.Announces():
		a.give.Choice, a.give.Values = deployer.ChoiceSend, deployer.ClientWords("We are working on it.")
	default:
		a.give.Choice, a.give.Values = deployer.ChoiceDone, w.fill(s, item, o)
	}
	return a
}

func orMinute(o Outcome) time.Duration {
	switch {
	case o.Nobody > 0:
		return o.Nobody
	case o.After > 0:
		return o.After
	}
	return minute
}

// fill fills in the fields of a form: as it is said, else with the default, else
// with something that fits.
func (w *world) fill(s deployer.StepState, item string, o Outcome) map[string]string {
	out := map[string]string{}
	for _, in := range deployer.FieldsOf(s, item) {
		value, ok := o.Outputs[in.ID]
		if in.ID == "choice" && o.Choice != "" {
			value, ok = o.Choice, true
		}
		switch {
		case ok:
			out[in.ID] = value
		case in.Default != "":
			out[in.ID] = in.Default
		default:
			out[in.ID] = w.example(in)
		}
	}
	for i := range deployer.Checklist(s, item) {
		out[deployer.TickOf(i+1)] = deployer.Ticked
	}
	return out
}

// example is something that fits an input.
func (w *world) example(in deployer.Input) string {
	switch {
	case len(in.Options) > 0:
		return in.Options[0]
	case in.Pattern != "":
		return fitting(in.Pattern)
	case in.Kind == deployer.InputBoolean:
		return "false"
	case in.Kind == deployer.InputNumber:
		return "1"
	case in.Kind == deployer.InputTime:
		return w.now.UTC().Format(time.RFC3339)
	case in.Kind == deployer.InputDuration:
		return "1h0m0s"
	case in.Kind == deployer.InputLink:
		return "https://example.com/" + in.ID
	case in.Kind == deployer.InputPerson:
		return w.d.Requester.ID + " " + w.d.Requester.Name
	}
	return in.ID
}

// The words that tests have for what is decided after a failure.
var decisions = map[string]deployer.Choice{
	"": deployer.ChoiceRetry, "retry": deployer.ChoiceRetry, "check-again": deployer.ChoiceCheck, "skip": deployer.ChoiceSkip,
	"patch-forward": deployer.ChoicePatch, "roll-back": deployer.ChoiceRollBack, "stop": deployer.ChoiceStop,
}

// decidedSo is the reason that people give for what they decide.
const decidedSo = "It was decided so."

// deciders are those who may decide, the requester last.
func (w *world) deciders() []string {
	var people []string
	for _, role := range w.d.Deciders() {
		people = append(people, w.people(role)...)
	}
	return append(people, w.d.Requester.ID)
}

// decisionsNow are what becomes of what has failed: of all that the deployment goes
// through as the test says, of each step beside it or after the end that it goes on
// without.
func (w *world) decisionsNow() []answer {
	var out []answer
	decided := false
	for _, s := range w.d.Steps {
		options := deployer.StepOptions(w.d, s)
		whole := slices.Contains(options, deployer.ChoiceStop)
		if s.Status != deployer.StepFailed && s.Status != deployer.StepInterrupted || len(options) == 0 || whole && decided {
			continue
		}
		decided = decided || whole
		o, choice := Outcome{}, deployer.ChoiceSkip
		if whole {
			o = w.director.Decides(w.decisions + 1)
			choice = decisions[o.Choice]
			if !slices.Contains(options, deployer.ChoiceRetry) && choice != deployer.ChoiceStop {
				continue // something is under way still, and the decision waits for that
			}
		}
		a := answer{at: s.Finished.Add(orMinute(o)), people: w.deciders(), counts: whole}
		if s.MaySkip != "" && choice == deployer.ChoiceSkip {
			a.people = append(slices.Clone(w.people(s.MaySkip)), a.people...)
		}
		a.give = deployer.Answer{Step: s.ID, Attempt: s.Attempt, Choice: possible(choice, options), Comment: decidedSo}
		if a.give.Choice == deployer.ChoicePatch {
			a.give.Values = patchedTo(w.d, o)
		}
		out = append(out, a)
	}
	return out
}

// patchedTo are the tags that somebody patches forward to: those that the test says, or
// for every service the next one.
func patchedTo(d deployer.Deployment, o Outcome) map[string]string {
	if len(o.Outputs) > 0 {
		return o.Outputs
	}
	out := map[string]string{}
	for _, r := range d.Releases {
		out[r.Service] = r.Tag + "-patched"
	}
	return out
}

// possible is what is decided, or where that can't be the next best.
func possible(choice deployer.Choice, options []deployer.Choice) deployer.Choice {
	for _, c := range []deployer.Choice{choice, deployer.ChoiceRetry, deployer.ChoiceSkip, deployer.ChoiceStop} {
		if slices.Contains(options, c) {
			return c
		}
	}
	return options[0]
}

// give has the first of those who may say it.
func (w *world) give(a answer) error {
	var refused error
	for _, person := range a.people {
		taps := w.taps
		if w.d.Status.Ended() {
			taps = w.tapsAfter
		}
		err := w.order(deployer.Actor{ID: person, Name: person}, a.command())
		if r := (*deployer.Refusal)(nil); errors.As(err, &r) {
			refused = err
			continue
		}
		if err == nil {
			taps[person]++
			if a.counts {
				w.decisions++
			}
		}
		return err
	}
	if refused != nil {
		return errors.New("nobody may answer: " + refused.Error())
	}
	return nil
}
