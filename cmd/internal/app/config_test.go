package app_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/cmd/internal/app"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/kube"
)

// contract is the config of the design, which must be taken as it stands.
const contract = `
slack: {command: /deploy, channels: '^(?P<retailer>[a-z0-9-]+)-deploys$'}
store: bolt://stationmaster.db
listen: 127.0.0.1:9090
roles:
  tech-lead: {users: [bob], groups: [tech-leads]}
clusters:
  prod-1: {kubeconfig: /path/kubeconfig, context: prod-1}
registries: {}
retailers:
  tangerine:
    tam: tam
    channels: {change: announcements-change-control, support: prod-support-tangerine}
    environments:
      prod: {cluster: prod-1, namespace: prod, default: true}
services:
  decanting-service:
    owner: team-chamaeleon
    procedure: deployment
    rollout: {uses: kubernetes, workload: deployment/decanting-service, container: app, image: registry.example/decanting-service}
`

// A channel that a retailer does not have is warned of wherever a procedure tells it
// something, but where a step makes it.
func TestChannelsThatAreMissingAreWarnedOf(t *testing.T) {
	t.Parallel()
	cfg, err := app.Parse("sm.yaml", []byte(contract))
	if err != nil {
		t.Fatal(err)
	}
	tells := func(channel string) []deployer.Step {
		return []deployer.Step{{ID: channel, Uses: deployer.KindAnnounce, With: deployer.Values{"to": {List: []string{channel}}}}}
	}
	p := cfg.Procedures["deployment"]
	p.Steps = append(slices.Clone(p.Steps), deployer.Step{ID: "make", Uses: "channel", With: deployer.Values{"as": {Text: "room"}}})
	p.After, p.Failure.Steps = append(tells("board"), tells("room")...), tells("alarm")
	cfg.Procedures["deployment"] = p
	said := strings.Join(app.Warnings(cfg), "\n")
	if !strings.Contains(said, "has no channel board") || !strings.Contains(said, "has no channel alarm") || strings.Contains(said, "room") {
		t.Errorf("it warns of %q", said)
	}
}

// warnings are those of a config, but for whom the usual procedure would call where nobody comes.
func warnings(cfg app.Config) []string {
	return slices.DeleteFunc(app.Warnings(cfg), func(w string) bool { return strings.HasPrefix(w, "the procedure deployment ") })
}

func TestConfigOfTheContractIsTaken(t *testing.T) {
	t.Parallel()
	cfg, err := app.Parse("sm.yaml", []byte(contract))
	if err != nil {
		t.Fatal(err)
	}
	if cfg.Listen != "127.0.0.1:9090" || !cfg.Retailers["tangerine"].Environments["prod"].Default || cfg.Services["decanting-service"].Image == "" {
		t.Errorf("%+v", cfg)
	}
	if w := warnings(cfg); len(w) != 1 || !strings.Contains(w[0], "by tag") {
		t.Errorf("warnings %q", w)
	}
}

func TestRoleThatNobodyHasIsWarnedOf(t *testing.T) {
	t.Parallel()
	cfg, err := app.Parse("sm.yaml", []byte(strings.Replace(contract, "{users: [bob], groups: [tech-leads]}", "{}", 1)))
	if err != nil {
		t.Fatal(err)
	}
	if w := warnings(cfg); len(w) != 2 || !strings.Contains(w[1], "nobody has the role tech-lead") {
		t.Errorf("warnings %q", w)
	}
}

func TestTwoServicesOfOneWorkloadAreWarnedOf(t *testing.T) {
	t.Parallel()
	second := "  proxy:\n    owner: team-chamaeleon\n    procedure: deployment\n    rollout: {uses: kubernetes, workload: deployment/decanting-service, container: proxy, image: registry.example/proxy}\n"
	cfg, err := app.Parse("sm.yaml", []byte(contract+second))
	if err != nil {
		t.Fatal(err)
	}
	want := "decanting-service and proxy are both deployment/decanting-service: deploy one after the other, for a second rollout interrupts the first"
	if w := app.Warnings(cfg); !slices.Contains(w, want) {
		t.Errorf("warnings %q", w)
	}
}

// What the file says of a cause counts, and of the others nothing is known here.
func TestGraceOfEachCauseIsASetting(t *testing.T) {
	t.Parallel()
	cfg, err := app.Parse("sm.yaml", []byte(contract+"grace: {image: 3m, stopping: 90s}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if want := (kube.Grace{Image: 3 * time.Minute, Stopping: 90 * time.Second}); cfg.Grace != want {
		t.Errorf("%+v", cfg.Grace)
	}
}

// A parser of images takes https: for a host.
func TestImageHasNoScheme(t *testing.T) {
	t.Parallel()
	_, err := app.Parse("sm.yaml", []byte(strings.Replace(contract, "image: registry", "image: https://registry", 1)))
	if err == nil || !strings.Contains(err.Error(), `the image "https://registry.example/decanting-service" of decanting-service can not be`) {
		t.Errorf("%v", err)
	}
}

// Each case is a file in testdata with what is reported about it at its end.
func TestMistakesAreReportedWithTheirPlace(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, name := range files {
		if filepath.Base(name) == "kinds.yaml" {
			continue // the table of the language
		}
		t.Run(filepath.Base(name), func(t *testing.T) {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			text, want, ok := strings.Cut(string(data), "# reported:\n")
			if !ok {
				t.Fatal("no line '# reported:'")
			}
			_, err = app.Parse(filepath.Base(name), []byte(text))
			if err == nil {
				t.Fatal("taken")
			}
			var got strings.Builder
			for line := range strings.Lines(err.Error() + "\n") {
				got.WriteString("# " + line)
			}
			if got.String() != want {
				t.Errorf("got\n%swant\n%s", got.String(), want)
			}
		})
	}
}

func TestSecretsComeFromOutside(t *testing.T) {
	t.Setenv("REGISTRY_PASSWORD", "from the environment")
	path := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(path, []byte("from a file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := app.Parse("sm.yaml", []byte(strings.Replace(contract, "registries: {}",
		"registries: {a.example: {username: u, password: '${ENV:REGISTRY_PASSWORD}'}, b.example: {username: u, password: '${FILE:"+path+"}'}}", 1)))
	if err != nil {
		t.Fatal(err)
	}
	a, b := cfg.Registries["a.example"].Password, cfg.Registries["b.example"].Password
	reads := func(read func() (deployer.Secret, error), want string) {
		t.Helper()
		if got, err := read(); string(got) != want || err != nil {
			t.Errorf("%q, %v; want %q", string(got), err, want)
		}
	}
	reads(a, "from the environment")
	reads(b, "from a file")

	// A file is written anew while the process runs; what is half done is no secret.
	if err := os.WriteFile(path, []byte("renewed"), 0o600); err != nil {
		t.Fatal(err)
	}
	reads(b, "renewed")
	for what, spoil := range map[string]func() error{
		path + " is empty":          func() error { return os.WriteFile(path, []byte("\n"), 0o600) },
		"no such file or directory": func() error { return os.Remove(path) },
	} {
		if err := spoil(); err != nil {
			t.Fatal(err)
		}
		if got, err := b(); err == nil || !strings.HasSuffix(err.Error(), what) || got != "" {
			t.Errorf("%q, %v; want %q", string(got), err, what)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(contract))
	f.Fuzz(func(t *testing.T, data []byte) {
		cfg, err := app.Parse("fuzz.yaml", data)
		if err == nil && (len(cfg.Services) == 0 || cfg.Channels == nil) {
			t.Errorf("took %q as %+v", data, cfg)
		}
	})
}

// A config says only what differs: without a store, an address, a command and a
// time to settle, there are good ones, and nothing is served.
func TestDefaultsAreGoodAndServeNothing(t *testing.T) {
	t.Parallel()
	short := contract
	for _, line := range []string{"slack: ", "store: ", "listen: ", "registries: "} {
		i := strings.Index(short, "\n"+line) + 1
		short = short[:i] + short[i+strings.Index(short[i:], "\n")+1:]
	}
	cfg, err := app.Parse("sm.yaml", []byte(short))
	if err != nil {
		t.Fatal(err)
	}
	if cfg.Store != "bolt://stationmaster.db" || cfg.Listen != "" || cfg.Command != "/deploy" || cfg.Settle != 0 {
		t.Errorf("store %s, listen %q, command %s, settle %s", cfg.Store, cfg.Listen, cfg.Command, cfg.Settle)
	}
	if m := cfg.Channels.FindStringSubmatch("tangerine-deploys"); m == nil || m[1] != "tangerine" {
		t.Errorf("channels are %s", cfg.Channels)
	}
}

// Words of before the language load, and are doubted with what they hold is called now.
func TestWordsOfBeforeAreDoubted(t *testing.T) {
	t.Parallel()
	cfg, err := app.Parse("sm.yaml", []byte(contract+"messages: {starting: \"{what} {service} {risk} {@role:tech-lead}\", clients-before: \"{impact}\"}\n"))
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Join(app.Warnings(cfg), "\n")
	for _, want := range []string{"{service} is as it was called before", "{risk} is as it was called before", "{@role:tech-lead} is written {@tech-lead} now", "{impact} is as it was called before"} {
		if !strings.Contains(all, want) {
			t.Errorf("nothing is said of %q in\n%s", want, all)
		}
	}
}

// The card links an owner's channel by its id; one by its name is said to lead nowhere.
func TestOwnersChannelIsALinkOfItsService(t *testing.T) {
	t.Parallel()
	for channel, want := range map[string]string{"C0123456789": "", "team-web": "the channel team-web of who owns decanting-service is no link on its card"} {
		cfg, err := app.Parse("sm.yaml", []byte(contract+"owners: {table: [{component: decanting-service, team: Team Web, channel: "+channel+"}]}\n"))
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(app.Warnings(cfg), "\n"); strings.Contains(got, "no link") != (want != "") || !strings.Contains(got, want) {
			t.Errorf("of %s it warns %q", channel, got)
		}
		links := slices.Collect(maps.Values(app.LinksOf(cfg, "decanting-service")))
		if slices.Contains(links, "https://slack.com/app_redirect?channel=C0123456789") != (want == "") {
			t.Errorf("%s is linked as %q", channel, links)
		}
	}
}
