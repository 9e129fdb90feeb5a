package app_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/cmd/internal/app"
	"github.com/stationmaster/stationmaster/cmd/internal/lagtest"
	"github.com/stationmaster/stationmaster/deployer"
	clustersim "github.com/stationmaster/stationmaster/deployer/kube/sim"
	"github.com/stationmaster/stationmaster/deployer/logtest"
	registrysim "github.com/stationmaster/stationmaster/deployer/registry/sim"
	"github.com/stationmaster/stationmaster/store"
)

// An appFixture is the whole app in this process, with a local Slack, a simulated
// cluster and a registry around it, all over real sockets.
type appFixture struct {
	t       *testing.T
	dir     string
	slack   *emulator.Server
	url     string // of the local Slack
	cluster string // URL of the API server
	image   string // repository that the services' are below
	listen  string // where the app answers
	log     logtest.Book
	stop    func()
	pressed []string     // values of buttons
	ahead   atomic.Int64 // how far the clock of deployments is ahead
}

const (
	deploys       = "tangerine-deploys"
	patience      = time.Minute
	botToken      = "xoxb-not-for-anybody"
	appToken      = "xapp-not-for-anybody"
	registryUser  = "stationmaster"
	registrySaves = "not-for-anybody-either" // the registry's password
)

// A plan is what a test may change before the app starts.
type plan struct {
	wrap     func(http.Handler) http.Handler // what stands before Slack
	runs     map[string]string               // tags that services run at first; v1 where it names none
	password string                          // what the registry's password begins with in the app's file, so that it is wrong
	cold     bool                            // nobody waits until the app is ready
	config   func(string) string             // what the config says instead
	files    map[string]string               // more of them, by name
	channels []string                        // more of them
}

// newAppFixture starts everything.
func newAppFixture(t *testing.T, p plan) *appFixture {
	t.Helper()
	tw := &appFixture{t: t, dir: t.TempDir(), listen: freeAddress(t)}
	tw.build(p)
	for name, text := range p.files {
		tw.write(name, text)
	}
	text := tw.config()
	if p.config != nil {
		text = p.config(text)
	}
	cfg, err := app.Parse("fixture.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	tw.start(cfg)
	if !p.cold {
		tw.eventually("it is ready", func() bool { code, _ := tw.get("/readyz"); return code == http.StatusOK })
	}
	return tw
}

func (tw *appFixture) start(cfg app.Config) {
	tw.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	a, err := app.New(ctx, cfg, app.Options{
		BotToken: botToken, AppToken: appToken, SlackURL: tw.url + "/api/", Version: "test",
		Now: func() time.Time { return time.Now().Add(time.Duration(tw.ahead.Load())) },
		Log: slog.New(slog.NewJSONHandler(&tw.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	if err != nil {
		tw.t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	tw.stop = sync.OnceFunc(func() {
		cancel()
		if err := errors.Join(<-ended, a.Close()); err != nil {
			tw.t.Errorf("it ended with %v", err)
		}
	})
	tw.t.Cleanup(func() {
		tw.stop()
		tw.tellsNoSecret()
		if tw.t.Failed() {
			tw.t.Logf("%s\n%s", tw.scene(), tw.log.String())
		}
	})
}

// build makes what is around the app.
func (tw *appFixture) build(p plan) {
	serve := func(h http.Handler) string {
		s := httptest.NewServer(h)
		tw.t.Cleanup(s.Close)
		return s.URL
	}
	images := registrysim.Handler()
	backDoor := strings.TrimPrefix(serve(images), "http://")
	tw.image = strings.TrimPrefix(serve(guarded(images)), "http://")
	tw.write("password", p.password+registrySaves)
	cluster := clustersim.New(clustersim.Config{Name: "prod-1", Speed: 20})
	tw.t.Cleanup(cluster.Close)
	digests := map[string]string{}
	for _, service := range []string{"web", "api"} {
		for _, tag := range []string{"v1", "v2", "v3-crash", "v4-missing", "v6"} {
			digest, err := registrysim.Push(backDoor+"/"+service, tag, service+" "+tag)
			if err != nil {
				tw.t.Fatal(err)
			}
			digests[service+":"+tag] = digest
		}
		for _, namespace := range []string{"prod", "staging"} {
			tag := p.runs[service]
			if tag == "" {
				tag = "v1"
			}
			image := tw.image + "/" + service + ":" + tag + "@" + digests[service+":"+tag]
			if err := cluster.AddDeployment(namespace, service, "app", image, 2); err != nil {
				tw.t.Fatal(err)
			}
			if tag == "v1" { // what runs well is gone back to
				tw.eventually(service+" runs", func() bool { return cluster.Available(namespace, service) == 2 })
			}
		}
	}
	tw.cluster = serve(lagtest.Handler(tw.t, cluster.Handler()))
	tw.write("kubeconfig", string(cluster.Kubeconfig(tw.cluster)))
	tw.write("procedures/deployment.yaml", quickProcedure(tw.t))
	tw.write("procedures/short.yaml", shortProcedure)

	slack := workspace()
	for _, name := range p.channels {
		slack.Channels = append(slack.Channels, emulator.Channel{Name: name})
	}
	tw.slack = emulator.New(slack)
	tw.t.Cleanup(tw.slack.Close)
	handler := tw.slack.Handler()
	if p.wrap != nil {
		handler = p.wrap(handler)
	}
	tw.url = serve(lagtest.Slack(tw.t, handler))
}

// guarded asks for the password before it lets somebody in.
func guarded(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, given, _ := r.BasicAuth(); user != registryUser || given != registrySaves {
			w.Header().Set("WWW-Authenticate", `Basic realm="registry"`)
			http.Error(w, `{"errors":[{"code":"UNAUTHORIZED"}]}`, http.StatusUnauthorized)
			return
		}
		h.ServeHTTP(w, r)
	})
}

func workspace() emulator.Config {
	return emulator.Config{
		App:        emulator.App{Name: "stationmaster", BotToken: botToken, AppToken: appToken},
		Users:      []emulator.User{{Name: "ana"}, {Name: "bob"}, {Name: "rosa"}, {Name: "eve"}, {Name: "tam"}},
		UserGroups: []emulator.UserGroup{{Handle: "tech-leads", Members: []string{"bob", "rosa"}}},
		Channels:   []emulator.Channel{{Name: deploys}, {Name: "change"}, {Name: "support"}, {Name: "clients"}},
		Commands:   []emulator.Command{{Name: "/deploy"}},
	}
}

// quickProcedure is a deployment of eight steps with a shorter proof.
func quickProcedure(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "simple", "deployment.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(b), "for: 10s", "for: 1s")
	if text == string(b) {
		t.Fatal("it proves for another time than 10s; change it here too")
	}
	return text
}

const shortProcedure = `
id: short
title: A short one
unapproved: its requester agrees, as where there is nobody else
inputs:
  - {id: risk, label: Risk, kind: choice, options: [low, high], required: true}
phases:
  - id: go
    title: Go
    steps:
      - {id: agree, title: It is agreed, uses: confirm}
      - {id: rollout, title: Roll out, uses: rollout}
`

func (tw *appFixture) config() string {
	return fmt.Sprintf(`
store: "bolt://%[1]s/stationmaster.db"
procedures: "%[1]s/procedures"
listen: %[2]s
settle: 300ms
roles: {tech-lead: {groups: [tech-leads]}, developers: {users: [ana, bob, eve]}}
defaults: {also: {short: developers}}
clusters: {prod-1: {kubeconfig: "%[1]s/kubeconfig"}}
registries: {%[3]q: {username: %[4]s, password: "${FILE:%[1]s/password}", plain_http: true}}
retailers:
  tangerine:
    tam: tam
    channels: {change: change, support: support}
    environments:
      prod: {cluster: prod-1, namespace: prod, default: true}
      staging: {cluster: prod-1, namespace: staging}
services:
  web: {rollout: {uses: kubernetes, workload: deployment/web, container: app, image: "%[3]s/web"}}
  api: {rollout: {uses: kubernetes, workload: deployment/api, container: app, image: "%[3]s/api"}}
`, tw.dir, tw.listen, tw.image, registryUser)
}

func (tw *appFixture) write(name, text string) {
	tw.t.Helper()
	path := filepath.Join(tw.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		tw.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		tw.t.Fatal(err)
	}
}

// lastPort is the port that was tried last.
var lastPort = func() *atomic.Int64 { p := new(atomic.Int64); p.Store(rand.Int64N(12000)); return p }()

// freeAddress is one that nobody else gets before the app listens there, also when
// it starts again: no system gives out its port by itself.
func freeAddress(t *testing.T) string {
	t.Helper()
	for range 100 {
		l, err := net.Listen("tcp", fmt.Sprint("127.0.0.1:", 20000+lastPort.Add(1)%12000))
		if err != nil {
			continue // taken
		}
		defer l.Close()
		return l.Addr().String()
	}
	t.Fatal("no port between 20000 and 32000 is free")
	return ""
}

// get asks the app itself.
func (tw *appFixture) get(path string) (int, string) {
	r, err := http.Get("http://" + tw.listen + path)
	if err != nil {
		return 0, err.Error()
	}
	defer r.Body.Close()
	var b bytes.Buffer
	_, _ = b.ReadFrom(r.Body)
	return r.StatusCode, b.String()
}

func (tw *appFixture) eventually(what string, ok func() bool) {
	tw.t.Helper()
	for end := time.Now().Add(patience); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			tw.t.Fatalf("after %s it is not so that %s\n%s", patience, what, tw.scene())
		}
	}
}

// quiet waits until everything that was decided is in Slack. Of deployments that
// have ended, or wait for a person, nothing comes after that.
func (tw *appFixture) quiet() {
	tw.t.Helper()
	tw.eventually("nothing waits to be sent", func() bool {
		code, text := tw.get("/metrics")
		return code == http.StatusOK && strings.Contains(text, "\nstationmaster_messages_waiting 0\n")
	})
}

// deployments ends the app and returns what it has written down, by id.
func (tw *appFixture) deployments() map[string]deployer.Deployment {
	tw.t.Helper()
	tw.stop()
	s, err := store.Open(tw.t.Context(), "bolt://"+filepath.Join(tw.dir, "stationmaster.db"))
	if err != nil {
		tw.t.Fatal(err)
	}
	defer s.Close()
	list, err := s.List(tw.t.Context(), deployer.Query{})
	if err != nil {
		tw.t.Fatal(err)
	}
	all := map[string]deployer.Deployment{}
	for _, summary := range list {
		d, err := s.Load(tw.t.Context(), summary.ID)
		if err != nil {
			tw.t.Fatal(err)
		}
		all[d.ID] = d
	}
	return all
}

// tellsNoSecret looks for what must not be read by anybody.
func (tw *appFixture) tellsNoSecret() {
	tw.t.Helper()
	for where, text := range map[string]string{"the log": tw.log.String(), "Slack": tw.scene()} {
		for _, secret := range []string{botToken, appToken, registrySaves, "ticket="} {
			if strings.Contains(text, secret) {
				tw.t.Errorf("%s holds %q", where, secret)
			}
		}
	}
}
