package language

import (
	"slices"
	"time"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/telling"
)

// maintenance is the one that a deployment has scheduled or found, as far as its steps
// have seen.
type maintenance struct {
	own, open, begun, completed bool
	id, url                     string
	start, end                  time.Time
}

// found is the maintenance that is known by now.
func (f *facts) found() maintenance {
	var m maintenance
	for _, s := range f.Steps {
		if s.Status != deployer.Done || s.Skipped.By.ID != "" || s.Noted() {
			continue
		}
		left := deployer.Outputs(*f.Deployment, s, "")
		switch s.Uses {
		case "statuspage.schedule":
			m = maintenance{own: true, open: true, id: left["id"].Text, url: left["url"].Text, start: s.WithOf("")["start"].Time, end: s.WithOf("")["end"].Time}
			if m.start.IsZero() {
				m.start = f.Planned
			}
		case "statuspage.find":
			if left["found"].Flag {
				m = maintenance{open: true, id: left["id"].Text, url: left["url"].Text, end: left["end"].Time}
			}
		case "statuspage.started":
			m.begun = m.open
		case "statuspage.complete":
			m.completed, m.open = m.open, false
			if m.completed {
				m.end = s.Finished
			}
		}
	}
	m.begun = m.begun || m.open && !m.start.IsZero() && !f.at.Now.Before(m.start)
	return m
}

// maintenance is that for conditions and texts.
func (f *facts) maintenance() thing {
	m := f.found()
	return fixed("maintenance", m.url, map[string]ref.Val{
		"open": types.Bool(m.open), "begun": types.Bool(m.begun), "own": types.Bool(m.own),
		"id": types.String(m.id), "url": types.String(m.url), "start": moment(m.start), "end": moment(m.end),
	})
}

// times are the names of moments.
func (f *facts) times(name string) (ref.Val, bool) {
	switch name {
	case "now":
		return moment(f.at.Now), true
	case "planned":
		if f.Planned.IsZero() {
			return moment(f.Created), true
		}
		return moment(f.Planned), true
	}
	if !slices.Contains([]string{"start", "end", "next_update", "duration"}, name) {
		return nil, false
	}
	start, end := f.window()
	switch name {
	case "start":
		return moment(start), true
	case "duration":
		return types.Duration{Duration: end.Sub(start)}, true
	}
	return moment(end), true
}

// window is the maintenance, as far as it is known, and else what the deployment itself
// takes.
func (f *facts) window() (start, end time.Time) {
	t := telling.ChangeOf(*f.Deployment, f.at.Now)
	start, end = t.Start, t.End
	if m := f.found(); m.open || m.completed {
		if !m.start.IsZero() {
			start = m.start
		}
		if !m.end.IsZero() {
			end = m.end
		}
	}
	if end.Before(start) {
		end = start
	}
	return start, end
}
