package deployer

import (
	"slices"
	"strings"
	"time"
)

// What the experts of a procedure think of a failure stands beside its question, and to
// decide without them takes a reason. Nobody waits for a role that nobody is known to hold.

// A View is what an expert would decide, and why.
type View struct {
	By     Actor
	At     time.Time
	Roles  string // by which they were called in, a line each
	Choice Choice
	Why    string
}

// ViewOf is the answer that somebody would decide so, about a step that did not go well.
func ViewOf(s StepState, choice Choice, why string) Answer {
	return Answer{Step: s.ID, Attempt: s.Attempt, Choice: ChoiceView, Values: map[string]string{fieldChoice: string(choice)}, Comment: why}
}

// Viewed is what somebody would decide.
func (e Answered) Viewed() Choice { return Choice(e.Values[fieldChoice]) }

// AsksExperts reports whether it is asked now what experts think of a failure.
func AsksExperts(d Deployment) bool {
	return d.Status == Deciding && d.Broken() != nil && len(d.Procedure.Failure.Experts) > 0
}

// ViewField asks what an expert would decide, of what can be decided now.
func ViewField(d Deployment) Input {
	in := Input{ID: fieldChoice, Label: "What would you decide?", Kind: InputChoice, Required: true}
	for _, c := range d.Options() {
		if c != ChoiceHold {
			in.Options = append(in.Options, string(c))
		}
	}
	return in
}

// Unheard are the experts' roles of which nobody has said anything about the failure.
func Unheard(d Deployment) []string {
	var heard []string
	for _, v := range d.Decision.Views {
		heard = append(heard, strings.Split(v.Roles, "\n")...)
	}
	return slices.DeleteFunc(slices.Clone(d.Procedure.Failure.Experts), func(role string) bool { return slices.Contains(heard, role) })
}

// tellView takes what an expert thinks. It decides nothing.
func tellView(c *decider, a Answer, by answerer) error {
	choice, may := a.Values[fieldChoice], ViewField(c.d).Options
	roles, err := by.calledIn(a)
	switch {
	case err != nil:
		return err
	case choice == "":
		return Refuse("It is one of: "+strings.Join(may, ", ")+".", "A view says what you would decide.")
	case !slices.Contains(may, choice):
		return Refuse("It is one of: "+strings.Join(may, ", ")+".", "“%s” can't be decided now.", Tail(choice, DetailMax))
	case said(a.Comment) == "":
		return Refuse("Say in a few words why.", "A view needs a reason.")
	}
	c.add(Answered{
		At: c.now, By: by.Actor, Step: a.Step, Attempt: a.Attempt, Choice: ChoiceView, Comment: said(a.Comment), Role: roles[0],
		Values: map[string]string{fieldChoice: choice, fieldRoles: strings.Join(roles, "\n")},
	})
	return nil
}

// calledIn are the experts' roles that somebody holds who says what they think, or why
// they can't.
func (by answerer) calledIn(a Answer) ([]string, error) {
	s, experts := by.d.Step(a.Step), by.d.Procedure.Failure.Experts
	held := slices.DeleteFunc(slices.Clone(experts), func(role string) bool { return !by.holds(role) })
	switch {
	case !AsksExperts(*by.d) || s == nil || !s.Broken() || decidedAlone(*by.d, *s) || s.Attempt != a.Attempt:
		return nil, Refuse("Look at the card again.", "Nobody is asked for a view of that now.")
	case len(held) == 0:
		return nil, Refuse("Say it in the thread.", "Only %s can give a view here.", strings.Join(experts, " or ")).allowing(May{Roles: experts})
	}
	return held, nil
}

// heard keeps what an expert thinks, in the place of what they thought before.
func heard(d *Deployment, e Answered) {
	d.Decision.Views = slices.DeleteFunc(slices.Clone(d.Decision.Views), func(v View) bool { return v.By.ID == e.By.ID })
	d.Decision.Views = append(d.Decision.Views, View{By: e.By, At: e.At, Roles: e.Values[fieldRoles], Choice: e.Viewed(), Why: e.Comment})
}

// withoutExperts are the experts' roles without whose view somebody would decide: those of
// which somebody is known, but not those that they hold themselves. Whoever breaks the
// glass says why anyway.
func withoutExperts(c *decider, a Answer, by answerer) []string {
	if !slices.Contains([]Choice{ChoiceRetry, ChoiceSkip, ChoiceByHand, ChoicePatch, ChoiceRollBack, ChoiceStop}, a.Choice) || !AsksExperts(c.d) || by.as == LevelBreakGlass {
		return nil
	}
	if s := c.d.Step(a.Step); s != nil && a.Choice != ChoiceStop && (!s.Broken() || decidedAlone(c.d, *s)) {
		return nil
	}
	return slices.DeleteFunc(Unheard(c.d), func(role string) bool {
		return by.holds(role) || len(holding(c.d, role, c.members)) == 0
	})
}

// decidedWithout says in the reason of a decision whose view it did not wait for.
func decidedWithout(a Answer, roles []string) Answer {
	if len(roles) > 0 && said(a.Comment) != "" {
		a.Comment = "decided without " + strings.Join(roles, " and ") + ": " + said(a.Comment)
	}
	return a
}

// unheard refuses who does not wait for the experts and does not say why.
func unheard(a Answer, roles []string) error {
	if len(roles) == 0 || said(a.Comment) != "" {
		return nil
	}
	have := "has"
	if len(roles) > 1 {
		have = "have"
	}
	r := Refuse("Say in a few words why it can't wait for that.", "%s %s not said anything about it yet, so deciding needs a reason.", strings.Join(roles, " and "), have)
	r.Reason, r.Unheard = true, roles
	return r
}
