package view

import (
	"fmt"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/deployer"
)

// proofMax is how many findings stand on one line.
const proofMax = 3

// proof is what was found out about a service that went well, such as that its
// pods stayed healthy for a while, newest last.
func (c card) proof(service string) []string {
	var out []string
	for _, s := range c.path() {
		for _, e := range s.Effects {
			if e.Service == service && e.Stage == deployer.Settled && e.Outcome.Result == deployer.OK && e.Outcome.Why != "" {
				out = append(out, mrkdwn.TrimStop(mrkdwn.Escape(e.Outcome.Why, c.text)))
			}
		}
	}
	if extra := len(out) - proofMax; extra > 0 {
		out = out[extra:]
	}
	return out
}

// proved is the proof of the only service, on a line of its own; several have
// theirs with their names.
func (c card) proved() string {
	if len(c.d.Targets) != 1 {
		return ""
	}
	if line := mrkdwn.JoinWithin(c.proof(c.d.Targets[0].Service), 3*c.text); line != "" {
		return "\n" + mrkdwn.Capital(line)
	}
	return ""
}

// waived are the steps that somebody did without, with who and why: whoever
// reads "complete" must see what it does not stand for.
func (c card) waived() string {
	out, n := "", 0
	for _, s := range c.d.Steps {
		if s.Skipped.By.ID == "" {
			continue
		}
		if n++; n <= c.waivers {
			out += "\n⚠ Waived: “" + mrkdwn.Escape(s.Title, mrkdwn.TitleMax) + "” (" + name(c.Names, s.Skipped.By) + ": " + mrkdwn.Escape(s.Skipped.Reason, c.text) + ")"
		}
	}
	if n > c.waivers {
		out += fmt.Sprintf("\n⚠ and %s more waived", mrkdwn.Count(n-c.waivers, "step"))
	}
	return out
}
