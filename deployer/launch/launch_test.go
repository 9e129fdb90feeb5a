package launch

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stationmaster/stationmaster/deployer"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 600_000_000, time.UTC)

// settings are two services that follow one procedure, one that follows another,
// and a site with two environments.
func settings() Config {
	announce := deployer.Step{ID: "starting", Uses: deployer.KindAnnounce, With: deployer.Values{
		"message": {Text: "starting"}, "to": {List: []string{"deploys", "change", "clients"}},
	}}
	return Config{
		Services: map[string]string{"web": "deployment", "api": "deployment", "cron": "hotfix"},
		Procedures: map[string]deployer.Procedure{
			"deployment": {
				ID: "deployment", Steps: []deployer.Step{announce, {ID: "wait", Uses: deployer.KindWait, With: deployer.Values{"until": {Text: deployer.UntilPlanned}}}},
				Inputs: []deployer.Input{
					{ID: "risk", Options: []string{"low", "high"}, Default: "low"}, {ID: "ticket"}, {ID: "size", Options: []string{"s", "l"}},
				},
				Messages: map[string]string{"starting": "own", "complete": "own", "failed": "own"},
				Failure:  deployer.Failure{To: []string{"change"}},
			},
			"hotfix": {ID: "hotfix"},
		},
		Sites: map[string]Site{
			"tangerine": {
				Environments: map[string]Environment{"prod": {Default: true}, "staging": {Follows: map[string]string{"cron": "deployment"}}}, Channels: map[string]string{"change": "#tangerine-change"},
				Messages: map[string]string{"complete": "tangerine's"}, Terms: map[string]string{"tam": "Tamara"},
			},
			"lemon": {Environments: map[string]Environment{"prod": {}, "staging": {}}},
			"plum":  {Environments: map[string]Environment{"only": {}}},
		},
		Messages:  map[string]string{"starting": "all", "complete": "all", "other": "all"},
		Settings:  Settings{Idle: []string{"rollback"}},
		LeadTimes: map[string]time.Duration{"high": 24 * time.Hour},
	}
}

var errNotInvited = deployer.Refuse("Invite it.", "It is not in #away.")

func launcher(change ...func(*Config)) Launcher {
	cfg := settings()
	for _, c := range change {
		c(&cfg)
	}
	return New(cfg, Ports{
		Channel: func(_ context.Context, name string) (string, error) {
			if name == "#away" {
				return "", errNotInvited
			}
			return "id of " + name, nil
		},
		Lacks: func(_ context.Context, _, tag string) []string {
			if tag == "v1" || tag == "v2" {
				return nil
			}
			return []string{"v1", "v2"}
		},
	})
}

func asks(service, tag string) Request {
	return Request{Site: "tangerine", Channel: "C1", Releases: []deployer.Release{{Service: service, Tag: tag}}, Asked: noon}
}

func at(t time.Time) func() (time.Time, error) {
	return func() (time.Time, error) { return t, nil }
}

func TestARequestBecomesAStart(t *testing.T) {
	t.Parallel()
	l := launcher()
	r := asks("Web", "v2")
	r.Environment, r.Reason, r.Planned = "Staging", "orders are stuck", at(noon.Add(2*time.Hour))
	r.Releases = append(r.Releases, deployer.Release{Service: "api", Revision: "7"})
	r.Inputs = map[string]string{"RISK": "High", "ticket": "T-1"}
	got, err := l.Start(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	p := l.cfg.Procedures["deployment"]
	own := p.Messages
	p.Messages = map[string]string{"starting": "all", "complete": "tangerine's", "failed": "own"}
	p.Steps = slices.Clone(p.Steps)
	p.Bind()
	want := deployer.Start{
		Site: deployer.Site{Name: "tangerine", Environment: "staging"}, Reason: "orders are stuck", Procedure: p, Planned: noon.Add(2 * time.Hour),
		Channels: map[string]string{"deploys": "C1", "change": "id of #tangerine-change"},
		Releases: []deployer.Release{{Service: "web", Tag: "v2"}, {Service: "api", Revision: "7"}},
		Inputs:   map[string]string{"risk": "high", "ticket": "T-1"}, Terms: map[string]string{"tam": "Tamara"},
		Place:    deployer.Locale{Retailers: []string{"lemon", "tangerine"}},
		Warnings: []string{"This was announced 2 hours ahead; for high risk it should be 24 hours."},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if own["starting"] != "own" {
		t.Error("the procedure of the others has changed")
	}
}

func TestTheDefaultsFillWhatIsNotSaid(t *testing.T) {
	t.Parallel()
	got, err := launcher().Start(t.Context(), asks("web", "v2"))
	if err != nil {
		t.Fatal(err)
	}
	if got.Site.Environment != "prod" || got.Procedure.ID != "deployment" || got.Inputs["risk"] != "low" || !got.Planned.IsZero() || got.Warnings != nil {
		t.Errorf("it is %+v", got)
	}
	if env, err := launcher().Environment("plum", ""); env != "only" || err != nil {
		t.Errorf("the only environment is %q, %v", env, err)
	}
}

func TestMistakesAreRefusedAtTheirFields(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		ask   func(*Request)
		field Field
		input string
		want  string
	}{
		"retailer":    {ask: func(r *Request) { r.Site = "tangerin" }, want: `There is no retailer "tangerin". Did you mean tangerine?`},
		"environment": {ask: func(r *Request) { r.Environment = "prdo" }, field: FieldEnvironment, want: `Tangerine has no environment "prdo". Did you mean prod?`},
		"no default": {ask: func(r *Request) { r.Site = "lemon" }, field: FieldEnvironment,
			want: "Lemon has several environments and none is the default."},
		"service": {ask: func(r *Request) { r.Releases[0].Service = "zzz" }, want: `There is no service "zzz". There are: api, cron and web.`},
		"tag":     {ask: func(r *Request) { r.Releases[0].Tag = "nine" }, field: FieldTag, want: `web has no tag "nine". It has: v1 and v2.`},
		"different procedures": {ask: func(r *Request) { r.Releases = append(r.Releases, deployer.Release{Service: "cron", Tag: "v1"}) },
			want: "web and cron follow different procedures. Deploy them one by one."},
		"idle":          {ask: func(r *Request) { r.Procedure = "rollback" }, want: "The procedure rollback is not used here. Add it to the configuration, under also of defaults, the retailer or the service, with the role that may."},
		"procedure":     {ask: func(r *Request) { r.Procedure = "hotfxi" }, want: `There is no procedure "hotfxi". Did you mean hotfix?`},
		"input's name":  {ask: func(r *Request) { r.Inputs = map[string]string{"rsik": "low"} }, want: `This procedure has no input "rsik". Did you mean risk?`},
		"input's value": {ask: func(r *Request) { r.Inputs = map[string]string{"risk": "hgih"} }, field: FieldInput, input: "risk", want: `The input risk can't be "hgih". Did you mean high?`},
		"input's value, far": {ask: func(r *Request) { r.Inputs = map[string]string{"size": "huge"} }, field: FieldInput, input: "size",
			want: `The input size can't be "huge". It is one of: s and l.`},
		"input twice": {ask: func(r *Request) { r.Inputs = map[string]string{"risk": "low", "Risk": "high"} }, want: "The input risk is there twice. Give it once."},
		"not invited": {ask: func(r *Request) { r.Site = "away" }, want: "It is not in #away. Invite it."},
		"no time": {ask: func(r *Request) {
			r.Planned = func() (time.Time, error) { return time.Time{}, deployer.Refuse("", "That is no time.") }
		}, field: FieldPlanned,
			want: "That is no time."},
		"no plan": {ask: func(r *Request) { r.Procedure, r.Planned = "hotfix", at(noon.Add(time.Hour)) }, field: FieldPlanned,
			want: "The procedure hotfix does not wait for a planned start. Leave the time out, or put a step into it: {id: planned-start, uses: wait, with: {until: planned}}"},
	} {
		r := asks("web", "v2")
		c.ask(&r)
		l := launcher(func(cfg *Config) {
			cfg.Sites["away"] = Site{Environments: map[string]Environment{"prod": {Default: true}}, Channels: map[string]string{"change": "#away"}}
		})
		_, err := l.Start(t.Context(), r)
		no, ok := errors.AsType[*deployer.Refusal](err)
		if !ok || no.Error() != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
		if field, _ := errors.AsType[FieldError](err); field.Field != c.field || field.Input != c.input {
			t.Errorf("%s: it belongs to %q %q, want %q %q", name, field.Field, field.Input, c.field, c.input)
		}
	}
}

// One procedure for all of them is said by its name.
func TestServicesOfDifferentProceduresFollowTheNamedOne(t *testing.T) {
	t.Parallel()
	r := asks("web", "v2")
	r.Releases, r.Procedure = append(r.Releases, deployer.Release{Service: "cron", Tag: "v1"}), "Hotfix"
	if got, err := launcher().Start(t.Context(), r); err != nil || got.Procedure.ID != "hotfix" {
		t.Errorf("it is %q, %v", got.Procedure.ID, err)
	}
}

// An input that has a link takes the key that the link is made of; no input
// takes a URL that hides where it leads.
func TestAnInputWithALinkTakesItsKeyAlone(t *testing.T) {
	t.Parallel()
	cfg := launcher().cfg
	sites := maps.Clone(cfg.Sites)
	site := sites["tangerine"]
	site.Linked = []string{"calendar", "ticket"}
	sites["tangerine"], cfg.Sites = site, sites
	for value, want := range map[string]string{
		"TAN-1": "", "CHG0012345": "", "a.b_c-1": "", "": "",
		"https://jira.example/browse/TAN-1": "Give the key alone", "https://evil.example/x//jira.example/browse/TAN-1": "Give the key alone",
		"TAN-1/..": "Give the key alone", "..": "Give the key alone", "TAN 1": "Give the key alone", "TAN\u200b-1": "Give the key alone", "ТAN-1": "Give the key alone",
	} {
		r := asks("web", "v2")
		r.Inputs = map[string]string{"ticket": value}
		refusedField(t, New(cfg, launcher().ports), r, "ticket", want)
	}
	for value, want := range map[string]string{
		"https://jira.example/browse/TAN-1": "", "https://jira.example@evil.example/": "which hides where it leads", "https://a:b@evil.example": "which hides where it leads",
	} {
		r := asks("web", "v2")
		r.Inputs = map[string]string{"ticket": value}
		refusedField(t, launcher(), r, "ticket", want)
	}
}

// refusedField holds what a launcher says of an input; "" is nothing.
func refusedField(t *testing.T, l Launcher, r Request, input, want string) {
	t.Helper()
	_, err := l.Start(t.Context(), r)
	field, ok := errors.AsType[FieldError](err)
	if ok != (want != "") || ok && (field.Field != FieldInput || field.Input != input || !strings.Contains(err.Error(), want)) || !ok && err != nil {
		t.Errorf("%+q: %v, want %q", r.Inputs[input], err, want)
	}
}

// A service may follow another procedure in an environment: that is the floor
// there, and what is asked and drawn.
func TestAnEnvironmentMayHaveAnotherProcedure(t *testing.T) {
	t.Parallel()
	r := asks("cron", "v2")
	for env, want := range map[string]string{"": "hotfix", "prod": "hotfix", "staging": "deployment"} {
		r.Environment = env
		if got, err := launcher().Start(t.Context(), r); err != nil || got.Procedure.ID != want {
			t.Errorf("in %q it is %q, %v, want %s", env, got.Procedure.ID, err, want)
		}
	}
	r.Environment, r.Releases = "staging", append(r.Releases, deployer.Release{Service: "web", Tag: "v2"})
	if got, err := launcher().Start(t.Context(), r); err != nil || got.Procedure.ID != "deployment" {
		t.Errorf("with web in staging it is %q, %v", got.Procedure.ID, err)
	}
}
