package launch

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/stationmaster/stationmaster/deployer"
)

// A freezer makes of a procedure the one that is followed at a site: with the words,
// vars and systems that there are.
type freezer struct {
	Launcher
	site     deployer.Site
	place    Place
	services []string
	warnings []string // of what differs from the file, in whole sentences
}

// freeze is the procedure as it is followed.
func (f *freezer) freeze(p deployer.Procedure) (deployer.Procedure, error) {
	p = f.reworded(p, f.site.Name)
	p.Titles = f.titled(p.Titles)
	var err error
	if p.Vars, p.ServiceVars, err = f.vars(p); err != nil {
		return p, err
	}
	texts := p.Texts()
	parts := []*[]deployer.Step{&p.Steps, &p.Rollback, &p.Failure.Steps, &p.After}
	for _, steps := range parts {
		*steps = slices.Clone(*steps)
	}
	p.Bind()
	for _, steps := range parts {
		for i := range *steps {
			(*steps)[i] = f.step((*steps)[i], texts)
		}
	}
	p.Bind()
	return f.owned(p), nil
}

func (f *freezer) titled(titles map[string]string) map[string]string {
	titles = maps.Clone(titles)
	for name := range titles {
		for _, over := range []map[string]string{f.cfg.Titles, f.place.Titles} {
			if title, ok := over[name]; ok {
				titles[name] = title
			}
		}
	}
	return titles
}

// vars are what the vars of a procedure are at the site, and by service those that
// differ there.
func (f *freezer) vars(p deployer.Procedure) (all map[string]string, of map[string]map[string]string, err error) {
	all = maps.Clone(p.Vars)
	over := func(out, set map[string]string) {
		for name := range p.Vars {
			if value, ok := set[name]; ok {
				out[name] = value
			}
		}
	}
	over(all, f.Launcher.vars(f.site, ""))
	missing := func(out map[string]string, set map[string]string) string {
		for _, name := range slices.Sorted(maps.Keys(out)) {
			if _, ok := set[name]; out[name] == "" && !ok {
				return name
			}
		}
		return ""
	}
	if len(f.services) == 0 {
		if name := missing(all, f.Launcher.vars(f.site, "")); name != "" {
			return nil, nil, f.unset(p, name, "")
		}
	}
	for _, service := range f.services {
		set := f.Launcher.vars(f.site, service)
		own := maps.Clone(p.Vars)
		over(own, set)
		if name := missing(own, set); name != "" {
			return nil, nil, f.unset(p, name, service)
		}
		maps.DeleteFunc(own, func(name, value string) bool { return all[name] == value })
		if len(own) > 0 {
			if of == nil {
				of = map[string]map[string]string{}
			}
			of[service] = own
		}
	}
	return all, of, nil
}

func (f *freezer) unset(p deployer.Procedure, name, service string) error {
	at := f.site.String()
	if service != "" {
		at = service + " in " + at
	}
	return deployer.Refuse("Add it to the configuration, under vars of all, the retailer or the service.",
		"The procedure %s needs the var %s, and nothing sets it for %s.", p.ID, name, at)
}

// step is a step as it is done at the site.
func (f *freezer) step(s deployer.Step, texts []string) deployer.Step {
	kind := s.Kind
	if kind == nil {
		return s
	}
	if kind.OfTarget {
		return f.runner(s)
	}
	takes := func(p deployer.Param) bool { return p.Name == "components" }
	if slices.ContainsFunc(kind.Params, takes) && len(s.With["components"].List) == 0 && len(f.place.Components) > 0 {
		s.With = s.With.Set("components", deployer.Value{List: f.place.Components})
	}
	if kind.Work == deployer.WorkSystem {
		s.Fields = Fields(s, texts) // somebody may do it by hand in any case
		s.Hand = f.cfg.Has != nil && !f.cfg.Has(*kind, f.site.Name, f.site.Environment)
	}
	return s
}

// runner is a step that a target's own system does: that of the step if it is there,
// else the service's.
func (f *freezer) runner(s deployer.Step) deployer.Step {
	uses := s.With["runner"].Texts["uses"]
	switch {
	case uses == "":
	case uses == runnerHand:
		s.Hand = true
	case f.cfg.Runners != nil && !slices.Contains(f.cfg.Runners, uses):
		s.With = maps.Clone(s.With)
		delete(s.With, "runner")
		f.warnings = append(f.warnings, "“"+s.Title+"” is done by each service’s own runner, since "+uses+" is not set up here.")
	}
	return s
}

// runnerHand is the runner of a rollout that people do.
const runnerHand = "hand"

// Fields are what whoever does a step by hand fills in: those of its kind's outputs
// that some of the texts of its procedure name. What an act leaves behind has to be
// given; what is only looked at may not be there.
func Fields(s deployer.Step, texts []string) []deployer.Input {
	of := regexp.MustCompile(`\bsteps\.` + regexp.QuoteMeta(s.ID) + `(?:[^A-Za-z0-9_-]|$)`)
	var out []deployer.Input
	for _, p := range s.Kind.Outputs {
		named := regexp.MustCompile(`\.` + regexp.QuoteMeta(p.Name) + `(?:[^A-Za-z0-9_-]|$)`)
		if slices.ContainsFunc(texts, func(t string) bool { return of.MatchString(t) && named.MatchString(t) }) {
			out = append(out, field(p, s.Kind.Repeat != deployer.RepeatReads))
		}
	}
	return out
}

// outputURL is what kinds call the address of what they leave behind: who fills it in by
// hand gives one, or the links of later steps would lead nowhere.
const outputURL = "url"

// field is the input of an output.
func field(p deployer.Param, acts bool) deployer.Input {
	kinds := map[deployer.ParamType]deployer.InputKind{
		deployer.TypeFlag: deployer.InputBoolean, deployer.TypeNumber: deployer.InputNumber, deployer.TypeTime: deployer.InputTime,
		deployer.TypeDuration: deployer.InputDuration, deployer.TypeURL: deployer.InputLink,
	}
	in := deployer.Input{ID: p.Name, Label: Capital(strings.ReplaceAll(p.Name, "_", " ")), Help: Capital(p.Doc), Kind: kinds[p.Type], Many: p.Type == deployer.TypeList}
	if p.Name == outputURL && p.Type == deployer.TypeText {
		in.Kind = deployer.InputLink
	}
	if len(p.Options) > 0 {
		in.Kind, in.Options = deployer.InputChoice, p.Options
	}
	in.Required = acts && !in.Many && in.Kind != deployer.InputBoolean
	return in
}
