package deployer

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Outputs are what a step has left behind for an item of its scope, by name: what a
// runner has found, or what people filled in. "" is the one item of a step that is
// done once, or the only one of several. What is absent is not among them; a step
// that was not needed, was skipped or did not go well has left nothing but, of who
// should be there, who came.
func Outputs(d Deployment, s StepState, item string) Values {
	if item == "" {
		if all := ItemsOf(d, s); len(all) == 1 {
			item = all[0]
		}
	}
	switch {
	case s.Skipped.By.ID != "" || s.Status == StepNotNeeded:
		return nil
	case len(s.RolesAsked()) > 0 && s.Confirms():
		return s.attendance()
	case s.Confirms() && !doneByMachine(s, item):
		return s.outputs(item)
	}
	e := s.Effect(EffectKey{Step: s.ID, Item: item}.String())
	if e == nil || e.Stage != Settled || e.Outcome.Result != OK {
		return nil
	}
	return e.Outcome.Outputs
}

// ItemsOf is what a step is done for, each by itself: services, or the members of its
// list. One "" is a step that is done once.
func ItemsOf(d Deployment, s StepState) []string { return planner{d}.items(s) }

// DoneFor reports whether a step is done for one of its items.
func DoneFor(d Deployment, s StepState, item string) bool {
	switch {
	case s.Skipped.By.ID != "":
		return false
	case s.Confirms():
		_, ok := s.givenFor(item)
		return ok
	case s.Announces() && s.Scope() != ScopeOnce:
		return s.Attempt > 0 && s.Status != StepNotNeeded && s.toldFor(d, item)
	case s.Work() == WorkSystem:
		e := s.Effect(EffectKey{Step: s.ID, Item: item}.String())
		return e != nil && e.Stage == Settled && e.Outcome.Result == OK
	}
	return s.Status == Done
}

// AskedOf is what people are asked for at a step, each by itself: what it is done
// for, or the roles of which somebody has to be there. One "" asks for all at once.
func AskedOf(d Deployment, s StepState) []string {
	switch {
	case !s.Confirms():
		return nil
	case len(s.RolesAsked()) > 0:
		return s.RolesAsked()
	case s.asksEach():
		return planner{d}.items(s)
	}
	return []string{""}
}

// Unanswered is what of that nobody has answered yet.
func Unanswered(d Deployment, s StepState) []string {
	return slices.DeleteFunc(slices.Clone(AskedOf(d, s)), func(item string) bool {
		_, ok := s.givenFor(item)
		return ok
	})
}

// asksEach reports whether people are asked about each of what the step is done for.
// What is done by hand for every service is asked once, unless it leaves something
// behind for each.
func (s Step) asksEach() bool {
	return s.Scope() == ScopeMembers || s.EachOf == EachService || s.Hand && len(s.Fields) > 0 && s.Scope() == ScopeServices
}

// RolesAsked are the roles of which each has to answer by itself.
func (s Step) RolesAsked() []string {
	if asks := s.kind().Asks; asks != nil && asks.Roles != "" {
		return s.With[asks.Roles].List
	}
	return nil
}

// givenFor is what was answered about an item last.
func (s StepState) givenFor(item string) (Given, bool) {
	for _, g := range slices.Backward(s.Given) {
		if g.Item == item || g.Item == "" {
			return g, true
		}
	}
	return Given{}, false
}

// outputs are what people filled in for an item or, where its time is over and nobody
// did, what is taken then.
func (s StepState) outputs(item string) Values {
	g, given := s.givenFor(item)
	if !given && !(s.Expired && s.hasDefaults(item)) {
		return nil
	}
	out := Values{}
	var evidence []string
	for _, in := range s.fields(item) {
		text := in.Default
		if given {
			text = g.Values[in.ID]
		}
		if v, ok := in.Typed(text); ok {
			out[in.ID] = v
			if strings.HasPrefix(in.ID, fieldEvidence) {
				evidence = append(evidence, v.Text)
			}
		}
	}
	if len(evidence) > 0 && !s.Hand {
		out[fieldEvidence] = Value{Text: strings.Join(evidence, "\n")}
	}
	return out
}

// attendance is who is there of those who should be, and the roles of which nobody is.
func (s StepState) attendance() Values {
	var present, missing []string
	for _, role := range s.RolesAsked() {
		g, ok := s.givenFor(role)
		switch {
		case !ok:
			missing = append(missing, role)
		case !slices.Contains(present, g.By.Name):
			present = append(present, g.By.Name)
		}
	}
	return Values{"present": {List: present}, "missing": {List: missing}}
}

// fieldRoles are the roles by which somebody approves, where each of several has to.
const fieldRoles = "roles"

// Roles are those that may answer a step, in their order; none: the requester and the
// deciders. Of a step where somebody of each has to be there, Unanswered says which are
// still awaited.
func (s Step) Roles() []string {
	switch counts := s.RoleCounts(); {
	case len(counts) > 0:
		return slices.Sorted(maps.Keys(counts))
	case len(s.RolesAsked()) > 0:
		return s.RolesAsked()
	case s.Role() != "":
		return []string{s.Role()}
	}
	return nil
}

// RoleCounts are how many different people of each role have to answer, where these are
// several roles.
func (s Step) RoleCounts() map[string]int {
	if asks := s.kind().Asks; asks != nil && asks.Roles != "" {
		return s.With[asks.Roles].Counts
	}
	return nil
}

// approvesAs is the first role by which somebody approves a step, and what of their
// roles is kept: whoever holds several counts once, for whichever is left.
func (s StepState) approvesAs(who Person) (role string, values map[string]string) {
	if len(s.RoleCounts()) == 0 {
		return s.Role(), nil
	}
	held := slices.DeleteFunc(s.Roles(), func(role string) bool { return !who.holds(role) })
	if len(held) == 0 {
		return "", nil
	}
	return held[0], map[string]string{fieldRoles: strings.Join(held, "\n")}
}

// MissingApprovals are the roles that still have to approve a step, each as often as it
// is awaited. Approvals of another Subject count for nothing.
func MissingApprovals(d Deployment, s StepState) []string {
	places := s.approvalPlaces()
	hash := d.Subject().Hash()
	var given [][]string
	for _, a := range s.Approvals {
		if a.Subject == hash {
			given = append(given, s.rolesOf(a))
		}
	}
	taken := assign(places, given)
	var missing []string
	for i, place := range places {
		if taken[i] < 0 {
			missing = append(missing, place)
		}
	}
	return missing
}

// approvalPlaces are the roles that have to approve a step, each as often as it does.
func (s Step) approvalPlaces() []string {
	counts := s.RoleCounts()
	if len(counts) == 0 {
		return slices.Repeat([]string{s.Role()}, max(s.Count(), 1))
	}
	var places []string
	for _, role := range s.Roles() {
		places = append(places, slices.Repeat([]string{role}, max(counts[role], 1))...)
	}
	return places
}

// rolesOf are those for which an approval may count.
func (s StepState) rolesOf(a Approval) []string {
	if len(s.RoleCounts()) == 0 {
		return []string{s.Role()}
	}
	return strings.Split(a.Roles, "\n")
}

// assign gives as many places as can be to those who hold their roles, each to one, and
// says by place to whom; -1: to nobody.
func assign(places []string, given [][]string) []int {
	taken := slices.Repeat([]int{-1}, len(places))
	var seat func(person int, tried []bool) bool
	seat = func(person int, tried []bool) bool {
		for i, place := range places {
			if tried[i] || !slices.Contains(given[person], place) {
				continue
			}
			tried[i] = true
			if taken[i] < 0 || seat(taken[i], tried) {
				taken[i] = person
				return true
			}
		}
		return false
	}
	for person := range given {
		seat(person, make([]bool, len(places)))
	}
	return taken
}

// A Tick is one line of a checklist that somebody has seen to be so, before all of it
// is.
type Tick struct {
	Item     string // of what the step is done for: see AskedOf
	N        int    // of the line, from 1; 0: it is the evidence of all
	By       Actor
	At       time.Time
	Evidence string // "": none is asked for
}

// Checklist are the lines that whoever does a step looks at: its items, or what its
// system would have looked at.
func Checklist(s StepState, item string) []Item {
	with := s.WithOf(item)
	out := slices.Clone(with["items"].Items)
	if !s.Hand {
		return out
	}
	for _, name := range slices.Sorted(maps.Keys(with)) {
		for _, row := range with[name].Rows {
			if label := cmp.Or(row["name"], row["label"]); label != "" {
				out = append(out, Item{Title: label})
			}
		}
	}
	return out
}

// TicksOf are the lines of a checklist that are ticked so far, by their numbers.
func TicksOf(s StepState, item string) map[int]Tick {
	out := map[int]Tick{}
	for _, t := range s.Ticks {
		if t.Item == item {
			out[t.N] = t
		}
	}
	return out
}

// tickPrefix begins the names of the values by which lines of a checklist are ticked;
// their evidence has the name of its field. What they say: it is so, or not any more.
const (
	tickPrefix = "tick-"
	Ticked     = "true"
	Unticked   = "false"
)

// TickOf is the name of the value by which a line of a checklist is ticked.
func TickOf(n int) string { return tickPrefix + strconv.Itoa(n) }

// EvidenceOf is the field in which a line of a checklist has its evidence; of 0, that in
// which all of it has.
func EvidenceOf(n int) string {
	if n == 0 {
		return fieldEvidence
	}
	return fieldEvidence + "-" + strconv.Itoa(n)
}

// openMax is how many open lines of a checklist are named.
const openMax = 6

// complete are what somebody fills in who says that a step is done, with the evidence that
// was given before, or why it can't be taken: of its checklist, each line is ticked, by
// whoever it was.
func complete(s StepState, item string, given map[string]string) (map[string]string, error) {
	if s.Hand {
		return s.filled(item, given)
	}
	ticked, all := TicksOf(s, item), maps.Clone(given)
	for n, t := range ticked {
		if id := EvidenceOf(n); t.Evidence != "" && Blank(given[id]) && given[TickOf(n)] != Unticked {
			if all == nil {
				all = map[string]string{}
			}
			all[id] = t.Evidence
		}
	}
	var open []string
	for i, it := range Checklist(s, item) {
		_, was := ticked[i+1]
		if now := given[TickOf(i+1)]; !it.Evident() && !Blank(it.Title) && now != Ticked && (!was || now == Unticked) {
			open = append(open, "“"+it.Title+"”")
		}
	}
	if more := len(open) - openMax; more > 0 {
		open = append(open[:openMax], strconv.Itoa(more)+" more")
	}
	if len(open) > 0 {
		return nil, Refuse("Tick what is so; the step is done once all of it is.", "“%s” is not done: nobody has ticked %s.", s.Title, strings.Join(open, ", "))
	}
	return s.filled(item, all)
}

// newTicks are what somebody ticks of a checklist, as far as it was not before, and takes
// back of it, or why it can't be taken.
func newTicks(s StepState, item string, given map[string]string) (map[string]string, error) {
	out := map[string]string{}
	ticked := TicksOf(s, item)
	whole := Item{Title: "Evidence", Evidence: s.WithOf(item)[fieldEvidence].Text}
	for n, it := range append([]Item{whole}, Checklist(s, item)...) {
		_, was := ticked[n]
		switch now := given[TickOf(n)]; {
		case n == 0 && !it.Evident():
			continue
		case was && now == Unticked:
			out[TickOf(n)] = Unticked
			continue
		case !it.Evident():
			if now == Ticked && !was {
				out[TickOf(n)] = Ticked
			}
			continue
		}
		v := strings.TrimSpace(given[EvidenceOf(n)])
		if Blank(v) || ticked[n].Evidence == v {
			continue
		}
		if err := (Input{ID: EvidenceOf(n), Label: it.Title, Kind: evidenceKinds[it.Evidence]}).check(v); err != nil {
			return nil, err
		}
		out[EvidenceOf(n)] = v
	}
	if len(out) == 0 {
		return nil, Refuse("Tick what is so.", "Nothing of “%s” is ticked that was not before, or taken back.", s.Title)
	}
	return out, nil
}

// tick keeps what somebody has ticked, and not what they have taken back. Evidence can be
// given anew.
func (e Answered) tick(s *StepState) {
	for n := range len(Checklist(*s, e.Item)) + 1 {
		evidence := e.Values[EvidenceOf(n)]
		if evidence == "" && e.Values[TickOf(n)] == "" {
			continue
		}
		s.Ticks = slices.DeleteFunc(slices.Clone(s.Ticks), func(t Tick) bool { return t.Item == e.Item && t.N == n })
		if e.Values[TickOf(n)] == Unticked {
			continue
		}
		s.Ticks = append(s.Ticks, Tick{Item: e.Item, N: n, By: e.By, At: e.At, Evidence: evidence})
	}
}
