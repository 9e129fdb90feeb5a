package deployer

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A start is announced before the rollout looks at its target once more. Where
// that has changed, the approval is void and asked for again, which may take
// an hour: whoever read that it starts is told that it waits, and then that it
// goes on. The start itself is not announced again.

// held are those messages when an approval is asked again.
func (d messageWriter) held(approve StepState, e ApprovalVoided) []Message {
	if !d.onlyVoided(approve) {
		return nil // it was told when the first of several was voided
	}
	return d.tell(MessageHeld, d.Procedure.Failure.Held, d.toldOf(approve), e.At, map[string]string{"why": e.Why})
}

// resumed are those when it was given again.
func (d messageWriter) resumed(approve StepState, at time.Time) []Message {
	for _, s := range d.Steps {
		if s.Approves() && s.Part == approve.Part && !s.Over() {
			return nil // it waits for another approval
		}
	}
	return d.tell(MessageResumed, d.Procedure.Failure.Resumed, d.toldOf(approve), at, nil)
}

// onlyVoided reports whether the approval is the only one that was voided.
func (d messageWriter) onlyVoided(approve StepState) bool {
	return !slices.ContainsFunc(d.Steps, func(s StepState) bool {
		return s.Approves() && s.ID != approve.ID && s.Part == approve.Part && s.Attempt > 0 && s.Status == Pending
	})
}

// toldOf are the names of the channels in which something was announced that
// rests on the approval. Clients are left out: what they are told, a person
// has read.
func (d messageWriter) toldOf(approve StepState) []string {
	var names []string
	rests := newOrder(&d.Deployment).after(approve.ID)
	for i, s := range d.Steps {
		if s.Part == approve.Part && !s.ForClients() && d.announced(s) && rests[i] {
			names = append(names, s.To()...)
		}
	}
	return names
}

// failure tells whom the procedure wants told, once for each failed attempt.
func (d messageWriter) failure(e StepEnded) []Message {
	s := *d.Step(e.Step)
	args := map[string]string{"step": s.Title, "why": e.Why}
	if Disproved(s) && e.Status == StepFailed {
		args["why"] = "That was so, and is not any more: " + e.Why
	}
	return d.tell(MessageFailed, d.Procedure.Failure.Message, d.Procedure.Failure.To, e.At, args)
}

// recovered tells the same people that what had failed is done after all: nobody
// who read of a problem is left with it. A way back has its own words.
func (d messageWriter) recovered(s StepState, at time.Time, why string) []Message {
	open := func(o StepState) bool { return o.Part == s.Part && o.Told && !o.Over() && !o.Anew }
	if !s.Told || slices.ContainsFunc(d.Steps, open) {
		return nil
	}
	if why == "" {
		why = "It is done after all."
	}
	return d.tell(MessageOver, d.Procedure.Failure.Over, d.Procedure.Failure.To, at, map[string]string{"step": s.Title, "why": why})
}

// stopped tells the same people that it was stopped, and everybody who was told
// of it, if anybody was, or is about to be: a "starting" must not stand there
// without an end. They hear, too, what is left as it is.
func (d messageWriter) stopped(e Ended) []Message {
	var told []string
	for _, s := range d.Steps {
		if d.announced(s) && !s.ForClients() {
			told = append(told, s.To()...)
		}
	}
	if e.Status != Stopped || !slices.ContainsFunc(d.Steps, d.announced) {
		return nil
	}
	why := "Nothing was rolled out."
	if touched := d.Touched(); len(touched) > 0 {
		left, since := d.left(touched)
		why = strings.Join(append([]string{"Left as it is: " + strings.Join(left, ", ") + "."}, since...), " ")
	}
	why = Sentence(e.Why) + " " + why
	return d.tell(MessageStopped, d.Procedure.Failure.Stopped, slices.Concat(d.Procedure.Failure.To, told), e.At, map[string]string{"why": why})
}

// left says of services which version runs on how many pods, as long as they are
// held there, and what somebody has made of them since.
func (d messageWriter) left(services []string) (left, since []string) {
	for _, service := range services {
		words, after := service, ""
		for _, s := range d.Steps {
			e := s.effect(EffectKey{Step: s.ID, Item: service}.String())
			if e == nil || !s.Deploys() {
				continue
			}
			words, after = service, "" // what a rollout before it has left is not so any more
			p := PauseOf(d.Deployment, *e)
			switch {
			case p == nil:
			case p.Holds():
				after = p.Outcome.Detail
				if p.Outcome.Why != "" {
					words = service + " (" + p.Outcome.Why + ")"
				}
			case p.Outcome.Result == Absent:
				after = strings.TrimSpace(p.Outcome.Why + " " + p.Outcome.Detail)
			}
		}
		left = append(left, words)
		switch {
		case after == "":
		case len(d.Targets) > 1:
			since = append(since, service+": "+Sentence(after))
		default:
			since = append(since, Sentence(after))
		}
	}
	return left, since
}

// announced reports whether the step has told something, or is about to.
func (d messageWriter) announced(s StepState) bool {
	return s.Announces() && s.Attempt > 0 && d.Needed(s) && !d.AwaitsPerson(s)
}

func (d messageWriter) tell(kind, words string, to []string, at time.Time, more map[string]string) []Message {
	if words == "" {
		return nil
	}
	text, args := d.Procedure.Messages[words], d.args(at)
	if said, err := (reader{d.language, Moment{Deployment: &d.Deployment, Now: at}}).words(text); err == nil {
		maps.Copy(args, said)
	}
	maps.Copy(args, more)
	args["why"] = Sentence(args["why"])
	for name := range more { // which the language does not know where it is no failure
		if _, named := args["failure."+name]; named {
			args["failure."+name] = args[name]
		}
	}
	var out []Message
	for _, name := range d.audience(to) {
		out = append(out, Message{
			DedupKey: kind + "/" + strconv.Itoa(d.Seq) + "/" + name, Kind: kind, Channel: d.Channels[name],
			Words: text, Args: args,
		})
	}
	return out
}

// A Telling is what words may say of what a deployment changes, and of when.
type Telling struct {
	Services   []string  // that it is about, or goes back with
	From, To   []string  // of each of them: the version that it ran before, and that it runs then
	Stays      []string  // rolling back: services with their versions that are left as they are
	Back       []string  // services with the versions that a rollback goes back to, where they are known
	Start, End time.Time // of what people notice, as far as that can be told
}

// TellingOf is that of a deployment at a time.
func TellingOf(d Deployment, at time.Time) Telling {
	var out Telling
	short, _ := ShortOf(d)
	for _, t := range d.Targets {
		if d.Part == PartRollback && !slices.Contains(d.RollbackServices, t.Service) {
			if slices.Contains(d.Touched(), t.Service) {
				out.Stays = append(out.Stays, t.Service+" "+t.After.Version)
			}
			continue // it stays as it is
		}
		was, becomes := Found(d, t), t.After
		back, known := BackTo(d, t)
		if known {
			out.Back = append(out.Back, t.Service+" "+back.Version)
		}
		if known && d.Part == PartRollback {
			was = back
		}
		if short == ShortOfRollout && d.Part == PartMain && !IsLive(d, t) {
			becomes = t.Before // nothing is rolled out
		}
		out.Services, out.From, out.To = append(out.Services, t.Service), append(out.From, was.Version), append(out.To, becomes.Version)
	}
	out.Start, out.End = window(d, at)
	return out
}

// What are the services with what they run then.
func (t Telling) What() []string { return t.with(t.To) }

// Before are the services with what they ran before.
func (t Telling) Before() []string { return t.with(t.From) }

func (t Telling) with(versions []string) []string {
	out := make([]string, len(versions))
	for i, v := range versions {
		out[i] = t.Services[i] + " " + v
	}
	return out
}

// args are the values of the placeholders in a procedure's words at a time.
func (d Deployment) args(at time.Time) map[string]string {
	t := TellingOf(d, at)
	var approvers []string
	for _, s := range d.Steps {
		for _, a := range s.Approvals {
			approvers = append(approvers, a.By.Name)
		}
	}
	list := func(s []string) string { return strings.Join(s, ", ") }
	out := maps.Clone(d.Terms)
	if out == nil {
		out = map[string]string{}
	}
	maps.Copy(out, schedule(d, at))
	maps.Copy(out, map[string]string{
		"id": d.ID, "service": list(t.Services), "from": list(t.From), "to": list(t.To), "what": list(t.What()),
		"retailer": d.Site.Name, "environment": d.Site.Environment, "requester": d.Requester.Name,
		"approvers": list(approvers), "reason": d.Reason, "tam": d.Terms["tam"], "procedure": d.Procedure.Title,
		"risk": d.Inputs["risk"], "downtime": d.Inputs["downtime"], "notice": strings.Join(d.Warnings, " "), "stays": "",
	})
	if len(t.Stays) > 0 {
		out["stays"] = "Not rolled back: " + list(t.Stays) + "."
	}
	return out
}

// schedule is when what people notice begins and ends, as far as it can be
// told at a time, how long that is, and what it means for them.
func schedule(d Deployment, at time.Time) map[string]string {
	start, end := window(d, at)
	return map[string]string{
		"start": start.UTC().Format(time.RFC3339), "end": end.UTC().Format(time.RFC3339),
		"next-update": end.UTC().Format(time.RFC3339), "duration": SpanInWords(end.Sub(start)), "impact": impact(d),
	}
}

// window is from the rollout's beginning, or when that is expected, to the end
// of what follows it by itself.
func window(d Deployment, at time.Time) (start, end time.Time) {
	start = at
	if d.Planned.After(at) {
		start = d.Planned
	}
	const slot = 5 * time.Minute
	var takes time.Duration
	began, over := false, true
	for _, s := range d.Steps {
		if s.Part == PartRollback || s.Work() != WorkSystem {
			continue
		}
		if s.Deploys() && s.Attempt > 0 {
			start, began = s.Began, true
		}
		takes += s.Estimate
		over = over && s.Status == Done
	}
	if began && over || d.Part == PartRollback {
		return start, at
	}
	end = start.Add(max(slot, (takes + slot - 1).Truncate(slot)))
	if !end.After(at) { // it takes longer than it was thought to
		end = at.Add(slot)
	}
	return start, end
}

// impact is what somebody has written about it, or what the answer about
// downtime means.
func impact(d Deployment) string {
	switch {
	case d.Inputs["impact"] != "":
		return Sentence(d.Inputs["impact"])
	case d.Inputs["downtime"] == "yes":
		return "The service is not available during this time."
	}
	return "No interruption is expected."
}
