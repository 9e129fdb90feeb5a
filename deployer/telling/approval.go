package telling

import (
	"strings"

	"github.com/stationmaster/stationmaster/deployer"
)

// approved tells that somebody has approved a step, and where it takes several yeses as
// what, and who is missing.
func (d writer) approved(e deployer.Answered, note func(string, deployer.Note) []deployer.Message) []deployer.Message {
	n := deployer.Note{Kind: deployer.NoteApproved, By: e.By}
	if s := d.Step(e.Step); len(s.RoleCounts()) > 0 || s.Count() > 1 {
		role, missing := deployer.ApprovedAs(d.Deployment, *s, e.By)
		n.Detail, n.Why = role, strings.Join(missing, " and ")
	}
	return note(e.Step, n)
}

// asksForChanges calls whoever has to reply to what somebody wants changed.
func (d writer) asksForChanges(e deployer.Answered) []deployer.Message {
	s := d.Step(e.Step)
	var out []deployer.Message
	for _, role := range deployer.AwaitedRoles(d.Deployment, *s) {
		out = append(out, d.threaded(d.call(role, deployer.Note{Kind: deployer.NoteAsksReply, Step: s.Title, By: e.By, Why: e.Comment})))
	}
	return toldApart(out)
}

// replied calls those again who wanted something changed, with the reply and with what
// differs since they looked.
func (d writer) replied(e deployer.Answered) []deployer.Message {
	s := d.Step(e.Step)
	var out []deployer.Message
	for _, r := range s.Requests {
		if r.Reply.By != e.By || !r.Reply.At.Equal(e.At) || told(out, r.By) {
			continue
		}
		m := d.threaded(deployer.Message{Kind: deployer.MessageAsk, To: r.By.ID, Note: deployer.Note{
			Kind: deployer.NoteReplied, Step: s.Title, By: e.By, Why: e.Comment, Detail: strings.Join(deployer.ChangesSince(d.Deployment, r), " "),
		}})
		if len(out) > 0 {
			m.DedupKey += "/" + r.By.ID
		}
		out = append(out, m)
	}
	return out
}

// told reports whether one of the messages is to somebody.
func told(all []deployer.Message, who deployer.Actor) bool {
	for _, m := range all {
		if m.To == who.ID {
			return true
		}
	}
	return false
}
