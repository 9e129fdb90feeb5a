package trial

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/templates/strict"
)

// ends are how a deployment may end.
var ends = []string{string(deployer.Complete), string(deployer.RolledBack), string(deployer.Stopped), string(deployer.Refused)}

func (r *reader) at(t strict.Text, what string, known []string) {
	if t.Written() && !slices.Contains(known, t.Value) {
		r.problems = append(r.problems, t.At(r.file, "%s", strict.Unknown(what, t.Value, known)))
	}
}

func (r *reader) moment(t strict.Text) {
	if _, err := time.Parse(time.RFC3339, t.Value); t.Written() && err != nil {
		r.problems = append(r.problems, t.At(r.file, "%q is no moment; write one such as 2026-03-05T22:10:00Z", t.Value))
	}
}

// started checks the names in how it is started.
func (r *reader) started(s start) {
	r.moment(s.At)
	r.moment(s.Planned)
	for _, t := range s.ByHand {
		r.at(t, "system in "+r.procedure.ID, systemsOf(r.procedure))
	}
	inputs := r.procedure.Inputs
	var ids []string
	for _, in := range inputs {
		ids = append(ids, in.ID)
	}
	for _, id := range slices.Sorted(maps.Keys(s.Inputs)) {
		t := s.Inputs[id]
		i := slices.Index(ids, id)
		if i < 0 {
			at := t.KeyBefore(id)
			at.Value = id
			r.at(at, "input", ids)
			continue
		}
		for line := range strings.Lines(t.Value) {
			t.Value = strings.TrimSuffix(line, "\n")
			if len(inputs[i].Options) > 0 {
				r.at(t, "option of "+id, inputs[i].Options)
			}
		}
	}
}

// expected checks the names in what has to come of it.
func (r *reader) expected(e expect) {
	r.at(e.End, "end", ends)
	steps := stepIDs(r.procedure)
	for _, t := range slices.Concat(e.NotNeeded, e.Failed, e.Skipped) {
		r.at(t, "step", steps)
	}
	for id, t := range e.At {
		at := t.KeyBefore(id)
		at.Value = id
		r.at(at, "step", steps)
		r.moment(t)
	}
	channels := append(channelsOf(r.procedure), deployer.ChannelDeploys)
	slices.Sort(channels)
	channels = slices.Compact(channels)
	for _, name := range slices.Sorted(maps.Keys(e.Told)) {
		at := e.Told[name].At.KeyBefore(name)
		at.Value = name
		r.at(at, "channel that it tells", channels)
	}
	r.expectedPeople(e)
	messages := slices.Sorted(maps.Keys(r.procedure.Messages))
	for _, list := range []map[string]several{e.Told, e.Direct} {
		for _, name := range slices.Sorted(maps.Keys(list)) {
			for _, t := range list[name].All {
				r.at(t, "message", messages)
			}
		}
	}
}

// expectedPeople checks the names of people, and of procedures that are run.
func (r *reader) expectedPeople(e expect) {
	for _, t := range slices.Concat(e.Paged, e.ApprovedBy) {
		r.person(t)
	}
	for _, person := range slices.Sorted(maps.Keys(e.Direct)) {
		at := e.Direct[person].At.KeyBefore(person)
		at.Value = person
		r.person(at)
	}
	for _, taps := range []map[string]strict.Text{e.Taps, e.TapsAfter} {
		for _, person := range slices.Sorted(maps.Keys(taps)) {
			t := taps[person]
			if n, err := strconv.Atoi(t.Value); err != nil || n < 0 {
				r.problems = append(r.problems, t.At(r.file, "%q is not how often somebody presses; write for example %s: 2", t.Value, person))
			}
			at := t.KeyBefore(person)
			at.Value = person
			r.person(at)
		}
	}
	var run []string
	for _, s := range slices.Concat(r.procedure.Steps, r.procedure.Rollback, r.procedure.Failure.Steps, r.procedure.After) {
		if s.Uses == deployer.KindRun {
			run = append(run, s.With["procedure"].Text)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(e.Run)) {
		at := e.Run[id].At.KeyBefore(id)
		if at.Value = id; len(run) == 0 {
			r.problems = append(r.problems, at.At(r.file, "%s runs no other procedure", r.procedure.ID))
			continue
		}
		r.at(at, "procedure that it runs", run)
	}
}
