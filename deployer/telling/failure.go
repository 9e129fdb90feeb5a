package telling

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/readout"
)

// A start is announced before the rollout looks at its target once more. Where
// that has changed, the approval is void and asked for again, which may take
// an hour: whoever read that it starts is told that it waits, and then that it
// goes on. The start itself is not announced again.

// held are those messages when an approval is asked again.
func (d writer) held(approve deployer.StepState, at time.Time, why string) []deployer.Message {
	if !d.onlyVoided(approve) {
		return nil // it was told when the first of several was voided
	}
	return d.tell(deployer.MessageHeld, d.Procedure.Failure.Held, d.toldOf(approve), at, map[string]string{"why": why})
}

// resumed are those when it was given again.
func (d writer) resumed(approve deployer.StepState, at time.Time) []deployer.Message {
	for _, s := range d.Steps {
		if s.Approves() && s.Part == approve.Part && !s.Over() {
			return nil // it waits for another approval
		}
	}
	return d.tell(deployer.MessageResumed, d.Procedure.Failure.Resumed, d.toldOf(approve), at, nil)
}

// onlyVoided reports whether the approval is the only one that was voided.
func (d writer) onlyVoided(approve deployer.StepState) bool {
	return !slices.ContainsFunc(d.Steps, func(s deployer.StepState) bool {
		return s.Approves() && s.ID != approve.ID && s.Part == approve.Part && s.Attempt > 0 && s.Status == deployer.Pending
	})
}

// toldOf are the names of the channels in which something was announced that
// rests on the approval. Clients are left out: what they are told, a person
// has read.
func (d writer) toldOf(approve deployer.StepState) []string {
	var names []string
	rests := deployer.WaitFor(d.Deployment, approve.ID)
	for i, s := range d.Steps {
		if s.Part == approve.Part && !s.ForClients() && d.announced(s) && rests[i] {
			names = append(names, s.To()...)
		}
	}
	return names
}

// failure tells whom the procedure wants told, once for each problem.
func (d writer) failure(e deployer.StepEnded) []deployer.Message {
	s := *d.Step(e.Step)
	args := map[string]string{"step": s.Title, "why": e.Why}
	if deployer.Disproved(s) && e.Status == deployer.StepFailed {
		args["why"] = "That was so, and is not any more: " + e.Why
	}
	f := d.Procedure.Failure
	told := d.tellAll(deployer.MessageFailed, f.Message, append(announcer{d}.audience(f.To), d.toldDirectly()...), e.At, args)
	if f.Message == "" {
		return told
	}
	return append(told, announcer{d}.unaddressed(f.People)...)
}

// recovered tells the same people that what had failed is done after all: nobody
// who read of a problem is left with it. A way back has its own words.
func (d writer) recovered(s deployer.StepState, at time.Time, why string) []deployer.Message {
	lasts := func(p deployer.Problem) bool { return p.Ended == 0 && d.Step(p.Step).Part == s.Part }
	if p := d.LastProblem(s.ID); p == nil || p.Ended != d.Seq || slices.ContainsFunc(d.Problems, lasts) {
		return nil
	}
	if why == "" {
		why = "It is done after all."
	}
	f := d.Procedure.Failure
	return d.tellAll(deployer.MessageOver, f.Over, append(announcer{d}.audience(f.To), d.toldDirectly()...), at, map[string]string{"step": s.Title, "why": why})
}

// toldDirectly are the people who were told of a problem by a direct message.
func (d writer) toldDirectly() []addressee {
	if d.Procedure.Failure.Message == "" {
		return nil
	}
	people, _ := deployer.PeopleOf(d.Deployment, d.Procedure.Failure.People, d.members)
	return directly(people)
}

// stopped tells the same people that it was stopped, and everybody who was told
// of it, if anybody was, or is about to be: neither a "starting" nor a problem must
// stand there without an end. They hear, too, what is left as it is.
func (d writer) stopped(e deployer.Ended) []deployer.Message {
	var told []string
	for _, s := range d.Steps {
		if d.announced(s) && !s.ForClients() {
			told = append(told, s.To()...)
		}
	}
	known := func(s deployer.StepState) bool { return s.Told || d.announced(s) }
	if e.Status != deployer.Stopped || !slices.ContainsFunc(d.Steps, known) {
		return nil
	}
	why := "Nothing was rolled out."
	if touched := d.Touched(); len(touched) > 0 {
		left, since := d.left(touched)
		why = strings.Join(append([]string{"Left as it is: " + strings.Join(left, ", ") + "."}, since...), " ")
	}
	why = deployer.Sentence(e.Why) + " " + why
	to := announcer{d}.audience(slices.Concat(d.Procedure.Failure.To, told))
	if slices.ContainsFunc(d.Steps, func(s deployer.StepState) bool { return s.Told }) {
		to = append(to, d.toldDirectly()...)
	}
	return d.tellAll(deployer.MessageStopped, d.Procedure.Failure.Stopped, to, e.At, map[string]string{"why": why})
}

// left says of services which version runs on how many pods, as long as they are
// held there, and what somebody has made of them since.
func (d writer) left(services []string) (left, since []string) {
	for _, service := range services {
		words, after := service, ""
		for _, s := range d.Steps {
			e := s.Effect(deployer.EffectKey{Step: s.ID, Item: service}.String())
			if e == nil || !s.Deploys() {
				continue
			}
			words, after = service, "" // what a rollout before it has left is not so any more
			p := readout.PauseOf(d.Deployment, *e)
			switch {
			case p == nil:
			case p.Holds():
				after = p.Outcome.Detail
				if p.Outcome.Why != "" {
					words = service + " (" + p.Outcome.Why + ")"
				}
			case p.Outcome.Result == deployer.Absent:
				after = strings.TrimSpace(p.Outcome.Why + " " + p.Outcome.Detail)
			}
		}
		left = append(left, words)
		switch {
		case after == "":
		case len(d.Targets) > 1:
			since = append(since, service+": "+deployer.Sentence(after))
		default:
			since = append(since, deployer.Sentence(after))
		}
	}
	return left, since
}

// announced reports whether the step has told something, or is about to.
func (d writer) announced(s deployer.StepState) bool {
	return s.Announces() && s.Attempt > 0 && d.Needed(s) && !d.AwaitsPerson(s)
}

// tell are messages with words of the procedure to channels by their names.
func (d writer) tell(kind, words string, to []string, at time.Time, more map[string]string) []deployer.Message {
	return d.tellAll(kind, words, announcer{d}.audience(to), at, more)
}

func (d writer) tellAll(kind, words string, to []addressee, at time.Time, more map[string]string) []deployer.Message {
	if words == "" {
		return nil
	}
	text, args := d.Procedure.Messages[words], argsAt(d.Deployment, at)
	if d.language != nil && strings.Contains(text, "{") {
		if said, err := d.language.Words(text, deployer.Moment{Deployment: &d.Deployment, Now: at}); err == nil {
			maps.Copy(args, said)
		}
	}
	maps.Copy(args, more)
	args["why"] = deployer.Sentence(args["why"])
	for name := range more { // which the language does not know where it is no failure
		if _, named := args["failure."+name]; named {
			args["failure."+name] = args[name]
		}
	}
	var out []deployer.Message
	for _, a := range to {
		out = append(out, deployer.Message{
			DedupKey: kind + "/" + strconv.Itoa(d.Seq) + "/" + a.name, Kind: kind, Channel: a.id,
			Words: text, Args: args,
		})
	}
	return out
}
