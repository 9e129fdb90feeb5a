package templates

import (
	"fmt"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/templates/source"
	"github.com/stationmaster/stationmaster/templates/strict"
)

// Patience reads how long people are waited for, and what comes then.
type patience struct {
	*reader
	usual source.Defaults // where a step, or a failure, says nothing of its own
}

// usually checks what is said for all.
func (p *patience) usually() {
	p.durations(p.usual.Remind)
	if p.usual.Escalate.At.Written() {
		p.escalate(p.usual.Escalate, p.usual.Remind)
	}
}

// escalate reads what happens where people don't come.
func (p *patience) escalate(e source.Escalate, remind []strict.Text) deployer.Escalate {
	out := deployer.Escalate{Deputies: p.duration(e.Deputies), Page: p.duration(e.Page), BreakGlass: p.duration(e.BreakGlass)}
	if len(remind) > 0 && out.Page > 0 {
		last := remind[len(remind)-1]
		if span, what, _ := strict.Span(last.Value); what == "" && out.Page < span {
			p.doubt(e.Page, "page-early", fmt.Sprintf("somebody is paged after %s, before the last reminder, after %s", e.Page.Value, last.Value), "page later, or take that reminder away")
		}
	}
	return out
}

// escalateQuietly is what the defaults say, which were checked once.
func (p *patience) escalateQuietly() deployer.Escalate {
	span := func(t strict.Text) time.Duration {
		d, _, _ := strict.Span(t.Value)
		return d
	}
	e := p.usual.Escalate
	return deployer.Escalate{Deputies: span(e.Deputies), Page: span(e.Page), BreakGlass: span(e.BreakGlass)}
}

// quiet are times that were checked elsewhere.
func (p *patience) quiet(times []strict.Text) []time.Duration {
	var out []time.Duration
	for _, t := range times {
		if d, what, _ := strict.Span(t.Value); what == "" && d > 0 {
			out = append(out, d)
		}
	}
	return out
}
