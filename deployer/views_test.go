package deployer_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/telling"
)

// An advised deployment waits for a decision, and has experts called in: sre, who is
// Otto, dba, who is Dora, and people of whom nobody is known.
type advised struct{ *night }

func newAdvised(t *testing.T) advised {
	t.Helper()
	n := newNight(t, deployer.Procedure{
		Steps:   []deployer.Step{{ID: "s", Title: "All is well", Uses: deployer.KindCheck, With: deployer.Values{"that": {Flag: false}}}},
		Failure: deployer.Failure{Decide: "tech-lead", Experts: []string{"sre", "dba", "nobody"}, Timeout: 15 * time.Minute, Default: deployer.ChoiceSkip},
	})
	if n.d.Status != deployer.Deciding {
		t.Fatalf("it is %s", n.d.Status)
	}
	n.sent = nil
	return advised{n}
}

// says gives an answer of somebody, whose roles are known.
func (n advised) says(by deployer.Actor, a deployer.Answer) error {
	n.t.Helper()
	who := standing(by.ID)
	if by == dora {
		who = []string{"dba"}
	}
	members := func(role string) []deployer.Actor {
		return map[string][]deployer.Actor{"sre": {otto}, "dba": {dora}, "tech-lead": {bob}}[role]
	}
	events, messages, err := telling.Decide(n.d, deployer.Order{By: by, Command: a}, deployer.Facts{Now: n.now, Person: deployer.Person{Roles: who}, Members: members})
	if err == nil {
		n.d, n.sent = deployer.Fold(n.d, events...), append(n.sent, messages...)
	}
	return err
}

func (n advised) decides(c deployer.Choice, why string) deployer.Answer {
	s := n.d.Broken()
	return deployer.Answer{Step: s.ID, Attempt: s.Attempt, Choice: c, Comment: why}
}

func (n advised) view(c deployer.Choice, why string) deployer.Answer {
	return deployer.ViewOf(*n.d.Broken(), c, why)
}

// Each expert counts once, with what they said last; it decides nothing, and nobody is
// called anew by it.
func TestExpertsGiveTheirViews(t *testing.T) {
	t.Parallel()
	n := newAdvised(t)
	for _, test := range []struct {
		by   deployer.Actor
		a    deployer.Answer
		want string
	}{
		{bob, n.view(deployer.ChoiceRetry, "so"), "Only sre or dba or nobody can give a view here."},
		{otto, n.view(deployer.ChoiceRetry, " "), "A view needs a reason."},
		{otto, n.view(deployer.ChoiceRollBack, "so"), "“Roll back” can't be decided now."},
		{otto, n.view("", "so"), "A view says what you would decide."},
		{otto, deployer.Answer{Step: "s", Attempt: 7, Choice: deployer.ChoiceView}, "Nobody is asked for a view of that now."},
		{deployer.Actor{Kind: deployer.ActorEngine, ID: "agent", Name: "agent"}, n.view(deployer.ChoiceRetry, "so"), "only people answer"},
	} {
		var r *deployer.Refusal
		if err := n.says(test.by, test.a); !errors.As(err, &r) || !strings.Contains(r.Error(), test.want) {
			t.Errorf("%s, who says %+v, is told %v, want %q", test.by.Name, test.a, err, test.want)
		}
	}
	for _, said := range []deployer.Answer{n.view(deployer.ChoiceStop, "no"), n.view(deployer.ChoiceRetry, "a blip")} {
		if err := n.says(otto, said); err != nil {
			t.Fatal(err)
		}
	}
	got := n.d.Decision.Views
	if len(got) != 1 || got[0].By != otto || got[0].Choice != deployer.ChoiceRetry || got[0].Why != "a blip" || got[0].Roles != "sre" || n.d.Status != deployer.Deciding {
		t.Errorf("the views are %+v, and it is %s", got, n.d.Status)
	}
	if got := deployer.Unheard(n.d); !slices.Equal(got, []string{"dba", "nobody"}) {
		t.Errorf("%q are unheard", got)
	}
	for _, m := range n.sent {
		if m.Kind != deployer.MessageCard && (m.Kind != deployer.MessageDecide || m.Receipt || m.Thread) {
			t.Errorf("it told %+v", m)
		}
	}
	if !slices.ContainsFunc(n.sent, func(m deployer.Message) bool { return m.Kind == deployer.MessageDecide }) {
		t.Error("the message about the problem does not change")
	}
}

// Whoever decides before the experts have said anything says why, unless they are the
// expert themselves; to look again decides nothing.
func TestDecidingWithoutExpertsTakesAReason(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		heard   []deployer.Actor
		by      deployer.Actor
		choice  deployer.Choice
		without []string
	}{
		{"nobody was heard", nil, bob, deployer.ChoiceRetry, []string{"sre", "dba"}},
		{"the requester stops", nil, ana, deployer.ChoiceStop, []string{"sre", "dba"}},
		{"one was heard", []deployer.Actor{otto}, bob, deployer.ChoiceStop, []string{"dba"}},
		{"all were heard", []deployer.Actor{otto, dora}, bob, deployer.ChoiceRetry, nil},
		{"it only holds", nil, bob, deployer.ChoiceHold, nil},
	} {
		n := newAdvised(t)
		for _, by := range test.heard {
			if err := n.says(by, n.view(deployer.ChoiceStop, "so")); err != nil {
				t.Fatal(err)
			}
		}
		a := n.decides(test.choice, "")
		err := n.says(test.by, a)
		var r *deployer.Refusal
		switch {
		case len(test.without) == 0 && err != nil:
			t.Errorf("%s: %v", test.name, err)
		case len(test.without) == 0:
			continue
		case !errors.As(err, &r) || !r.Reason || !slices.Equal(r.Unheard, test.without):
			t.Errorf("%s: %+v", test.name, err)
		}
		a.Comment = "it burns"
		if err := n.says(test.by, a); err != nil {
			t.Errorf("%s: with a reason: %v", test.name, err)
		}
		want := "decided without " + strings.Join(test.without, " and ") + ": it burns"
		if p := n.d.LastProblem("s"); p.Comment != want {
			t.Errorf("%s: the record has %q, want %q", test.name, p.Comment, want)
		}
	}
}

// An expert who decides is heard by that.
func TestWhoeverDecidesIsHeard(t *testing.T) {
	t.Parallel()
	n := newAdvised(t)
	n.d.Procedure.Failure.Decide = "sre"
	n.d.Procedure.Failure.Experts = []string{"sre"}
	if err := n.says(otto, n.decides(deployer.ChoiceRetry, "")); err != nil {
		t.Error(err)
	}
}

// Views are of one failure, and the clock decides without them.
func TestViewsBelongToOneFailure(t *testing.T) {
	t.Parallel()
	n := newAdvised(t)
	for _, by := range []deployer.Actor{otto, dora} {
		if err := n.says(by, n.view(deployer.ChoiceRetry, "so")); err != nil {
			t.Fatal(err)
		}
	}
	if err := n.says(bob, n.decides(deployer.ChoiceRetry, "")); err != nil || n.d.Status != deployer.Deciding || n.d.Step("s").Attempt != 2 {
		t.Fatalf("%v; it is %s", err, n.d.Status)
	}
	if len(n.d.Decision.Views) != 0 {
		t.Errorf("it begins with %+v", n.d.Decision.Views)
	}
	if n.passes(time.Hour); n.d.Status != deployer.Complete {
		t.Errorf("after its time it is %s", n.d.Status)
	}
}
