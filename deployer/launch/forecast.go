package launch

import (
	"context"
	"slices"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

const (
	runsMax = 10 // how many runs it is told by how long one usually takes
	loadMax = 20 // how many deployments are looked at for them

	// roomMax is the room in which nobody has to hurry.
	roomMax = 24 * time.Hour
)

// forecast warns where a deployment usually takes longer than nothing refuses that it
// begins; "" where it does not, or where that is not known.
func (l Launcher) forecast(ctx context.Context, f *filler, p Place, at time.Time) string {
	room := p.Rules().Room(f.draft, f.language, at)
	if room == 0 || room > roomMax {
		return ""
	}
	takes := l.usually(ctx, f.draft)
	if takes == 0 {
		takes = estimated(f.draft.Procedure.Steps)
	}
	if takes <= room {
		return ""
	}
	return "This usually takes " + deployer.SpanInWords(takes) + ", and the window has " + deployer.SpanInWords(room) + "."
}

// usually is how long those took that went well last of the same procedure and service:
// half of them took longer. Drills are told by drills, and others by others. 0: there is none, or they can't be read.
func (l Launcher) usually(ctx context.Context, d deployer.Deployment) time.Duration {
	if l.ports.Deployments == nil {
		return 0
	}
	q := deployer.Query{Site: d.Site, Limit: 5 * loadMax}
	if len(d.Releases) > 0 {
		q.Service = d.Releases[0].Service
	}
	list, err := l.ports.Deployments.List(ctx, q)
	if err != nil {
		return 0
	}
	list = slices.DeleteFunc(list, func(s deployer.Summary) bool {
		return s.Status != deployer.Complete || s.Drill != d.Drill.On || len(s.Releases) != len(d.Releases)
	})
	var took []time.Duration
	for _, s := range list[:min(len(list), loadMax)] {
		past, err := l.ports.Deployments.Load(ctx, s.ID)
		if err != nil || past.Procedure.ID != d.Procedure.ID {
			continue // what can't be read harms no other
		}
		began := past.Created
		if past.Planned.After(began) {
			began = past.Planned
		}
		if took = append(took, past.Ended.Sub(began)); len(took) == runsMax {
			break
		}
	}
	if len(took) == 0 {
		return 0
	}
	slices.Sort(took)
	return took[len(took)/2]
}

// estimated is how long steps take by their estimates, where each begins when those that
// it needs are over.
func estimated(steps []deployer.Step) time.Duration {
	over, longest := map[string]time.Duration{}, time.Duration(0)
	for _, s := range steps { // what a step needs stands before it
		var begins time.Duration
		for _, id := range s.Needs {
			begins = max(begins, over[id])
		}
		over[s.ID] = begins + s.Estimate
		longest = max(longest, over[s.ID])
	}
	return longest
}
