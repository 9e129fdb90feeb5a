package preview

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stationmaster/stationmaster/deployer"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// A tongue is a language of a few sentences.
type tongue map[string]deployer.Value

func (t tongue) Compute(expression string, _ deployer.ParamType, _ deployer.Moment) (deployer.Value, error) {
	if v, ok := t[expression]; ok {
		return v, nil
	}
	return deployer.Value{}, errors.New("it can't be told")
}

func (t tongue) With(at deployer.Moment) (deployer.Values, error) {
	return deployer.Values{"filled": {Text: at.Step}}, nil
}

func (t tongue) Words(text string, _ deployer.Moment) (map[string]string, error) {
	path := strings.Trim(text, "{}")
	return map[string]string{path: t[path].Text}, nil
}

func start() deployer.Start {
	ticket := deployer.Kind{Name: "ticket", Work: deployer.WorkSystem, Scope: deployer.ScopeOnce, Repeat: deployer.RepeatFindable}
	health := deployer.Kind{Name: "health", Work: deployer.WorkSystem, Scope: deployer.ScopeOnce, Repeat: deployer.RepeatReads}
	with := func(name string, v deployer.Value) deployer.Values { return deployer.Values{name: v} }
	p := deployer.Procedure{
		ID: "hotfix", Kinds: []deployer.Kind{ticket, health},
		Inputs:   []deployer.Input{{ID: "risk", Required: true}, {ID: "sql", Required: true, When: "inputs.schema"}, {ID: "cause", Required: true}},
		Values:   map[string]string{"high": `inputs.risk == "high"`, "told": "steps.ticket.done"},
		Phases:   []deployer.Phase{{ID: "agree", Title: "Agreed"}, {ID: "go", Title: "Gone", When: "values.high", Else: "Low risk"}},
		Messages: map[string]string{"starting": "{what} begins, {steps.ticket.key}"},
		Steps: []deployer.Step{
			{ID: "ticket", Phase: "agree", Title: "Ticket of {what}", Uses: "ticket", Hand: true},
			{ID: "approve", Phase: "agree", Uses: deployer.KindApprove, With: with("role", deployer.Value{Text: "lead"})},
			{ID: "later", Phase: "agree", Uses: "health", When: "values.told"},
			{ID: "never", Phase: "agree", Uses: "health", When: "inputs.schema", Else: "No schema"},
			{ID: "quoted", Phase: "agree", Uses: "health", When: `inputs.risk == "steps.are.words"`},
			{ID: "starting", Phase: "go", Uses: deployer.KindAnnounce, With: deployer.Values{"message": {Text: "starting"}, "to": {List: []string{"deploys", "gone"}}}},
			{ID: "wait", Phase: "go", Uses: deployer.KindWait, With: with("until", deployer.Value{Text: deployer.UntilPlanned})},
			{ID: "rollout", Phase: "go", Uses: deployer.KindRollout, EachOf: deployer.EachService},
			{ID: "welcome", Phase: "go", Title: "It would be good", Uses: "ticket", Hand: true, OnFailure: deployer.FailureContinue},
		},
		Rollback: []deployer.Step{{ID: "back", Uses: deployer.KindRollout}},
		After:    []deployer.Step{{ID: "watch", Uses: "health"}},
	}
	return deployer.Start{
		Site: deployer.Site{Name: "tangerine", Environment: "prod"}, Procedure: p, Channels: map[string]string{"deploys": "C1"}, Planned: noon.Add(time.Hour),
		Releases: []deployer.Release{{Service: "web", Tag: "v2"}, {Service: "api", Revision: "7"}}, Inputs: map[string]string{"risk": "high"},
	}
}

// What is known beforehand is said, and what is found out on the way is not guessed.
func TestAPreviewSaysWhatIsKnown(t *testing.T) {
	t.Parallel()
	ana, bob := deployer.Actor{ID: "UANA"}, deployer.Actor{ID: "UBOB", Name: "Bob"}
	site := deployer.Site{Name: "tangerine", Environment: "prod"}
	got := Of(start(), Facts{
		Now: noon, By: ana, Runs: map[string]string{"web": "v1"}, Holders: map[string]deployer.Deployment{"tangerine/prod/web": {ID: "tangerine-4"}},
		Locks: deployer.Locks{Site: site, All: []deployer.Lock{{Service: "api", By: bob, Until: noon.Add(time.Hour)}}},
		Language: tongue{
			"values.high": {Flag: true}, "inputs.schema": {}, `inputs.risk == "steps.are.words"`: {Flag: true}, "what": {Text: "web v2"},
		},
	})
	if diff := cmp.Diff([]Change{{Service: "web", From: "v1", To: "v2"}, {Service: "api", Revision: "7"}}, got.Changes); diff != "" {
		t.Error(diff)
	}
	if len(got.Missing) != 1 || got.Missing[0].ID != "cause" || len(got.Taken) != 1 || got.Taken[0].Service != "web" || len(got.Locked) != 1 || got.Locked[0].Service != "api" || got.Ready() {
		t.Errorf("missing %+v, taken %+v, locked %+v", got.Missing, got.Taken, got.Locked)
	}
	var lines []string
	for _, ph := range got.Phases {
		lines = append(lines, strings.TrimSpace(ph.Title+" "+string(ph.Needed)))
		for _, s := range ph.Steps {
			lines = append(lines, strings.Join(append([]string{s.ID, string(s.Does), string(s.Needed), s.Why}, append(s.Roles, s.Members...)...), " "))
		}
	}
	want := []string{
		"Agreed", "ticket asks  ", "approve asks   lead", "later looks depends values.told", "never looks not No schema", "quoted looks  ",
		"Gone", "starting posts  ", "wait waits  ", "rollout acts   web api", "welcome asks not ticket is not configured, and it can be done without.",
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Error(diff)
	}
	gone := got.Phases[1].Steps
	if s := gone[0]; s.Words != "{what} begins, {steps.ticket.key}" || !cmp.Equal(s.Values, map[string]string{"what": "web v2"}) || !cmp.Equal(s.To, []string{"deploys"}) || !cmp.Equal(s.Lacks, []string{"gone"}) {
		t.Errorf("%+v", s)
	}
	if !gone[1].Until.Equal(noon.Add(time.Hour)) || got.Phases[0].Steps[0].With["filled"].Text != "ticket" || len(got.Rollback) != 1 || len(got.After) != 1 {
		t.Errorf("%+v", gone[1])
	}
}

// Without a language nothing is guessed, and a phase that is not needed takes its steps along.
func TestAPreviewGuessesNothing(t *testing.T) {
	t.Parallel()
	got := Of(start(), Facts{Now: noon})
	if got.Phases[1].Needed != Depends || got.Phases[1].Steps[0].Needed != Depends || got.Phases[1].Steps[0].Why != "values.high" {
		t.Errorf("%+v", got.Phases[1])
	}
	got = Of(start(), Facts{Now: noon, Language: tongue{"values.high": {}}})
	if s := got.Phases[1].Steps[2]; s.Needed != Not || s.Why != "Low risk" {
		t.Errorf("%+v", s)
	}
	shown := start()
	if Of(shown, Facts{Now: noon}); shown.Procedure.Steps[0].Kind != nil {
		t.Error("what is looked at is changed by it")
	}
	none := start()
	none.Releases, none.Procedure.Services = nil, deployer.ServicesNone
	got = Of(none, Facts{Now: noon, Holders: map[string]deployer.Deployment{"tangerine/prod/:hotfix": {ID: "tangerine-4"}}})
	if len(got.Taken) != 1 || got.Taken[0].Service != "" {
		t.Errorf("%+v", got.Taken)
	}
}

// What is shown in the chat and in a terminal is one: the same steps, in the same words.
func TestAPreviewIsPutIntoWords(t *testing.T) {
	t.Parallel()
	same := func(s string) string { return s }
	says := Speaker{
		Text: func(words string, _ Step) string { return words }, Name: same, Strong: same, Span: time.Duration.String,
		Code:    func(s string) string { return "`" + s + "`" },
		Channel: func(name string) string { return "#" + name }, Moment: func(t time.Time) string { return t.Format("15:04") },
		Holders: func(role string, approves bool) []string { return map[string][]string{"lead": {"ana", "bob"}}[role] },
	}
	s := start()
	s.Procedure.Steps[2].Each, s.Procedure.Steps[2].Kind = []string{"a", "b", "c", "d", "e", "f"}, nil
	s.Procedure.After[0].Every, s.Procedure.After[0].Lasts = time.Minute, time.Hour
	s.Procedure.Failure.Steps = []deployer.Step{{ID: "page", Uses: "ticket"}}
	p := Of(s, Facts{Now: noon, Language: tongue{"values.high": {Flag: true}, "inputs.schema": {}, `inputs.risk == "steps.are.words"`: {Flag: true}}})
	var got []string
	for _, section := range says.Sections(p) {
		got = append(append(got, section.Title), section.Lines...)
	}
	for i := range got {
		got[i] = strings.Join(strings.Fields(got[i]), " ") // most of its steps have no title
	}
	want := []string{
		"Agreed", "✓ Ticket of {what} – would ask you, by hand", "✓ – would ask ana or bob (lead)", "✓ – would look, for each of a, b, c, d and 2 more, if `values.told`",
		"– – not needed: No schema", "✓ – would look",
		"Gone", "✉ – would post to #deploys, not to gone, which is not there", "… – would wait until 13:00", "⚡ , for each of web and api", "– It would be good – not needed: ticket is not configured, and it can be done without.",
		"After the end", "✓ – would look, every 1m0s for 1h0m0s",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got := Otherwise(p); got != "If a step fails, there is 1 step at once, and a rollback of 1 step" {
		t.Error(got)
	}
	if got := Otherwise(Preview{Failure: make([]Step, 2), Rollback: make([]Step, 1)}); got != "If a step fails, there are 2 steps at once, and a rollback of 1 step" {
		t.Error(got)
	}
	if got := says.posts(p, Step{}); got != "would post to no channel" {
		t.Errorf("what tells people alone %s", got)
	}
	says.Message = func(s Step) string { return s.Words }
	if line := says.Phases(p)[1].Lines[0]; !strings.HasSuffix(line, "which is not there: {what} begins, {steps.ticket.key}") {
		t.Error(line)
	}
}
