package telling

import (
	"slices"
	"strings"

	"github.com/stationmaster/stationmaster/deployer"
)

// settled are the messages that follow from how an effect has ended: an answer
// that a system did not take is asked for again, and somebody has to decide what
// nobody can tell after a stop.
func (d writer) settled(e deployer.EffectSettled) []deployer.Message {
	key := deployer.ParseEffectKey(e.Key)
	main := deployer.EffectKey{Step: key.Step, Item: key.Item}.String()
	f := d.Effect(main)
	switch {
	case strings.HasPrefix(key.Verb, deployer.VerbUnless+" "):
		if s := d.Step(key.Step); s.Status != deployer.Active || d.Status == deployer.Halting {
			return nil
		}
		return d.looked(key)
	case deployer.IsGateVerb(key.Verb) && f != nil && f.Open() && f.Gate.Open() && d.Status != deployer.Halting:
		return []deployer.Message{d.threaded(d.askAtGate(main, "The answer could not be given: "+deployer.Sentence(e.Outcome.Why)))}
	case d.Status == deployer.Halting && len(d.Options()) > 0:
		var why []string
		for _, u := range d.Untold() {
			of := deployer.ItemName(d.Deployment, *d.Step(deployer.ParseEffectKey(u.Key).Step), u.Item)
			if of != "" {
				of += ": "
			}
			why = append(why, of+deployer.Sentence(u.Outcome.Why))
		}
		return []deployer.Message{d.threaded(deployer.Message{Kind: deployer.MessageNote, Note: deployer.Note{Kind: deployer.NoteUntold, Why: strings.Join(why, " ")}})}
	}
	return nil
}

// rechecked tells what is not so any more of what was held. Of a proof, the end of
// its step does.
func (d writer) rechecked(e deployer.EffectRechecked, note func(string, deployer.Note) []deployer.Message) []deployer.Message {
	key := deployer.ParseEffectKey(e.Key)
	if key.Verb != deployer.VerbPause {
		return nil
	}
	why := strings.TrimSpace(e.Outcome.Detail)
	switch {
	case e.Outcome.Result != deployer.OK:
		why = e.Outcome.Why
	case why == "":
		why = "What somebody had changed of it is as it was again."
	}
	if name := deployer.ItemName(d.Deployment, *d.Step(key.Step), key.Item); name != "" {
		why = name + ": " + why
	}
	return note(key.Step, deployer.Note{Kind: deployer.NoteRechecked, Why: why})
}

// Remarks are what people should know though all went well, of the part that a
// deployment is on: whole sentences, each once, with the service where there are
// several.
func Remarks(d deployer.Deployment) []string {
	var out []string
	for _, s := range d.Steps {
		if s.Part == d.Part {
			for _, r := range (writer{Deployment: d}).remarks(s) {
				if !slices.Contains(out, r) {
					out = append(out, r)
				}
			}
		}
	}
	return out
}

// detail is what is known about why the effects of a step did not go well.
func (d writer) detail(s deployer.StepState) string {
	bad := slices.DeleteFunc(d.EffectsInOrder(s), func(e deployer.Effect) bool { return e.Outcome.Detail == "" || e.Outcome.Result == deployer.OK })
	var parts []string
	for _, e := range bad {
		said := deployer.Tail(e.Outcome.Detail, deployer.DetailMax/len(bad)) // so that each has its end in one message
		if len(d.Targets) > 1 {
			said = e.Item + ":\n" + said
		}
		parts = append(parts, said)
	}
	return strings.Join(parts, "\n\n")
}

// findings are what was found out by the effects of a step that went well, of
// each service if there are several.
func (d writer) findings(s deployer.StepState) string {
	if s.Announces() {
		return d.looks(s)
	}
	var out []string
	for _, e := range d.EffectsInOrder(s) {
		switch why := e.Outcome.Why; {
		case why == "" || e.Outcome.Result != deployer.OK || !e.IsMain():
		case len(d.Targets) > 1:
			out = append(out, e.Item+": "+deployer.Sentence(why))
		default:
			out = append(out, deployer.Sentence(why))
		}
	}
	return strings.Join(out, " ")
}

// looks are where an announcement was there already, and where that could not be told.
func (d writer) looks(s deployer.StepState) string {
	var out []string
	for _, e := range s.Effects {
		_, channel, _ := strings.Cut(e.Verb, " ")
		name := deployer.ItemName(d.Deployment, s, e.Item)
		if name != "" {
			name += ": "
		}
		switch {
		case e.Stage != deployer.Settled:
		case e.Outcome.Result != deployer.OK:
			out = append(out, name+"Whether it stands in "+channel+" already could not be told, so it was posted. "+deployer.Sentence(e.Outcome.Why))
		case e.Outcome.Outputs[deployer.OutputThere].Flag:
			out = append(out, name+"It stands in "+channel+" already.")
		}
	}
	return deployer.Sentence(strings.Join(out, " "))
}

// remarks are what people should know though the effects of a step went well, of
// each service if there are several.
func (d writer) remarks(s deployer.StepState) []string {
	var out []string
	for _, e := range d.EffectsInOrder(s) {
		if e.Outcome.Remark == "" || e.Outcome.Result != deployer.OK || !e.IsMain() {
			continue
		}
		remark := deployer.Sentence(e.Outcome.Remark)
		if name := deployer.ItemName(d.Deployment, s, e.Item); name != "" {
			remark = name + ": " + remark
		}
		out = append(out, remark)
	}
	return out
}

// targetRemarks are those of all targets, each with its service where there are several.
func targetRemarks(d deployer.Deployment) []string {
	var out []string
	for _, t := range d.Targets {
		for _, r := range t.Remarks {
			if len(d.Targets) > 1 {
				r = t.Service + ": " + r
			}
			out = append(out, r)
		}
	}
	return out
}
