package launch

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/stationmaster/stationmaster/deployer"
)

// HasWayBack reports whether the procedure of a deployment says how services go back.
func HasWayBack(d deployer.Deployment) bool {
	return slices.ContainsFunc(d.Procedure.Rollback, deployer.Step.Deploys)
}

// WayBack is the start of a rollback of what deployments have brought that have ended,
// the newest first: the rollback part of their procedure as it was frozen, and nothing
// of what is asked before a deployment. The releases of the request are the revisions
// to go to. Who may start one is the core's decision.
func (l Launcher) WayBack(r Request, of ...deployer.Deployment) (deployer.Start, error) {
	d := of[0]
	for _, other := range of[1:] {
		if other.Procedure.ID != d.Procedure.ID {
			return deployer.Start{}, deployer.Refuse("Roll them back one by one.", "%s and %s followed different procedures.", d.ID, other.ID)
		}
	}
	p, err := wayBack{l, r, of}.procedure()
	if err != nil {
		return deployer.Start{}, err
	}
	if err := suits(p, d.Site.Environment, r.Releases); err != nil {
		return deployer.Start{}, err
	}
	channels := maps.Clone(d.Channels)
	channels[deployer.ChannelDeploys] = r.Channel
	return deployer.Start{
		Site: d.Site, Reason: r.Reason, Channels: channels, Procedure: p, Releases: r.Releases, Inputs: d.Inputs,
		Terms: d.Terms, Place: d.Place, Back: d.ID,
	}, nil
}

// A wayBack makes a procedure of its own of the rollback part of another.
type wayBack struct {
	Launcher
	Request
	of []deployer.Deployment
}

// procedure is the way back. What fails in it is decided by those who decided there;
// it has no way back of its own, and what comes after the end is not due again.
func (w wayBack) procedure() (deployer.Procedure, error) {
	d := w.of[0]
	p := d.Procedure
	p.Title, p.Steps, p.Rollback, p.After, p.Phases = "Rollback · "+p.Title, nil, nil, nil, nil
	passed := map[string][]string{} // steps that are left out, with what they waited for
	for _, s := range d.Procedure.Rollback {
		s, needed, err := w.alone(s)
		if err != nil {
			return p, err
		}
		s.Needs = without(s.Needs, passed)
		if !needed {
			passed[s.ID] = s.Needs
			continue
		}
		if s.OnFailure == deployer.FailureRollBack {
			s.OnFailure = deployer.FailureDecide
		}
		p.Steps = append(p.Steps, s)
	}
	f := &p.Failure
	f.Steps = slices.DeleteFunc(slices.Clone(f.Steps), func(s deployer.Step) bool { return w.names(w.texts(s)...) })
	if f.Decide == "" {
		if roles := d.Deciders(); len(roles) > 0 {
			f.Decide, f.Roles = roles[0], roles[1:]
		}
	}
	if f.Prefer == deployer.ChoiceRollBack {
		f.Prefer = ""
	}
	if f.Default == deployer.ChoiceRollBack {
		f.Default, f.Timeout = "", 0
	}
	return p, nil
}

// without replaces steps that are left out by those that they waited for.
func without(needs []string, passed map[string][]string) []string {
	var out []string
	for _, id := range needs {
		if before, ok := passed[id]; ok {
			out = append(out, before...)
		} else {
			out = append(out, id)
		}
	}
	return out
}

// names reports whether texts name a step of what was done before the way back.
func (w wayBack) names(texts ...string) bool {
	for _, s := range w.of[0].Procedure.Steps {
		of := regexp.MustCompile(`\bsteps\.` + regexp.QuoteMeta(s.ID) + `(?:[^A-Za-z0-9_-]|$)`)
		if slices.ContainsFunc(texts, of.MatchString) {
			return true
		}
	}
	return false
}

// texts are those of a step, and the words that it tells.
func (w wayBack) texts(s deployer.Step) []string {
	p := w.of[0].Procedure
	return append(s.Texts(), p.Messages[s.Message()], p.Titles[s.Message()])
}

// alone is a step of the way back that needs no other deployment: what it says of the
// steps before it is what these have come to. It reports whether it is needed at all,
// and refuses where that can't be told.
func (w wayBack) alone(s deployer.Step) (_ deployer.Step, needed bool, err error) {
	if !w.names(w.texts(s)...) {
		return s, true, nil
	}
	d, said := w.of[0], s.Title
	no := deployer.Refuse("Name another procedure with --procedure.", "“%s”, on the way back of %s, rests on what that has done, and that can't be told any more.", said, d.ID)
	if len(w.of) > 1 {
		return s, false, deployer.Refuse("Roll them back one by one.", "“%s”, on the way back, rests on what %s and others have done.", said, d.ID)
	}
	if w.cfg.Language == nil {
		return s, false, no
	}
	at := deployer.Moment{Deployment: &d, Now: w.Asked, Step: s.ID}
	if w.names(s.When) {
		is, err := w.cfg.Language.Compute(s.When, deployer.TypeCond, at)
		if err != nil {
			return s, false, no
		}
		if !is.Flag {
			return s, false, nil
		}
		s.When, s.Else = "", ""
	}
	if w.names(s.With.Texts()...) {
		if s.With, err = w.cfg.Language.With(at); err != nil || slices.ContainsFunc(s.With.Texts(), func(t string) bool { return strings.ContainsAny(t, "{}") }) {
			return s, false, no
		}
	}
	for _, text := range []*string{&s.Title, &s.Else, &s.Expect, &s.How, &s.Troubleshooting} {
		if !w.names(*text) {
			continue
		}
		if *text, err = deployer.Filled(w.cfg.Language, *text, at); err != nil || strings.ContainsAny(*text, "{}") {
			return s, false, no
		}
	}
	if w.names(w.texts(s)...) {
		return s, false, no
	}
	return s, true, nil
}

// RevisionBefore is the revision that a service had before an ended deployment, which
// runs what that has brought: the one that its rollback would have gone to.
func (l Launcher) RevisionBefore(d deployer.Deployment, service string, revisions []deployer.Revision) (deployer.Revision, error) {
	again := func(format string, args ...any) error {
		return deployer.Refuse("", format, args...).Hint("To go back to what ran well before, say", deployer.VerbRollBack, service)
	}
	t, now := d.Target(service), slices.IndexFunc(revisions, func(r deployer.Revision) bool { return r.Current })
	if t == nil || now < 0 {
		return deployer.Revision{}, nothingBefore(service)
	}
	runs := revisions[now]
	state, ok := deployer.BackTo(d, *t)
	switch {
	case !Same(runs.State.Image, t.After.Image):
		return deployer.Revision{}, again("%s runs %s now, and not what %s has brought.", service, runs.State.Version, d.ID)
	case !ok:
		return deployer.Revision{}, nothingBefore(service)
	}
	g := where(revisions, deployer.Good{State: state})
	if g.State.Revision == "" {
		return deployer.Revision{}, again("%s ran %s before, and its system has forgotten that revision.", service, state.Version)
	}
	return byNumber(revisions, service, g.State.Revision)
}
