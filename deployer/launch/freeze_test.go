package launch

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stationmaster/stationmaster/deployer"
)

// house is a procedure that wants a ticket system, a status page and Jenkins.
func house() deployer.Procedure {
	kinds := []deployer.Kind{
		{
			Name: "ticket", Work: deployer.WorkSystem, Scope: deployer.ScopeOnce, Repeat: deployer.RepeatFindable,
			Outputs: []deployer.Param{{Name: "key", Type: deployer.TypeText, Doc: "of the ticket"}, {Name: "url", Type: deployer.TypeText}, {Name: "status", Type: deployer.TypeText}},
		},
		{
			Name: "find", Work: deployer.WorkSystem, Scope: deployer.ScopeOnce, Repeat: deployer.RepeatReads,
			Params:  []deployer.Param{{Name: "components", Type: deployer.TypeList}},
			Outputs: []deployer.Param{{Name: "found", Type: deployer.TypeFlag}, {Name: "end", Type: deployer.TypeTime}},
		},
	}
	return deployer.Procedure{
		ID: "house", Kinds: kinds, Vars: map[string]string{"wiki": "https://wiki.example", "url": ""},
		Messages: map[string]string{"told": "{@owner}: {steps.ticket.key}"}, Titles: map[string]string{"told": "Ours"},
		Steps: []deployer.Step{
			{ID: "ticket", Title: "There is a ticket", Uses: "ticket"},
			{ID: "found", Uses: "find", When: "steps.ticket.done && steps.found-it.done"},
			{ID: "ask", Uses: deployer.KindConfirm, When: "steps.found.of.all(s, s.found)", With: deployer.Values{"role": {Text: "owner"}}},
			{ID: "rollout", Title: "Roll out", Uses: deployer.KindRollout, With: deployer.Values{"runner": {Texts: map[string]string{"uses": "jenkins"}}}},
			{ID: "approve", Uses: deployer.KindApprove, With: deployer.Values{"role": {Text: "lead"}}},
		},
		Failure: deployer.Failure{Experts: []string{"owner", "sre"}, To: []string{"change", "support"}},
	}
}

func housed(change func(*Config)) Launcher {
	return launcher(func(c *Config) {
		c.Procedures["deployment"] = house()
		c.Has = func(k deployer.Kind, site, _ string) bool { return k.Work != deployer.WorkSystem || k.Deploys }
		c.Runners = []string{"kubernetes"}
		c.Owners = map[string]Owner{"web": {Name: "Team Web", Role: "team-web"}, "api": {Name: "Team Api", Role: "team-api"}}
		c.Titles = map[string]string{"told": "All's"}
		c.Vars = func(_ deployer.Site, service string) map[string]string {
			return map[string]string{"url": "https://" + service + ".example", "other": "x"}
		}
		c.Place = func(s deployer.Site) Place {
			return Place{Title: "The " + s.Name, Namespace: "shop", Groups: []string{"west"}, Components: []string{"ecom"}, Services: map[string][]string{"lemon": {"web"}}[s.Name]}
		}
		change(c)
	})
}

// What the site has is frozen into the procedure, and what differs from the file is said.
func TestAProcedureIsFrozenForItsSite(t *testing.T) {
	t.Parallel()
	l := housed(func(*Config) {})
	r := asks("web", "v2")
	r.Releases = append(r.Releases, deployer.Release{Service: "api", Tag: "v1"})
	got, err := l.Start(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	p := got.Procedure
	for what, pair := range map[string][2]any{
		"vars":         {p.Vars, map[string]string{"wiki": "https://wiki.example", "url": "https://.example"}},
		"service vars": {p.ServiceVars, map[string]map[string]string{"web": {"url": "https://web.example"}, "api": {"url": "https://api.example"}}},
		"place": {got.Place, deployer.Locale{
			Title: "The tangerine", Namespace: "shop", Groups: []string{"west"}, Retailers: []string{"tangerine"},
			Owners: map[string]string{"web": "Team Web", "api": "Team Api"},
		}},
		"fields of an act": {p.Steps[0].Fields, []deployer.Input{{ID: "key", Label: "Key", Help: "Of the ticket", Required: true}}},
		"fields of a look": {p.Steps[1].Fields, []deployer.Input{{ID: "found", Label: "Found", Kind: deployer.InputBoolean}}},
		"hands":            {[]bool{p.Steps[0].Hand, p.Steps[1].Hand, p.Steps[2].Hand, p.Steps[3].Hand}, []bool{true, true, false, false}},
		"components":       {p.Steps[1].With["components"].List, []string{"ecom"}},
		"the runner":       {p.Steps[3].With, deployer.Values{}},
		"who is asked":     {p.Steps[2].Role(), "team-web"},
		"the experts":      {p.Failure.Experts, []string{"team-web", "sre"}},
		"the words":        {p.Messages["told"], "{@team-web}: {steps.ticket.key}"},
		"the title":        {p.Titles["told"], "All's"},
		"the file's own":   {l.cfg.Procedures["deployment"].Steps[0].Hand, false},
		"channels":         {got.Channels, map[string]string{"deploys": "C1", "change": "id of #tangerine-change"}},
		"what is different": {got.Warnings, []string{
			"Tangerine has no channel support: what the procedure tells there is not told.",
			"“Roll out” is done by each service’s own runner, since jenkins is not set up here.",
			"The services have several owners; where one is asked, it is team-web.",
		}},
	} {
		if diff := cmp.Diff(pair[1], pair[0]); diff != "" {
			t.Errorf("%s: %s", what, diff)
		}
	}
}

func TestWhatCanNotBeStartedIsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*deployer.Procedure, *Config, *Request)
		want   string
	}{
		"abstract":    {func(p *deployer.Procedure, _ *Config, _ *Request) { p.Abstract = true }, "only serves others"},
		"environment": {func(p *deployer.Procedure, _ *Config, _ *Request) { p.Environments = []string{"staging"} }, "The procedure house is for staging, and not for prod."},
		"no service":  {func(_ *deployer.Procedure, _ *Config, r *Request) { r.Releases, r.Procedure = nil, "deployment" }, "is about services, and none was named. Say for example: start house SERVICE TAG"},
		"one of several": {func(p *deployer.Procedure, _ *Config, r *Request) {
			p.Services = deployer.ServicesOne
			r.Releases = append(r.Releases, deployer.Release{Service: "api", Tag: "v1"})
		}, "is about one service, and you named web and api"},
		"about none": {func(p *deployer.Procedure, _ *Config, _ *Request) { p.Services = deployer.ServicesNone }, "is about no service. Leave the services out. – Say for example: start house"},
		"a var":      {func(_ *deployer.Procedure, c *Config, _ *Request) { c.Vars = nil }, "needs the var url, and nothing sets it for web in tangerine prod"},
		"not there": {func(_ *deployer.Procedure, c *Config, r *Request) {
			r.Site, r.Environment, r.Releases[0].Service = "lemon", "prod", "api"
		}, "Lemon has no service api. It has web."},
	} {
		r := asks("web", "v2")
		l := housed(func(cfg *Config) {
			p := cfg.Procedures["deployment"]
			c.change(&p, cfg, &r)
			cfg.Procedures["deployment"] = p
		})
		if _, err := l.Start(t.Context(), r); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// A procedure about no service starts without one, and its owners are its own.
func TestAProcedureAboutNoServiceStarts(t *testing.T) {
	t.Parallel()
	l := housed(func(c *Config) {
		p := c.Procedures["deployment"]
		p.Services, p.Owner = deployer.ServicesNone, "operations"
		c.Procedures["deployment"] = p
	})
	got, err := l.Start(t.Context(), Request{Site: "tangerine", Channel: "C1", Procedure: "deployment", Asked: noon})
	if err != nil || got.Procedure.Steps[2].Role() != "operations" || len(got.Releases) != 0 {
		t.Errorf("%+v, %v", got, err)
	}
}

// What is put to a role that nobody has is whoever asked's to answer, but never an
// approval; who is called is waited for where there is somebody.
func TestWhoIsNotThereIsDoneWithout(t *testing.T) {
	t.Parallel()
	to := func(role string) deployer.Values { return deployer.Values{"role": {Text: role}} }
	all := func(roles ...string) deployer.Values { return deployer.Values{"roles": {List: roles}} }
	for _, c := range []struct {
		name  string
		roles []string // that the config has
		tam   bool
		uses  string
		with  deployer.Values
		role  string // who is asked then; "": whoever asked
		all   []string
	}{
		{"nothing is known", nil, false, deployer.KindConfirm, to("sre"), "sre", nil},
		{"it is there", []string{"sre"}, false, deployer.KindConfirm, to("sre"), "sre", nil},
		{"it is not", []string{"lead"}, false, deployer.KindConfirm, to("sre"), "", nil},
		{"an approval", []string{"lead"}, false, deployer.KindApprove, to("sre"), "sre", nil},
		{"the account manager", []string{"lead"}, true, deployer.KindConfirm, to("tam"), "tam of tangerine", nil},
		{"no account manager", []string{"lead"}, false, deployer.KindConfirm, to("tam"), "", nil},
		{"some of those who are called", []string{"sre"}, true, "call", all("tam", "sre", "train-owner"), "", []string{"tam of tangerine", "sre"}},
		{"the owner is called twice", []string{"team-web"}, false, "call", all("team-web", "owner"), "", []string{"team-web"}},
		{"none of those who are called", []string{"lead"}, false, "call", all("tam", "sre"), "", []string{deployer.RoleRequester}},
	} {
		l := housed(func(cfg *Config) {
			p := cfg.Procedures["deployment"]
			p.Kinds = append(p.Kinds, deployer.Kind{Name: "call", Work: deployer.WorkPeople, Params: []deployer.Param{{Name: "roles", Type: deployer.TypeRoles}}, Asks: &deployer.Asks{Roles: "roles"}})
			p.Steps = append(p.Steps, deployer.Step{ID: "one", Uses: c.uses, With: c.with})
			cfg.Procedures["deployment"], cfg.Roles = p, c.roles
			cfg.Place = func(deployer.Site) Place { return Place{TAM: c.tam} }
		})
		start, err := l.Start(t.Context(), asks("web", "v2"))
		if err != nil {
			t.Fatal(err)
		}
		s := start.Procedure.Steps[len(start.Procedure.Steps)-1]
		if diff := cmp.Diff([]any{c.role, c.all}, []any{s.Role(), s.RolesAsked()}); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

// A role of the config that is called like a built-in one is meant instead, also where
// words call it.
func TestARoleOfTheConfigIsMeantInstead(t *testing.T) {
	t.Parallel()
	l := housed(func(c *Config) {
		p := c.Procedures["deployment"]
		p.Messages = map[string]string{"told": "{@on-call} {@owner} {@sre}"}
		p.Failure.Decide = "on-call"
		c.Procedures["deployment"], c.Roles = p, []string{"on-call"}
	})
	got, err := l.Start(t.Context(), asks("web", "v2"))
	if err != nil {
		t.Fatal(err)
	}
	if words, role := got.Procedure.Messages["told"], got.Procedure.Failure.Decide; words != "{@on-call} {@team-web} {@sre}" || role != "on-call" {
		t.Errorf("the words are %q, and %s decides", words, role)
	}
}
