package templates

import (
	"fmt"
	"maps"
	"path"
	"slices"

	"github.com/stationmaster/stationmaster/templates/source"
	"github.com/stationmaster/stationmaster/templates/strict"
)

// A resolved file is one with all that it extends and includes.
type resolved struct {
	file  source.File
	files []*written             // whose text it comes from; itself first
	via   map[string]strict.Text // by the name of another file: where this one names it
	found strict.Problems
	cut   bool // something that it needs is missing or has mistakes: it is not looked at further
}

// resolve lays a file over what it extends, and puts in what it includes.
func (l *library) resolve(f *written) *resolved {
	if f.resolved != nil {
		return f.resolved
	}
	f.resolving = true
	r := &resolved{file: f.source, files: []*written{f}, via: map[string]strict.Text{}}
	if id := f.source.Extends; id.Written() {
		if base := l.use(f, r, id, "extends"); base != nil {
			r.file = over(f.source, base.file)
			r.change(f.source.Change)
		}
	} else if len(f.source.Change) > 0 {
		r.wrong(f.source.Change[0].At.Text, "change", "change is about what a procedure extends, and this one extends nothing", "add extends, or take change away")
	}
	l.include(f, r)
	f.resolving, f.resolved = false, r
	return r
}

func (r *resolved) wrong(at strict.Text, code, what, hint string) {
	r.found = append(r.found, at.Wrong(code, what, hint))
}

// use finds another file, and notes its text. It is nil where that is not there, has
// mistakes, or comes back to this one.
func (l *library) use(f *written, r *resolved, id strict.Text, verb string) *resolved {
	other := l.other(f, id.Value)
	switch {
	case other == nil && id.Value == f.source.ID.Value, other != nil && other.resolving:
		r.cut = true
		r.wrong(id, "circle", fmt.Sprintf("%q %s %q, which comes back to it", f.source.ID.Value, verb, id.Value), "remove one of the two")
		return nil
	case other == nil:
		r.cut = true
		r.wrong(id, "unknown-procedure", fmt.Sprintf("there is no procedure %q", id.Value), l.insteadOf(f, id.Value))
		return nil
	case !other.whole || l.isBroken(other):
		r.cut = true
		r.wrong(id, "base-broken", path.Base(other.name)+" has mistakes; this was not checked further", "")
		return nil
	}
	from := l.resolve(other)
	r.via[other.name] = id
	for _, o := range from.files {
		if !slices.Contains(r.files, o) {
			r.files = append(r.files, o)
			r.via[o.name] = id
		}
	}
	return from
}

// insteadOf says which procedure was meant.
func (l *library) insteadOf(f *written, word string) string {
	if ext := path.Ext(word); ext == ".yaml" || ext == ".yml" {
		return "write the id that stands in the file, and not its name"
	}
	return strict.Instead(word, l.idsFor(f))
}

// idsFor are those that a file could mean, sorted.
func (l *library) idsFor(f *written) []string {
	var out []string
	if !f.builtIn {
		out = slices.DeleteFunc(slices.Clone(l.beside), func(id string) bool { return id == "" || id == f.source.ID.Value })
	}
	for _, other := range l.files {
		if id := other.source.ID.Value; other != f && id != "" && (other.builtIn || !f.builtIn) {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// over lays a file over another one: what is merged by key or id, what is replaced
// as a whole, and what is added.
func over(f, base source.File) source.File {
	for _, t := range []struct{ own, other *strict.Text }{
		{&f.Owner, &base.Owner}, {&f.About, &base.About}, {&f.Services, &base.Services}, {&f.Unapproved, &base.Unapproved},
	} {
		if !t.own.Written() {
			*t.own = *t.other
		}
	}
	if f.Environments == nil {
		f.Environments = base.Environments
	}
	f.Inputs = byID(base.Inputs, f.Inputs, func(in source.Input) string { return in.ID.Value })
	f.After = byID(base.After, f.After, func(s source.Step) string { return s.ID.Value })
	f.Vars, f.Values, f.Messages = merged(base.Vars, f.Vars), merged(base.Values, f.Values), merged(base.Messages, f.Messages)
	if f.Windows == nil {
		f.Windows = base.Windows
	}
	if f.Phases == nil {
		f.Phases = base.Phases
	}
	if !f.Rollback.At.Written() {
		f.Rollback = base.Rollback
	}
	if f.Defaults.Remind == nil {
		f.Defaults.Remind = base.Defaults.Remind
	}
	if !f.Defaults.Escalate.At.Written() {
		f.Defaults.Escalate = base.Defaults.Escalate
	}
	f.Failure = failureOver(f.Failure, base.Failure)
	f.Troubleshooting = slices.Concat(base.Troubleshooting, f.Troubleshooting)
	return f
}

func failureOver(f, base source.Failure) source.Failure {
	if !f.At.Written() {
		return base
	}
	for _, t := range []struct{ own, other *strict.Text }{
		{&f.Prefer, &base.Prefer}, {&f.Timeout, &base.Timeout}, {&f.Default, &base.Default}, {&f.Message, &base.Message},
		{&f.Over, &base.Over}, {&f.Stopped, &base.Stopped}, {&f.Held, &base.Held}, {&f.Resumed, &base.Resumed},
	} {
		if !t.own.Written() {
			*t.own = *t.other
		}
	}
	for _, t := range []struct{ own, other *[]strict.Text }{
		{&f.Experts, &base.Experts}, {&f.To, &base.To}, {&f.People, &base.People}, {&f.Remind, &base.Remind},
	} {
		if *t.own == nil {
			*t.own = *t.other
		}
	}
	if !f.Decide.Written() {
		f.Decide = base.Decide
	}
	if !f.Escalate.At.Written() {
		f.Escalate = base.Escalate
	}
	if f.Steps == nil {
		f.Steps = base.Steps
	}
	return f
}

// byID lays some over others: one of the same id in its place, others behind them.
func byID[T any](base, own []T, id func(T) string) []T {
	out := slices.Clone(base)
	for _, o := range own {
		i := slices.IndexFunc(base, func(b T) bool { return id(b) == id(o) && id(o) != "" })
		if i < 0 {
			out = append(out, o)
			continue
		}
		out[i] = o
	}
	return out
}

func merged[V any](base, own map[string]V) map[string]V {
	if base == nil {
		return own
	}
	out := maps.Clone(base)
	maps.Copy(out, own)
	return out
}
