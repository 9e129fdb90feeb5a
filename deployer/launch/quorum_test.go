package launch

import (
	"slices"
	"testing"

	"github.com/stationmaster/stationmaster/deployer"
)

func TestQuestionsThatNobodyCanAnswer(t *testing.T) {
	t.Parallel()
	approve := func(role string, count int) deployer.Step {
		return deployer.Step{ID: role, Title: "Ask " + role, Uses: deployer.KindApprove, With: deployer.Values{"role": {Text: role}, "count": {Number: count}}}
	}
	confirm := deployer.Step{ID: "done", Title: "Say so", Uses: deployer.KindConfirm, With: deployer.Values{"role": {Text: "ana"}}}
	both := func(roles map[string]int) deployer.Step {
		return deployer.Step{ID: "both", Title: "Ask them", Uses: deployer.KindApprove, With: deployer.Values{"roles": {Counts: roles}}}
	}
	roles := map[string]deployer.Holders{
		"ana":   {People: [][]string{{"UANA", "UANA2"}}},
		"bob":   {People: [][]string{{"UBOB"}}},
		"both":  {People: [][]string{{"UANA"}, {"UBOB"}}, Lacks: []string{"@both is empty"}},
		"three": {People: [][]string{{"UANA"}, {"UBOB"}, {"UEVE"}}},
		"empty": {Lacks: []string{"@empty is switched off", "eve: that is a guest"}},
		"maybe": {Unknown: true},
	}
	for name, c := range map[string]struct {
		by    string
		steps []deployer.Step
		back  []deployer.Step
		after []deployer.Step
		want  []string
	}{
		"all can":                       {steps: []deployer.Step{approve("bob", 1), confirm, {ID: "mine", Uses: deployer.KindConfirm}}},
		"nobody at all":                 {steps: []deployer.Step{approve("empty", 1)}, want: []string{"Nobody can answer “Ask empty”: @empty is switched off; eve: that is a guest."}},
		"a role that nobody has":        {steps: []deployer.Step{approve("none", 1)}, want: []string{"Nobody can answer “Ask none”: nobody is none."}},
		"the requester alone":           {by: "UANA2", steps: []deployer.Step{approve("ana", 1)}, want: []string{"Nobody can answer “Ask ana”: nobody but who asks is ana."}},
		"the requester confirms":        {by: "UANA", steps: []deployer.Step{confirm}},
		"too few":                       {steps: []deployer.Step{approve("bob", 2)}, want: []string{"Nobody can answer “Ask bob”: it wants 2 people of bob, and only 1 can."}},
		"too few but for the requester": {by: "UANA", steps: []deployer.Step{approve("both", 2)}, want: []string{"Nobody can answer “Ask both”: it wants 2 people of both, and only 1 can."}},
		"what is not known":             {by: "UANA", steps: []deployer.Step{approve("maybe", 2), approve("bob", 1)}},
		"one human twice":               {steps: []deployer.Step{approve("both", 1), approve("bob", 1), approve("ana", 1)}, want: []string{"The approvals want 3 different people, and only 2 can give them: one person says yes once."}},
		"one who has to leave it":       {steps: []deployer.Step{approve("three", 1), approve("both", 1), approve("ana", 1)}},
		"several roles":                 {steps: []deployer.Step{both(map[string]int{"bob": 1, "both": 1})}},
		"several roles, one has nobody": {steps: []deployer.Step{both(map[string]int{"bob": 1, "none": 1})}, want: []string{"Nobody can answer “Ask them”: nobody is none."}},
		"several roles, one has few":    {steps: []deployer.Step{both(map[string]int{"bob": 2})}, want: []string{"Nobody can answer “Ask them”: it wants 2 people of bob, and only 1 can."}},
		"one of several roles again":    {steps: []deployer.Step{both(map[string]int{"bob": 1, "three": 1}), approve("bob", 1)}, want: []string{"The approvals want 3 different people, and only 2 can give them: one person says yes once."}},
		"once more after the end":       {steps: []deployer.Step{approve("bob", 1)}, after: []deployer.Step{approve("bob", 1)}, want: []string{"The approvals want 2 different people, and only 1 can give them: one person says yes once."}},
		"a system's question":           {steps: []deployer.Step{{ID: "go", Title: "Go", Uses: deployer.KindRollout, With: deployer.Values{"proceed": {Text: "none"}}}}, want: []string{"Nobody can answer “Go”: nobody is none."}},
		"the approval answers it":       {steps: []deployer.Step{approve("bob", 1), {ID: "go", Uses: deployer.KindRollout, With: deployer.Values{"proceed": {Text: "approved"}}}}},
		"whoever is found out":          {steps: []deployer.Step{approve("owner", 1), approve("everyone", 1)}, after: []deployer.Step{approve("tam", 1)}},
		"the way back":                  {by: "UBOB", steps: []deployer.Step{approve("ana", 1)}, back: []deployer.Step{approve("bob", 1), approve("empty", 1)}, want: []string{"Nobody can answer “Ask empty”: @empty is switched off; eve: that is a guest."}},
	} {
		got := Unanswerable(deployer.Procedure{Steps: c.steps, Rollback: c.back, After: c.after}, c.by, func(role string) deployer.Holders { return roles[role] })
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: it says %q, want %q", name, got, c.want)
		}
	}
}

// What nobody can answer is said when it starts.
func TestAStartIsWarnedOfWhatNobodyCanAnswer(t *testing.T) {
	t.Parallel()
	l := launcher()
	l.cfg.Procedures["deployment"] = deployer.Procedure{
		ID: "deployment", Steps: []deployer.Step{{ID: "a", Title: "Lead approves", Uses: deployer.KindApprove, With: deployer.Values{"role": {Text: "lead"}}}},
	}
	l.ports.Holders = func(string) deployer.Holders { return deployer.Holders{People: [][]string{{"UANA"}}} }
	for by, want := range map[string][]string{"UANA": {"Nobody can answer “Lead approves”: nobody but who asks is lead."}, "UBOB": nil} {
		r := asks("web", "v2")
		r.By = by
		if got, err := l.Start(t.Context(), r); err != nil || !slices.Equal(got.Warnings, want) {
			t.Errorf("for %s it warns %q, %v, want %q", by, got.Warnings, err, want)
		}
	}
}
