package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/kube/kubetest"
	"github.com/stationmaster/stationmaster/deployer/slowtest"
)

// The tests wait for Slack and the cluster far more than they compute.
func TestMain(m *testing.M) {
	slowtest.Parallel(slowtest.Runs(16, 8))
	os.Exit(kubetest.Main(m))
}

// patience bounds everything that a benchmark waits for.
const patience = 5 * time.Minute

// A scene is what an app under measurement finds. Retailers share one
// namespace, so that any of them may deploy any service.
type scene struct {
	kubeconfig string // a file
	namespace  string
	image      string            // repository that the services' are below
	registry   string            // host, if the images are looked up
	retailers  []string          // each with a channel
	services   map[string]string // name: id of the procedure
	procedures map[string]string // file name: text
}

// A benchFixture is the whole app, over real sockets between a local Slack and whatever
// the scene names.
type benchFixture struct {
	*App
	b         testing.TB
	slack     *emulator.Server
	url       string // of its API
	cfg       Config
	retailers []string // the scene's
	end       func()
}

// newSlack serves a workspace in which ana types. Slack's limits are off: the
// app keeps to its own.
func newSlack(b testing.TB, retailers []string, hear func(http.Handler) http.Handler) (*emulator.Server, string) {
	b.Helper()
	cfg := emulator.Config{
		App: emulator.App{Name: "stationmaster", Events: []string{"app_home_opened"}}, Users: []emulator.User{{Name: "ana"}, {Name: "bob"}},
		Commands: []emulator.Command{{Name: "/deploy"}},
	}
	for _, name := range names("dev", typists) {
		cfg.Users = append(cfg.Users, emulator.User{Name: name})
	}
	for _, r := range retailers {
		cfg.Channels = append(cfg.Channels, emulator.Channel{Name: channelOf(r)})
	}
	slack := emulator.New(cfg)
	b.Cleanup(slack.Close)
	handler := slack.Handler()
	if hear != nil {
		handler = hear(handler)
	}
	server := httptest.NewServer(handler)
	b.Cleanup(server.Close)
	return slack, server.URL + "/api/"
}

func channelOf(retailer string) string { return retailer + "-deploys" }

// newBenchFixture makes one whose app does not run yet. hear may listen to what
// arrives at Slack.
func newBenchFixture(b testing.TB, s scene, hear func(http.Handler) http.Handler) *benchFixture {
	b.Helper()
	cfg, err := Parse("bench.yaml", s.config(b))
	if err != nil {
		b.Fatal(err)
	}
	r := &benchFixture{b: b, cfg: cfg, retailers: s.retailers}
	r.slack, r.url = newSlack(b, s.retailers, hear)
	return r
}

// start starts the app and returns when it is connected. It ends with the
// benchmark, or before by end.
func (r *benchFixture) start() {
	r.b.Helper()
	ctx, stop := context.WithCancel(context.Background())
	a, err := New(ctx, r.cfg, Options{
		BotToken: "xoxb-local", AppToken: "xapp-local", SlackURL: r.url, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		r.b.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	r.App = a
	r.end = func() {
		stop()
		if err := errors.Join(<-ended, a.Close()); err != nil {
			r.b.Error(err)
		}
		r.App, r.end, a = nil, func() {}, nil
	}
	r.b.Cleanup(func() { r.end() })
	await(r.b, "the app is connected", func() bool { return a.bot.Ready() == nil })
}

// config writes the scene down as people would.
func (s scene) config(b testing.TB) []byte {
	b.Helper()
	dir := b.TempDir()
	for name, text := range s.procedures {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	var out strings.Builder
	fmt.Fprintf(&out, "store: \"bolt://%s/bench.db\"\nprocedures: %q\nclusters: {prod-1: {kubeconfig: %q}}\n", dir, dir, s.kubeconfig)
	fmt.Fprintf(&out, "roles: {tech-lead: {users: [bob]}}\nregistries: {%s}\nretailers:\n", s.hosts())
	for _, r := range s.retailers {
		fmt.Fprintf(&out, "  %s:\n    channels: {change: %s, support: %s}\n", r, channelOf(r), channelOf(r))
		fmt.Fprintf(&out, "    environments: {prod: {cluster: prod-1, namespace: %s}}\n", s.namespace)
	}
	out.WriteString("services:\n")
	for name, procedure := range s.services {
		fmt.Fprintf(&out, "  %[1]s: {procedure: %[2]s, rollout: {uses: kubernetes, workload: deployment/%[1]s, container: app, image: %[3]q}}\n",
			name, procedure, s.image+"/"+name)
	}
	return []byte(out.String())
}

func (s scene) hosts() string {
	if s.registry == "" {
		return ""
	}
	return fmt.Sprintf("%q: {plain_http: true}", s.registry)
}

// typists are so many that none of them gives more orders than one person may.
const typists = 50

var typed atomic.Int64

// deploy has one of the typists type a command, and returns once Slack has its
// acknowledgement.
func (r *benchFixture) deploy(retailer, service, tag string) {
	who := names("dev", typists)[typed.Add(1)%typists]
	if err := r.slack.Type(r.b.Context(), who, channelOf(retailer), "/deploy "+service+" "+tag, ""); err != nil {
		r.b.Errorf("deploy %s %s: %v\n%s", service, tag, err, r.told())
	}
}

// told is what they were told alone: a benchmark's commands are all good ones, so
// it should be nothing.
func (r *benchFixture) told() string {
	var out []string
	for _, who := range append(names("dev", typists), "ana") {
		for _, m := range r.slack.Ephemerals(who) {
			out = append(out, m.Text)
		}
	}
	return strings.Join(out, "\n")
}

// live are the ids of the deployments that have not ended.
func (r *benchFixture) live() []string {
	ids, err := r.store.Live(r.b.Context())
	if err != nil {
		r.b.Fatal(err)
	}
	return ids
}

func (r *benchFixture) load(id string) deployer.Deployment {
	d, err := r.store.Load(r.b.Context(), id)
	if err != nil {
		r.b.Fatal(err)
	}
	return d
}

// await waits until it is so.
func await(b testing.TB, what string, ok func() bool) {
	b.Helper()
	for end := time.Now().Add(patience); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			b.Fatalf("after %s it is not so that %s", patience, what)
		}
	}
}

// quantile is the smallest value that at least that share is not above.
func quantile(all []time.Duration, share float64) time.Duration {
	s := slices.Sorted(slices.Values(all))
	return s[min(int(share*float64(len(s))), len(s)-1)]
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// names makes n names from a prefix.
func names(prefix string, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("%s-%d", prefix, i)
	}
	return out
}
