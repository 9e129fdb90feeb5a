package templates

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/spelling"
	"github.com/stationmaster/stationmaster/templates/language"
	"github.com/stationmaster/stationmaster/templates/strict"
)

// rolloutTimeout bounds a rollout whose step names no time-out, so that none
// hangs for ever.
const rolloutTimeout = 15 * time.Minute

// step reads what stands at one. What belongs to a kind that there is not is not
// looked at.
func (b *builder) step(s *placed) {
	w := s.w
	if s.s.Title = w.Title.Value; s.s.Title == "" {
		s.s.Title = spoken(s.s.ID)
	}
	known := b.kindOf(s)
	b.each(s)
	s.s.When, s.s.Else, s.s.Expect, s.s.How = w.When.Value, w.Else.Value, w.Expect.Value, w.How.Value
	s.s.Estimate, s.s.Timeout, s.s.Deadline = b.duration(w.Estimate), b.duration(w.Timeout), w.Deadline.Value
	s.s.Background = b.flag(w.Background, "background")
	if known {
		w := params{b, s}
		w.with()
		b.times(s)
	}
	b.after(s)
	b.elseOf(w.At, w.When, w.Else)
	if on := b.one(w.OnFailure, "on_failure", "decide", "continue", "stop", "roll-back"); on != "decide" {
		s.s.OnFailure = deployer.OnFailure(on)
	}
	if s.s.MaySkip = w.MaySkip.Value; s.s.MaySkip != deployer.MaySkipNobody {
		b.role(w.MaySkip, deployer.MaySkipNobody)
	}
	if known {
		b.without(s)
	}
	for _, label := range sortedKeys(w.Links) {
		s.s.Links = append(s.s.Links, deployer.Item{Title: label, Link: w.Links[label].Value})
	}
	s.s.Troubleshooting = w.Troubleshooting.Text.Value
	s.s.Troubles = failing{b}.troubles(w.Troubleshooting.List, s)
	b.stepTexts(s)
}

// stepTexts notes what has to be checked once all steps are known.
func (b *builder) stepTexts(s *placed) {
	w, place := s.w, b.placeOf(s)
	once := place
	once.Each, once.Service = false, b.p.Services == deployer.ServicesOne
	b.expressionOr(w.When, deployer.TypeCond, once)
	b.expressionOr(w.Deadline, deployer.TypeTime, once)
	for _, t := range []strict.Text{w.Title, w.Expect, w.How, w.Troubleshooting.Text} {
		b.text(t, place)
	}
	otherwise := place
	otherwise.Each = false // for whom it would be done is not asked then
	b.text(w.Else, otherwise)
	for _, label := range sortedKeys(w.Links) {
		b.text(w.Links[label], place)
		b.address(w.Links[label], "a link")
	}
}

// kindOf finds the kind of a step.
func (b *builder) kindOf(s *placed) bool {
	w := s.w
	if !w.Uses.Written() || isBlank(w.Uses.Value) {
		if !b.saidNear(w.At, "uses:", `"uses"`, "uses must be ") { // a step of another tool's was told what that is called here
			b.wrong(w.At.Text, "missing", fmt.Sprintf("the step %q does not say what it does", w.ID.Value), "add for example uses: confirm")
		}
		return false
	}
	k := b.kinds[w.Uses.Value]
	if k == nil {
		b.wrong(w.Uses, "unknown-kind", fmt.Sprintf("there is no step kind %q", w.Uses.Value), b.insteadOfKind(w.Uses.Value))
		return false
	}
	s.s.Kind = k
	if b.p.Services == deployer.ServicesNone && k.Scope == deployer.ScopeServices && k.Name != "kubernetes.check" {
		b.wrong(w.Uses, "services", fmt.Sprintf("%s is about services, and this procedure is about none", k.Name), "take the step away, or services: none")
	}
	return true
}

// usualKinds are kinds by what other tools call them.
var usualKinds = map[string]string{
	"http": "probe.http", "https": "probe.http", "curl": "probe.http", "request": "probe.http", "sleep": deployer.KindWait, "pause": deployer.KindWait, "delay": deployer.KindWait,
	"slack": deployer.KindAnnounce, "notify": deployer.KindAnnounce, "message": deployer.KindAnnounce, "tell": deployer.KindAnnounce,
	"deploy": deployer.KindRollout, "manual": deployer.KindConfirm, "checklist": deployer.KindConfirm, "approval": deployer.KindApprove,
	"shell": "job.run", "bash": "job.run", "script": "job.run", "command": "job.run",
}

// insteadOfKind says which kind was meant: one that is spelled like it, or is called so
// behind its system's name.
func (b *builder) insteadOfKind(word string) string {
	names := sortedKeys(b.kinds)
	near := spelling.SuggestAs("%q", word, names)
	if near != "" || len(names) <= 8 {
		return strict.Instead(word, names)
	}
	system, does, _ := strings.Cut(strings.ToLower(word), ".")
	if other := usualKinds[system]; b.kinds[other] != nil {
		return fmt.Sprintf("did you mean %q?", other)
	}
	var like []string
	for _, name := range names {
		if _, part, ok := strings.Cut(name, "."); ok && part == does {
			like = append(like, fmt.Sprintf("%q", name))
		}
	}
	if len(like) > 0 && len(like) <= 3 {
		return "did you mean " + strings.Join(like, " or ") + "?"
	}
	return "`stationmaster procedure kinds` lists them"
}

// saidNear reports whether a mistake that says one of some words was found where a step
// or a phase stands, when it was read.
func (b *builder) saidNear(at strict.Start, words ...string) bool {
	return slices.ContainsFunc(b.read, func(p strict.Problem) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(p.Why, w) }) && b.isNear(at, p)
	})
}

// isNear reports whether a mistake was found at a step or a phase.
func (b *builder) isNear(at strict.Start, p strict.Problem) bool {
	between := func(s *placed) bool { return s.w.At.Line > at.Line && s.w.At.Line <= p.Line }
	return p.File == at.File() && p.Line >= at.Line && !slices.ContainsFunc(b.steps, between)
}

// each reads for what a step is done, each by itself, and in which order.
func (b *builder) each(s *placed) {
	w, scope := s.w.Each, deployer.ScopeOnce
	if s.s.Kind != nil {
		scope = s.s.Kind.Scope
	}
	switch one := w.One; {
	case !w.Written():
		if scope == deployer.ScopeMembers {
			b.wrong(s.w.Uses, "each", s.s.Uses+" is done once for every member of a list", "add for example each: [one, two]")
		}
	case one.Value == "service":
		b.wrong(one, "each", `each is never "service"`, "did you mean "+strconv.Quote(deployer.EachService)+"?")
	case one.Value == deployer.EachService && b.p.Services == deployer.ServicesNone:
		b.wrong(one, "services", "this procedure is about no services", "take each away, or services: none")
	case one.Value == deployer.EachService && scope == deployer.ScopeServices: // it says what is so
	case one.Value == deployer.EachService && scope == deployer.ScopeMembers:
		b.wrong(one, "each", s.s.Uses+" is done for the members of a list, which are not the services", "write them out")
	case scope == deployer.ScopeServices:
		at := one
		if !at.Written() {
			at = s.w.Uses
		}
		b.wrong(at, "each", s.s.Uses+" is done once for every service", "take each away, or write each: "+deployer.EachService)
	case one.Written() && b.noList(one, "each"):
	case one.Written():
		if s.s.EachOf = one.Value; one.Value != deployer.EachService {
			place := b.placeOf(s)
			place.Each, place.Service = false, b.p.Services == deployer.ServicesOne
			b.expression(one, deployer.TypeList, place)
		}
	default:
		if s.s.Each = b.literals(w.Many, "each"); len(s.s.Each) > deployer.MembersMax {
			b.wrong(w.Many[deployer.MembersMax], "each", fmt.Sprintf("each has %d members; %d are the most", len(s.s.Each), deployer.MembersMax), "make several steps of it")
		}
	}
	b.waves(s, scope)
}

// waves reads in which order the members of a step come.
func (b *builder) waves(s *placed, scope deployer.Scope) {
	w := s.w.Order
	if !w.Written() {
		return
	}
	if scope != deployer.ScopeServices && !s.w.Each.Written() && s.s.Kind != nil {
		b.wrong(append(w.All(), s.w.ID)[0], "order", "order is about what is done for several, and this step is done once", "add each, or take order away")
		return
	}
	switch b.one(w.One, "order", "together", "in-turn") {
	case "in-turn":
		s.s.Order = deployer.InTurn
	}
	for i, t := range w.Many {
		n, err := strconv.Atoi(t.Value)
		switch {
		case t.Value == "rest" && i == len(w.Many)-1:
			n = deployer.WaveRest
		case t.Value == "rest":
			b.wrong(t, "order", "behind rest nothing is left", "write it last")
		case err != nil || n < 1:
			b.wrong(t, "order", fmt.Sprintf("a wave is a number from 1 on, or rest at the end, not %q", t.Value), "")
		}
		s.s.Order = append(s.s.Order, n)
	}
}

// placeOf is where the texts of a step are read.
func (b *builder) placeOf(s *placed) language.Place {
	members := s.w.Each.Written() && s.w.Each.One.Value != deployer.EachService
	return language.Place{
		Step:    s.s.ID,
		Service: s.w.Each.One.Value == deployer.EachService || s.w.Each.One.Value == "service" || !members && b.saidNear(s.w.At, `"each"`) || s.s.Kind != nil && s.s.Kind.Scope == deployer.ScopeServices,
		Each:    members || s.s.Kind != nil && s.s.Kind.Scope == deployer.ScopeMembers,
		Failure: s.part != deployer.PartMain,
		Outcome: s.part == deployer.PartAfter,
		Over:    func(id string) bool { return b.isOver(s, id) },
		Instead: func(id string) string { return b.insteadOfWaiting(s, id) },
	}
}
