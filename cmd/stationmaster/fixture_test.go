package main_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/bot"
	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/cmd/internal/lagtest"
	registrysim "github.com/stationmaster/stationmaster/deployer/registry/sim"
	"github.com/stationmaster/stationmaster/store"
)

// A binaryFixture is everything around the binary, which runs in it one process after the other.
type binaryFixture struct {
	t       *testing.T
	ctx     context.Context // ends when the test has taken too long
	dir     string
	slack   *emulator.Server
	url     string // of the local Slack
	tap     *tap
	cluster *cluster
	host    string            // of the registry
	image   string            // repository of the service web
	digests map[string]string // of its tags

	mu    sync.Mutex
	life  *process
	lives int
	said  []string // what the lives before have printed, their ends alone
	over  bool     // nothing is started any more
}

// patience bounds everything that is waited for.
const patience = 90 * time.Second

// newBinaryFixture makes one with services web and api that run v1. No process runs yet. change may be nil.
func newBinaryFixture(t *testing.T, c *cluster, change func(*emulator.Config)) *binaryFixture {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*patience)
	t.Cleanup(cancel)
	w := &binaryFixture{t: t, ctx: ctx, dir: t.TempDir(), tap: newTap(), cluster: c, digests: map[string]string{}}
	w.tap.pull = w.plug

	registry := httptest.NewServer(registrysim.Handler())
	t.Cleanup(registry.Close)
	w.host = strings.TrimPrefix(registry.URL, "http://")
	w.image = w.host + "/web"
	for _, service := range []string{"web", "api"} {
		for _, tag := range []string{"v1", "v2", "v3-crash", "v5-hang", "v6"} {
			digest, err := registrysim.Push(w.host+"/"+service, tag, service+" "+tag)
			if err != nil {
				t.Fatal(err)
			}
			w.digests[service+tag] = digest
		}
		c.deploy(t, service, w.host+"/"+service+":v1")
	}

	cfg := workspace()
	if change != nil {
		change(&cfg)
	}
	w.slack = emulator.New(cfg)
	t.Cleanup(w.slack.Close)
	server := httptest.NewServer(lagtest.Slack(t, w.tap.slack(w.slack.Handler())))
	t.Cleanup(server.Close)
	w.url = server.URL

	w.write("kubeconfig", c.kubeconfig(t, w.tap))
	w.write("procedures/deployment.yaml", quickProcedure(t))
	w.write("config.yaml", w.config())
	t.Cleanup(w.end)
	return w
}

func workspace() emulator.Config {
	var users []emulator.User
	for _, name := range []string{"ana", "bob", "rosa", "eve", "tam"} {
		users = append(users, emulator.User{Name: name, RealName: strings.ToUpper(name[:1]) + name[1:], TZ: "UTC"})
	}
	c := emulator.Config{
		Users:      users,
		UserGroups: []emulator.UserGroup{{Handle: "tech-leads", Members: []string{"bob", "rosa"}}},
		Channels:   []emulator.Channel{{Name: deploys}, {Name: "change"}, {Name: "support"}},
	}
	if err := c.Install(bot.Manifest("/deploy")); err != nil { // what the manifest asks for, and no more
		panic(err)
	}
	return c
}

const deploys = "tangerine-deploys"

func (w *binaryFixture) config() string {
	return fmt.Sprintf(`
store: "bolt://%[1]s/stationmaster.db"
procedures: "%[1]s/procedures"
settle: 300ms
roles: {tech-lead: {groups: [tech-leads]}}
clusters: {prod-1: {kubeconfig: "%[1]s/kubeconfig"}}
registries: {%[2]q: {plain_http: true}}
retailers:
  tangerine:
    tam: tam
    channels: {change: change, support: support}
    environments: {prod: {cluster: prod-1, namespace: %[3]s}}
services:
  web: {rollout: {uses: kubernetes, workload: deployment/web, container: app, image: "%[2]s/web"}}
  api: {rollout: {uses: kubernetes, workload: deployment/api, container: app, image: "%[2]s/api"}}
`, w.dir, w.host, w.cluster.namespace)
}

// quickProcedure is a deployment of eight steps with a shorter time of proof.
func quickProcedure(t testing.TB) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "internal", "app", "testdata", "simple", "deployment.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(b), "for: 10s", "for: 1s")
	if text == string(b) {
		t.Fatal("it proves for another time than 10s; change it here too")
	}
	return text
}

func (w *binaryFixture) write(name, text string) {
	w.t.Helper()
	path := filepath.Join(w.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

func (w *binaryFixture) env() []string {
	return []string{"SLACK_BOT_TOKEN=xoxb-local", "SLACK_APP_TOKEN=xapp-local", "SLACK_API_URL=" + w.url + "/api/"}
}

func (w *binaryFixture) args() []string {
	return []string{"run", "--config", filepath.Join(w.dir, "config.yaml")}
}

// begin starts a process.
func (w *binaryFixture) begin() {
	w.t.Helper()
	binary(w.t)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.launch()
}

// launch starts the next life. The caller holds the lock.
func (w *binaryFixture) launch() {
	path, err := build()
	if err != nil || w.over {
		return
	}
	if w.life, err = spawn(path, w.env(), w.args()...); err != nil {
		w.t.Error(err)
		return
	}
	w.lives++
}

// plug kills the process and starts the next one. A process that had ended by itself is a failure.
func (w *binaryFixture) plug() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.life == nil || w.over {
		return
	}
	w.bury()
	w.launch()
}

// note adds to what is printed when the test fails.
func (w *binaryFixture) note(what string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.said = append(w.said, "--- "+what)
}

// bury ends the current life. The caller holds the lock.
func (w *binaryFixture) bury() {
	if w.life == nil {
		return
	}
	if !w.life.running() {
		w.t.Errorf("the process ended by itself with %d:\n%s", w.life.cmd.ProcessState.ExitCode(), w.life.out.Tail(60))
	}
	w.life.kill()
	if strings.Contains(w.life.out.String(), "DATA RACE") {
		w.t.Errorf("a race:\n%s", w.life.out)
	}
	w.said = append(w.said, fmt.Sprintf("--- life %d\n%s", w.lives, w.life.out.Tail(12)))
	w.life = nil
}

// stop ends the process with SIGTERM, which must be quick and leave nothing behind.
func (w *binaryFixture) stop() {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.life == nil {
		return
	}
	for w.life.running() && !strings.Contains(w.life.out.String(), "stationmaster runs") {
		time.Sleep(5 * time.Millisecond) // it does not listen to signals yet
	}
	if w.life.running() {
		w.life.signal(w.t, syscall.SIGTERM)
	}
	if code := w.life.exit(w.t, patience); code != 0 { // it sees to it by itself that this is 10 s at most
		w.t.Errorf("after SIGTERM the process ended with %d:\n%s", code, w.life.out.Tail(60))
	}
	w.life = nil
}

func (w *binaryFixture) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.over = true
	if w.life != nil {
		w.bury()
	}
	if w.t.Failed() {
		w.t.Logf("%d lives:\n%s", w.lives, strings.Join(w.said[max(0, len(w.said)-15):], "\n"))
	}
}

// records opens the database. No process may run.
func (w *binaryFixture) records(use func(context.Context, *store.Store)) {
	w.t.Helper()
	s, err := store.Open(w.ctx, "bolt://"+filepath.Join(w.dir, "stationmaster.db"))
	if err != nil {
		w.t.Fatal(err)
	}
	use(w.ctx, s)
	if err := s.Close(); err != nil {
		w.t.Fatal(err)
	}
}

// eventually waits until it is so.
func (w *binaryFixture) eventually(what string, ok func() bool) {
	w.t.Helper()
	for end := time.Now().Add(patience); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) || w.ctx.Err() != nil {
			w.t.Fatalf("after %s it is not so that %s\n%s", patience, what, w.scene())
		}
	}
}

// scene is what one sees in Slack and in the log, for somebody who looks for what went wrong.
func (w *binaryFixture) scene() string {
	var b strings.Builder
	for _, channel := range []string{deploys, "change", "support"} {
		for _, m := range w.slack.Messages(channel) {
			fmt.Fprintf(&b, "#%s %s\n", channel, m.Text)
		}
	}
	for _, user := range []string{"ana", "bob", "eve", "rosa"} {
		for _, m := range w.slack.Ephemerals(user) {
			fmt.Fprintf(&b, "to %s alone: %s\n", user, m.Text)
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.life != nil {
		b.WriteString(w.life.out.Tail(40))
	}
	return b.String()
}
