package templates_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/templates"
)

// load reads files by their names.
func load(t *testing.T, files map[string]string) (map[string]deployer.Procedure, error) {
	t.Helper()
	folder := fstest.MapFS{}
	for name, text := range files {
		folder[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return templates.Load(templates.Known{Kinds: kinds(t)}, folder)
}

const house = `id: house
title: House
abstract: true
inputs: [{id: why, default: nothing}]
vars: {url: "https://a.example", other: b}
defaults: {remind: [10m]}
failure: {decide: tech-lead, to: [change], timeout: 15m, default: stop}
rollback: {steps: [{id: back, uses: rollout}]}
after: [{id: watch, every: 15m, for: 2h, uses: alertmanager.check, with: {match: {a: "{vars.url}"}}}]
messages: {starting: "{what}", unused: "{inputs.nowhere}"}
`

// A procedure that extends another one has all of it, with its own laid over.
func TestWhatIsExtendedIsLaidUnder(t *testing.T) {
	t.Parallel()
	all, err := load(t, map[string]string{"house.yaml": house, "mine.yaml": `id: mine
title: Mine
extends: house
vars: {other: c}
failure: {to: [support]}
after: [{id: watch, in: 1h, uses: confirm}, {id: more, uses: confirm}]
phases:
  - id: go
    steps:
      - {id: approve, uses: approve, with: {role: tech-lead}}
      - {id: starting, uses: announce, with: {to: [deploys]}}
      - {id: rollout, uses: rollout}
  - include: closing
`, "closing.yaml": `id: closing
title: Closing
abstract: true
messages: {starting: other, told: "{vars.deep}"}
vars: {deep: d, other: e}
phases: [{id: close, steps: [{id: told, uses: announce, with: {to: [deploys]}}]}]
`})
	if err != nil {
		t.Fatal(err)
	}
	p := all["mine"]
	switch {
	case p.Abstract || !all["house"].Abstract,
		p.Vars["url"] != "https://a.example" || p.Vars["other"] != "c" || p.Vars["deep"] != "d",
		p.Failure.Decide != "tech-lead" || !slices.Equal(p.Failure.To, []string{"support"}) || p.Failure.Default != deployer.ChoiceStop,
		len(p.Rollback) != 1 || len(p.After) != 2 || p.After[0].Uses != "confirm" || len(p.After[1].Needs) != 0,
		len(p.Steps) != 4 || p.Steps[3].ID != "told" || !slices.Equal(p.Steps[3].Needs, []string{"rollout"}) || len(p.Phases) != 2,
		p.Messages["starting"] != "{what}" || p.Messages["told"] != "{vars.deep}" || p.Messages["failed"] == "" || p.Messages["unused"] != "":
		t.Errorf("%+v", p)
	}
	if p.Steps[0].Remind == nil || p.SHA == all["house"].SHA {
		t.Errorf("reminders %v, sha %s", p.Steps[0].Remind, p.SHA)
	}
}

// Steps and phases of what is extended come before and after others, in the place of others,
// and go; what waited for one that is gone waits no more.
func TestWhatIsExtendedIsChanged(t *testing.T) {
	t.Parallel()
	base := `id: base
title: Base
unapproved: a test
phases:
  - {id: one, steps: [{id: a, uses: confirm}, {id: b, uses: confirm}, {id: c, uses: confirm, needs: [a, b]}]}
  - {id: two, steps: [{id: d, uses: confirm}]}
rollback: {steps: [{id: r, uses: confirm}]}
`
	all, err := load(t, map[string]string{"base.yaml": base, "mine.yaml": `id: mine
title: Mine
extends: base
change:
  - {before: a, steps: [{id: first, uses: confirm}]}
  - {after: r, steps: [{id: last, uses: confirm}]}
  - {remove: b}
  - {replace: two, phases: [{id: three, steps: [{id: e, uses: confirm}]}]}
`})
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, s := range slices.Concat(all["mine"].Steps, all["mine"].Rollback) {
		ids = append(ids, s.ID+"<"+strings.Join(s.Needs, "+"))
	}
	if got, want := strings.Join(ids, " "), "first< a<first c<a e<c r< last<r"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if len(all["base"].Steps) != 4 {
		t.Errorf("what is extended has changed: %+v", all["base"].Steps)
	}
}

// What is wrong with extending and including, each in one line.
func TestWhatCanNotBeExtendedSaysSo(t *testing.T) {
	t.Parallel()
	const mine = "id: mine\ntitle: Mine\nunapproved: a test\n"
	const phases = "phases: [{id: go, steps: [{id: a, uses: confirm}]}]\n"
	for name, test := range map[string]struct {
		files map[string]string
		want  string
	}{
		"nobody": {map[string]string{"mine.yaml": mine + "extends: hose\n" + phases, "house.yaml": house}, `mine.yaml:4:10: there is no procedure "hose"; did you mean "house"?`},
		"a broken one": {map[string]string{"mine.yaml": mine + "extends: house\nvlues: {}\n" + phases, "house.yaml": strings.Replace(house, "uses: rollout", "uses: rolout", 1)}, `house.yaml:8:37: there is no step kind "rolout"; did you mean "rollout"?
mine.yaml:4:10: house.yaml has mistakes; this was not checked further
mine.yaml:5:1: there is no key "vlues" in a procedure; did you mean "values"?`},
		"one another": {map[string]string{"a.yaml": "id: a\ntitle: A\nextends: b\n", "b.yaml": "id: b\ntitle: B\nextends: a\n"}, `a.yaml:3:10: b.yaml has mistakes; this was not checked further
b.yaml:3:10: "b" extends "a", which comes back to it; remove one of the two`},
		"itself":            {map[string]string{"mine.yaml": mine + "extends: mine\n"}, `mine.yaml:4:10: "mine" extends "mine", which comes back to it; remove one of the two`},
		"one that lacks it": {map[string]string{"house.yaml": house, "mine.yaml": mine + "extends: house\nphases: [{id: go, steps: [{id: unused, uses: announce, with: {to: [deploys]}}]}]\n"}, `mine.yaml:4:10: house.yaml:10:41 does not fit here: there is no input "nowhere"; there are: why`},
		"a step that is not": {map[string]string{"house.yaml": house, "mine.yaml": mine + "extends: house\nchange: [{remove: bak}, {after: back}]\n" + phases}, `mine.yaml:5:19: what this extends has no step "bak"; did you mean "back"?
mine.yaml:5:33: after brings nothing; add steps: […], or phases: […] where it is about a phase`},
		"two of an id":     {map[string]string{"house.yaml": house, "other.yaml": house}, `other.yaml:1:5: the procedure "house" stands in house.yaml already; give this one another id`},
		"changing nothing": {map[string]string{"mine.yaml": mine + "change: [{remove: a}]\n" + phases}, `mine.yaml:4:10: change is about what a procedure extends, and this one extends nothing; add extends, or take change away`},
	} {
		if _, err := load(t, test.files); err == nil || err.Error() != test.want {
			t.Errorf("%s: got\n%v\nwant\n%s", name, err, test.want)
		}
	}
}

// A procedure of seven lines has all words that are told.
func TestSevenLinesAreAProcedure(t *testing.T) {
	t.Parallel()
	all, err := load(t, map[string]string{"web.yaml": `id: web
title: Web
phases:
  - id: go
    steps:
      - {id: approve, uses: approve, with: {role: tech-lead}}
      - {id: rollout, uses: rollout}
`})
	if err != nil {
		t.Fatal(err)
	}
	p := all["web"]
	for _, name := range []string{p.Failure.Message, p.Failure.Over, p.Failure.Stopped, p.Failure.Held, p.Failure.Resumed} {
		if p.Messages[name] == "" {
			t.Errorf("%q has no words: %v", name, p.Messages)
		}
	}
}
