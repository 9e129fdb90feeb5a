package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// A printer writes the page of one deployment.
type printer struct {
	strings.Builder
	*story
	place *time.Location
}

// page is what a post-mortem begins with, in Markdown.
func page(h History) string {
	p := &printer{story: gather(h), place: h.zone()}
	p.head()
	p.versions()
	p.timeline()
	p.agreements()
	p.goneWithout()
	p.failed()
	p.times()
	p.leadsTo()
	p.questions()
	p.record()
	return p.String()
}

func (p *printer) line(format string, args ...any) { _, _ = fmt.Fprintf(p, format+"\n", args...) }

// fact writes a line of a list where it says something. The text is escaped.
func (p *printer) fact(name, text string) {
	if text != "" {
		p.line("- **%s:** %s", name, text)
	}
}

// table writes the head of a table.
func (p *printer) table(columns ...string) {
	p.line("| %s |\n|%s", strings.Join(columns, " | "), strings.Repeat(" --- |", len(columns)))
}

// row writes one row. The cells are escaped.
func (p *printer) row(cells ...string) {
	for i, c := range cells {
		cells[i] = cmp.Or(c, "–")
	}
	p.line("| %s |", strings.Join(cells, " | "))
}

// shown is a text as it may stand in a line.
func shown(text string) string { return escape(plain(text)) }

// local is a time where the deployment was, and utc the same for everybody.
func (p *printer) local(at time.Time) string { return at.In(p.place).Format("2006-01-02 15:04:05 MST") }

func utc(at time.Time) string { return at.UTC().Format("2006-01-02 15:04:05") }

// inUTC reports whether both are the same.
func (p *printer) inUTC() bool { return p.place.String() == time.UTC.String() }

// both is a time in a sentence.
func (p *printer) both(at time.Time) string {
	if p.inUTC() {
		return p.local(at)
	}
	return p.local(at) + " (" + utc(at) + " UTC)"
}

// lasts is a duration to the second.
func lasts(d time.Duration) string {
	if d < time.Second {
		return "0s"
	}
	return deployer.Span(d.Truncate(time.Second))
}

// who is somebody by the name of then and by their id, which nobody can change.
func who(e Entry) string {
	name := cmp.Or(e.By, e.ByID, "nobody")
	out := "**" + escape(name) + "**"
	if e.ByID != "" && e.ByID != name {
		out += " (" + escape(e.ByID) + ")"
	}
	return out
}

// reason is why, behind other words.
func reason(why string) string {
	if why == "" {
		return ""
	}
	return ": " + escape(why)
}

func (p *printer) head() {
	d := p.Deployment
	created := Entry{By: d.Requester.Name, ByID: d.Requester.ID}.plain()
	p.line("# %s: %s in %s\n", deployer.MarkDrill(d.Drill.On, shown(d.ID)), shown(what(d)), shown(d.Site.String()))
	p.fact("What", shown(what(d)))
	p.fact("Where", shown(d.Site.String()))
	p.fact("Procedure", shown(cmp.Or(d.Procedure.Title, d.Procedure.ID))+" ("+shown(d.Procedure.ID)+", text "+shown(clip(d.Procedure.SHA, 12))+")")
	asked := who(created)
	if d.Role != "" {
		asked += ", " + shown(d.Role)
	}
	p.fact("Asked for by", asked)
	p.fact("From", shown(startedBy(d.Origin)))
	p.fact("Reason", shown(d.Reason))
	for _, id := range sortedKeys(d.Inputs) {
		value := d.Inputs[id]
		if secretName(id) {
			value = hidden(value)
		}
		p.fact(shown(id), shown(value))
	}
	p.fact("Warned", shown(strings.Join(d.Warnings, " ")))
	if !d.Created.IsZero() {
		p.fact("Began", p.both(d.Created))
	}
	if !d.Planned.IsZero() {
		p.fact("Planned for", p.both(d.Planned))
	}
	p.outcome()
	if p.Broken != nil {
		p.line("\n**The record is broken:** what follows is not what was written, or is missing. %s", shown(p.Broken.Error()))
	}
}

// outcome says how it ended, and how long it took.
func (p *printer) outcome() {
	d := p.Deployment
	if !d.Status.Ended() {
		p.fact("Outcome", "it has not ended: "+shown(string(d.Status))+reason(plain(d.Why)))
		return
	}
	p.fact("Ended", p.both(d.Ended))
	took := lasts(d.Took(d.Ended))
	if waited := p.awaited(); waited >= time.Second {
		took += ", of which people were awaited for " + lasts(waited)
	}
	p.fact("Took", took)
	p.fact("Outcome", "**"+shown(string(d.Status))+"**"+reason(plain(d.Why)))
}

// what is deployed, in words: to which versions, and from which.
func what(d deployer.Deployment) string {
	if len(d.Targets) == 0 {
		if len(d.Releases) == 0 {
			return cmp.Or(d.Procedure.Title, d.Procedure.ID)
		}
		return releases(d.Releases)
	}
	var out []string
	for _, t := range d.Targets {
		out = append(out, t.Service+" "+version(t.Before)+" → "+version(t.After))
	}
	return strings.Join(out, ", ")
}

func version(s deployer.State) string { return cmp.Or(s.Version, s.Image, "nothing") }

func clip(text string, n int) string { return text[:min(len(text), n)] }

// versions says of each service from what to what, and what became of it.
func (p *printer) versions() {
	if len(p.Deployment.Targets) == 0 {
		return
	}
	p.line("\n## Versions\n")
	p.table("Service", "From", "To", "What became of it")
	for _, t := range p.Deployment.Targets {
		p.row(shown(t.Service), state(t.Before), state(t.After), p.became(t))
	}
}

func state(s deployer.State) string {
	out := shown(version(s))
	if s.Image != "" && s.Image != version(s) {
		out += " (" + shown(s.Image) + ")"
	}
	return out
}

// became is how the last rollout of a service has ended.
func (p *printer) became(t deployer.Target) string {
	words := "it was not touched"
	if deployer.IsLive(p.Deployment, t) {
		words = "it ran already"
		if by := deployer.ArrivedBy(p.Deployment, t.Service); by.ID != "" {
			words += "; " + escape(by.Name) + " had taken over"
		}
	}
	for _, e := range p.events {
		step := p.step(e.Step)
		switch event := e.event.(type) {
		case deployer.Answered:
			if step.Hand && step.Uses == deployer.KindRollout && event.Choice == deployer.ChoiceDone && (e.Item == "" || e.Item == t.Service) {
				words = "it was done by hand by " + who(e.Entry)
			}
		case deployer.EffectSettled:
			if step.Deploys() && e.Item == t.Service && deployer.ParseEffectKey(event.Key).Verb == "" {
				words = p.rolled(e.Entry, step, event.Outcome.State)
			}
		}
	}
	return words
}

// rolled is how a rollout or a rollback of a service has ended.
func (p *printer) rolled(e Entry, step deployer.StepState, runs deployer.State) string {
	words := "the rollout ended: "
	if step.Part == deployer.PartRollback && slices.Contains(p.Deployment.RollbackServices, e.Item) {
		words = "the rollback ended: "
		if t := p.Deployment.Target(e.Item); t != nil && runs == (deployer.State{}) && e.Result == string(deployer.OK) {
			runs, _ = deployer.BackTo(p.Deployment, *t)
		}
	}
	words += escape(e.Result) + reason(e.Why)
	if runs != (deployer.State{}) {
		words += "; it runs " + shown(version(runs))
	}
	if remark := e.Seen["remark"]; remark != "" {
		words += "; " + escape(remark)
	}
	return words
}
