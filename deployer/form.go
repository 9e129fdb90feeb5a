package deployer

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Question is what people are asked at a step: all of it or, where it asks for several
// things, one of them.
type Question struct {
	Step StepState
	Item string // see AskedOf
}

// WaitingFor are the questions that one form answers: they wait now for whoever holds a
// role (see Step.Role), so that none of them comes before another. Approvals, and calls
// for somebody to be there, are each person's own answer.
func WaitingFor(d Deployment, role string) []Question {
	var out []Question
	for _, s := range d.Steps {
		if !joins(d, s) || s.Role() != role {
			continue
		}
		items := Unanswered(d, s)
		if s.Announces() {
			items = []string{""}
		}
		for _, item := range items {
			out = append(out, Question{Step: s, Item: item})
		}
	}
	return out
}

// Together are the questions that are answered with those of a step. None: it waits for
// an answer of its own.
func Together(d Deployment, of StepState) []Question {
	if !joins(d, of) {
		return nil
	}
	all := WaitingFor(d, of.Role())
	if !slices.ContainsFunc(all, func(q Question) bool { return q.Step.ID != of.ID }) {
		return nil
	}
	return all
}

// joins reports whether a step waits now for what can be answered with others.
func joins(d Deployment, s StepState) bool {
	if s.Status != Active || d.Status == Halting || !onDuty(d, s) || !d.AwaitsPerson(s) {
		return false
	}
	_, _, gated := s.GateOf()
	return !gated && (s.ForClients() || s.Confirms() && len(s.RolesAsked()) == 0)
}

// answerAll takes several answers of one person, all of them or none.
func (c *decider) answerAll(all AnswerAll, by answerer) error {
	if len(all.Answers) == 0 {
		return Refuse("Tick what is done.", "Nothing is answered.")
	}
	for _, a := range all.Answers {
		if a.Choice != ChoiceDone && a.Choice != ChoiceSend && a.Choice != ChoiceSave {
			return Refuse("Look at the card again.", "“%s” is answered by itself.", a.Choice)
		}
		if err := c.answer(a, by); err != nil {
			return err
		}
	}
	return nil
}

// MayAnswer refuses somebody, and an answer that the deployment does not wait for, as
// the order would be: before they are shown what to fill in, at which it does not look.
func MayAnswer(d Deployment, by Actor, a Answer, f Facts) error {
	if r := f.Policy.Admits(by, f.Person); r != nil {
		return r
	}
	c := &decider{d: d, now: f.Now}
	who := answerer{by, standing(d, by, f.Policy.as(f.Person)), &c.d}
	a.Comment = "It is said in the form."
	if a.Choice != ChoiceDone && a.Choice != ChoiceSend && a.Choice != ChoiceSave {
		return c.answer(a, who)
	}
	s, err := who.asked(a)
	if err != nil {
		return err
	}
	return who.mayAnswer(*s, a)
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
// their evidence has the name of its field.
const tickPrefix = "tick-"

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

// Evident reports whether a line of a checklist is ticked by its evidence.
func (it Item) Evident() bool {
	_, ok := evidenceKinds[it.Evidence]
	return ok
}

// newTicks are what somebody ticks of a checklist, as far as it was not before, or why
// it can't be taken.
func newTicks(s StepState, item string, given map[string]string) (map[string]string, error) {
	out := map[string]string{}
	ticked := TicksOf(s, item)
	whole := Item{Title: "Evidence", Evidence: s.WithOf(item)[fieldEvidence].Text}
	for n, it := range append([]Item{whole}, Checklist(s, item)...) {
		if n == 0 && !it.Evident() {
			continue
		}
		if !it.Evident() {
			if _, was := ticked[n]; given[TickOf(n)] != "" && !was {
				out[TickOf(n)] = "true"
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
		return nil, Refuse("Tick what is so.", "Nothing of “%s” is ticked that was not before.", s.Title)
	}
	return out, nil
}

// tick keeps what somebody has ticked. Evidence can be given anew.
func (e Answered) tick(s *StepState) {
	for n := range len(Checklist(*s, e.Item)) + 1 {
		evidence := e.Values[EvidenceOf(n)]
		if evidence == "" && e.Values[TickOf(n)] == "" {
			continue
		}
		s.Ticks = slices.DeleteFunc(slices.Clone(s.Ticks), func(t Tick) bool { return t.Item == e.Item && t.N == n })
		s.Ticks = append(s.Ticks, Tick{Item: e.Item, N: n, By: e.By, At: e.At, Evidence: evidence})
	}
}
