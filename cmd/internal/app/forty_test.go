package app

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/launch"
	"github.com/stationmaster/stationmaster/deployer/rules"
)

const forty = "testdata/forty/stationmaster.yaml"

// What forty retailers share is said once, and a new one is a line.
func TestForty(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(forty)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(data), "\n"); n > 65 {
		t.Errorf("it has %d lines", n)
	}
	cfg, err := Load(forty)
	if err != nil {
		t.Fatal(err)
	}
	if len(cfg.Retailers) != 41 {
		t.Errorf("%d retailers", len(cfg.Retailers))
	}
	staging := func(retailer string) deployer.Site {
		return deployer.Site{Name: retailer, Environment: "staging"}
	}
	prod := func(retailer string) deployer.Site {
		return deployer.Site{Name: retailer, Environment: "prod"}
	}
	wall := func(text string) time.Time {
		at, err := time.Parse("2006-01-02 15:04", text)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	for what, pair := range map[string][2]any{
		"a line":                       {cfg.Retailers["apple"].Environments["prod"], Environment{Cluster: "west", Namespace: "apple", Default: true, Vars: map[string]string{}}},
		"its channels":                 {cfg.Retailers["apple"].Channels, map[string]string{"change": "apple-changes", "support": "prod-support-apple"}},
		"its title":                    {cfg.Retailers["apple"].Title, "Apple"},
		"one of its own":               {cfg.Retailers["tangerine"].Title, "Tangerine Stores"},
		"its environments":             {sorted(cfg.Retailers["apple"].Environments), []string{"prod", "staging"}},
		"those that it names":          {sorted(cfg.Retailers["quince"].Environments), []string{"prod"}},
		"filled up":                    {cfg.Retailers["quince"].Environments["prod"].Namespace, "quince"},
		"its own cluster":              {cfg.Retailers["quince"].Environments["prod"].Cluster, "east"},
		"a channel less":               {cfg.Retailers["plum"].Channels, map[string]string{"support": "prod-support-plum"}},
		"the zone of its group":        {cfg.Retailers["lemon"].Zone.String(), "America/Los_Angeles"},
		"groups, said on both sides":   {append(cfg.Retailers["lemon"].Groups, cfg.Retailers["plum"].Groups...), []string{"west", "pilot"}},
		"a product":                    {[]bool{cfg.Retailers["console"].Product, cfg.Retailers["plum"].Product}, []bool{true, false}},
		"services":                     {cfg.has("quince"), []string{"web"}},
		"all services":                 {cfg.has("plum"), []string{"api", "web"}},
		"who may deploy what":          {sorted(cfg.Policy(prod("quince")).Services), []string{"web"}},
		"vars of all":                  {cfg.SiteVars(prod("plum"), "web")["repository"], "example/{service}"},
		"of the service":               {cfg.SiteVars(prod("plum"), "api")["repository"], "example/backend"},
		"of the group":                 {cfg.SiteVars(prod("lemon"), "web")["url"], "https://{service}.{retailer}.west.example"},
		"of the environment":           {cfg.SiteVars(staging("lemon"), "web")["url"], "https://{service}.{retailer}.staging.example"},
		"of the service in a retailer": {cfg.SiteVars(staging("tangerine"), "web")["url"], "https://shop.tangerine.example"},
		"owners":                       {cfg.Owners, map[string]launch.Owner{"web": {Name: "Team Web", Role: "team-web", Channel: "team-web"}, "api": {Name: "Team Api", Role: "tech-lead"}}},
		"holidays":                     {cfg.place(prod("plum")).Holidays, map[string]string{"2026-12-25": "Christmas", "2026-07-14": "Quatorze juillet"}},
		"holidays of the list":         {cfg.place(prod("quince")).Holidays, map[string]string{"2026-12-25": "Christmas", "2026-11-27": "Black Friday"}},
		"of a group":                   {cfg.place(prod("lemon")).Holidays, map[string]string{"2026-12-25": "Christmas", "2026-11-27": "Black Friday"}},
		"countries":                    {cfg.place(prod("plum")).Countries, []string{"us", "de"}},
		"freezes, by days and moments": {cfg.place(prod("plum")).Freezes, []rules.Freeze{
			{From: wall("2026-12-20 00:00"), To: wall("2027-01-05 00:00"), Why: "Holidays", Override: "tech-lead"},
			{From: wall("2026-11-26 18:00"), To: wall("2026-12-01 06:00"), Why: "Sale", Groups: []string{"west"}, Environments: []string{"prod"}, Services: []string{"web"}},
		}},
		"those that are over": {over(cfg.Freezes, wall("2026-12-20 00:00")), []string{`the freeze "Sale" is over since 1 Dec 2026; it can be taken out of the config`}},
		"components":          {cfg.place(prod("tangerine")).Components, []string{"ecom", "mfc"}},
	} {
		if diff := cmp.Diff(pair[1], pair[0]); diff != "" {
			t.Errorf("%s: %s", what, diff)
		}
	}
}

// What a procedure leaves to the config has to be set wherever it is followed.
func TestVarsAndProceduresFitTogether(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(forty)
	if err != nil {
		t.Fatal(err)
	}
	c := checker{path: forty, data: data}
	cfg, err := Parse(forty, data)
	if err != nil {
		t.Fatal(err)
	}
	p := cfg.Procedures["deployment"]
	p.Vars = map[string]string{"repository": "", "url": "", "dashboard": "", "wiki": "https://wiki.example"}
	cfg.Procedures["deployment"] = p
	c.needsVars(&cfg)
	if err := c.problems.Err(); err == nil || len(c.problems) != 1 || !strings.HasSuffix(err.Error(), "the procedure deployment needs the var dashboard for api in apple prod, and nothing sets it; add for example vars: {dashboard: …} at the top") {
		t.Errorf("%v", err)
	}
}

// Who does what by hand is said before the night.
func TestWhatIsDoneByHandIsListed(t *testing.T) {
	t.Parallel()
	cfg, err := Load(forty)
	if err != nil {
		t.Fatal(err)
	}
	p := deployer.Procedure{ID: "deployment", Kinds: Kinds(), Steps: []deployer.Step{
		{ID: "ready", Uses: deployer.KindConfirm}, {ID: "rollout", Uses: deployer.KindRollout},
	}}
	cfg.Procedures["deployment"] = p
	if got := ByHand(cfg); len(got) != 0 {
		t.Errorf("%q", got)
	}
	p.Steps = append(p.Steps,
		deployer.Step{ID: "there", Uses: "call", With: deployer.Values{"roles": {List: []string{"requester", "stranger"}}}}, deployer.Step{ID: "asked", Uses: deployer.KindConfirm, With: deployer.Values{"role": {Text: "nobody"}}},
		deployer.Step{ID: "agree", Uses: deployer.KindApprove, With: deployer.Values{"role": {Text: "lead"}}},
		deployer.Step{ID: "ticket", Uses: "jira.ticket"}, deployer.Step{ID: "event", Uses: "calendar.event", OnFailure: deployer.FailureContinue},
		deployer.Step{ID: "build", Uses: deployer.KindRollout, With: deployer.Values{"runner": {Texts: map[string]string{"uses": "jenkins"}}}},
	)
	cfg.Procedures["deployment"] = p
	got := ByHand(cfg)
	want := []string{
		"deployment: by hand, since nothing is set up that does them: ticket, event (left out), build (not by jenkins but by the service’s own runner)",
		"deployment: whoever asked for it answers for nobody, stranger, since nobody is known to be that",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// A secret is read when it is used, and one that is not there is none.
func TestSecretsOfProceduresAreReadWhenTheyAreUsed(t *testing.T) {
	data, err := os.ReadFile(forty)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("API_TOKEN", "not-for-anybody")
	cfg, err := Parse(forty, append(data, "secrets: {api-token: \"${ENV:API_TOKEN}\"}\n"...))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := cfg.secret("api-token"); string(got) != "not-for-anybody" || err != nil {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := cfg.secret("other"); err == nil {
		t.Error("there is another")
	}
	if _, err := Parse(forty, append(data, "secrets: {api-token: literal}\n"...)); err == nil || !strings.Contains(err.Error(), "a secret is never written here") {
		t.Errorf("%v", err)
	}
}
