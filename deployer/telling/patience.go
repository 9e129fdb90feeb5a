package telling

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// reminders call whoever is awaited, the people of each role by themselves, and the
// last ones the requester, who can ask somebody else or stop.
func (d writer) reminders(e deployer.Reminded) []deployer.Message {
	q, asks := d.open(e.Step)
	roles := []string{""}
	if s := d.Step(e.Step); s != nil && asks.Kind != deployer.NoteAsksDecide {
		roles = deployer.AwaitedRoles(d.Deployment, *s)
	}
	var out []deployer.Message
	for _, role := range roles {
		m := deployer.Message{Kind: deployer.MessageRemind, Role: role, Note: asks, Args: since(q.Since)}
		if e.N == len(q.Remind) {
			m.Args[deployer.RemindLast] = "yes"
		}
		out = append(out, d.threaded(m))
	}
	return toldApart(out)
}

// escalated call those who may answer now, or who are paged: in the thread, and those
// who are paged each by themselves.
func (d writer) escalated(e deployer.Escalated) []deployer.Message {
	q, asks := d.open(e.Step)
	args := since(q.Since)
	args[deployer.EscalatedLevel] = string(e.Level)
	var roles []string
	switch e.Level {
	case deployer.LevelDeputies:
		for _, role := range asked(d.Deployment, q) {
			roles = append(roles, deployer.DeputyRole(role))
		}
	case deployer.LevelPage:
		roles = deployer.Paged(d.Deployment, q)
	case deployer.LevelBreakGlass:
		roles = []string{d.Procedure.BreakGlass}
	}
	if len(roles) == 0 {
		roles = []string{""}
	}
	var out []deployer.Message
	for _, role := range roles {
		out = append(out, d.threaded(deployer.Message{Kind: deployer.MessageEscalated, Role: role, Note: asks, Args: args}))
	}
	out = toldApart(out)
	for _, p := range e.People {
		m := deployer.Message{Kind: deployer.MessagePaged, Channel: p.ID, Note: asks, Args: args}
		m.DedupKey = m.Kind + "/" + strconv.Itoa(d.Seq) + "/" + deployer.DirectKey(p.ID)
		out = append(out, m)
	}
	return out
}

// asked are the roles whose deputies are called.
func asked(d deployer.Deployment, q deployer.Awaiting) []string {
	if len(q.Roles) > 0 {
		return q.Roles
	}
	return d.Deciders()
}

// open is a question that people are asked, and what it asks.
func (d writer) open(step string) (deployer.Awaiting, deployer.Note) {
	s := d.Step(step)
	if s == nil {
		q, _ := deployer.DecisionNow(d.Deployment)
		asks := deployer.Note{Kind: deployer.NoteAsksDecide}
		if broken := d.Broken(); broken != nil {
			asks.Step, asks.Why = broken.Title, broken.Why
		}
		return q, asks
	}
	q, _ := deployer.AwaitingAt(d.Deployment, *s)
	if s.Broken() {
		return q, deployer.Note{Kind: deployer.NoteAsksDecide, Step: s.Title, Why: s.Why}
	}
	asks := d.question(*s)
	if asks.Kind != deployer.NoteAsksGate {
		asks.Why = ""
	}
	return q, asks
}

func since(at time.Time) map[string]string {
	return map[string]string{deployer.RemindSince: strconv.FormatInt(at.Unix(), 10)}
}

// inPlace says of an answer that it was given in the place of those who did not come,
// and tells everybody where the glass was broken for that.
func (d writer) inPlace(e deployer.Answered, told []deployer.Message) []deployer.Message {
	if e.As == "" {
		return told
	}
	for i := range told {
		if m := &told[i]; m.Kind == deployer.MessageNote {
			if m.Args == nil {
				m.Args = map[string]string{}
			}
			m.Args[deployer.AnsweredAs] = string(e.As)
		}
	}
	if e.As != deployer.LevelBreakGlass {
		return told
	}
	n := deployer.Note{Kind: deployer.NoteDecided, Choice: e.Choice, By: e.By, Why: e.Comment, Detail: cmp.Or(e.Role, strings.Join(d.Deciders(), ", "))}
	if s := d.Step(e.Step); s != nil {
		n.Step = s.Title
	}
	glass := deployer.Message{Kind: deployer.MessageGlass, Channel: d.Channels[deployer.ChannelDeploys], Note: n, DedupKey: deployer.MessageGlass + "/" + strconv.Itoa(d.Seq)}
	return slices.Concat(told, []deployer.Message{glass})
}
