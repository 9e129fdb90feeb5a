package launch

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/deployer"
)

// A drill may have steps fail that a system does, by their ids; nothing else.
func TestStepsFailInADrillByTheirIDs(t *testing.T) {
	t.Parallel()
	system := deployer.Kind{Name: "jenkins.build", Work: deployer.WorkSystem, Scope: deployer.ScopeOnce, Repeat: deployer.RepeatReads}
	for name, c := range map[string]struct {
		on      bool
		fail    []string
		refusal string
	}{
		"none":               {true, nil, ""},
		"a build":            {true, []string{"build", "check"}, ""},
		"on the way back":    {true, []string{"back"}, ""},
		"after the end":      {true, []string{"watch"}, ""},
		"nearly one":         {true, []string{"buidl"}, "Did you mean build?"},
		"none of it":         {true, []string{"something"}, "It has agree, build"},
		"what people do":     {true, []string{"agree"}, "people do it"},
		"another procedure":  {true, []string{"child"}, "another procedure"},
		"but not in a drill": {false, []string{"build"}, "--drill"},
	} {
		l := launcher(func(cfg *Config) {
			p := cfg.Procedures["deployment"]
			p.Kinds = []deployer.Kind{system}
			p.Steps = []deployer.Step{
				{ID: "agree", Uses: deployer.KindConfirm}, {ID: "build", Uses: system.Name}, {ID: "check", Uses: deployer.KindCheck},
				{ID: "child", Uses: deployer.KindRun, With: deployer.Values{"procedure": {Text: "hotfix"}}},
			}
			p.Rollback, p.After = []deployer.Step{{ID: "back", Uses: deployer.KindRollout}}, []deployer.Step{{ID: "watch", Uses: system.Name}}
			cfg.Procedures["deployment"] = p
		})
		r := asks("web", "v2")
		r.Drill = deployer.Drill{On: c.on, Fail: c.fail}
		s, err := l.Start(t.Context(), r)
		refused, _ := errors.AsType[*deployer.Refusal](err)
		switch {
		case c.refusal == "" && (err != nil || s.Drill.On != c.on || !slices.Equal(s.Drill.Fail, c.fail)):
			t.Errorf("%s: %+v, %v", name, s.Drill, err)
		case c.refusal != "" && (refused == nil || !strings.Contains(refused.Error(), c.refusal)):
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Windows, freezes and approvals of before have no say in a drill.
func TestDrillBeginsAtAnyTime(t *testing.T) {
	t.Parallel()
	l := windowed(t, deployer.Window{From: "00:00", To: "24:00", Is: deployer.WindowRefuse, Why: "Night"}, deployer.Window{From: "00:00", To: "24:00", Is: deployer.WindowWarn, Why: "Late"})
	r := asks("web", "v2")
	if _, err := l.Start(t.Context(), r); err == nil {
		t.Fatal("a deployment begins in a window that refuses it")
	}
	r.Drill.On = true
	s, err := l.Start(t.Context(), r)
	if err != nil || len(s.Warnings) > 0 || len(l.Warned(s, noon)) > 0 {
		t.Errorf("it is warned of %q and %q: %v", s.Warnings, l.Warned(s, noon), err)
	}
}
