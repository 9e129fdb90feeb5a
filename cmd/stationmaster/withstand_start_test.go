package main_test

import (
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/store/bolt"
	"github.com/stationmaster/stationmaster/store/kv"
)

// mistakes are what is wrong with files: each on a line of its own, with nothing in front.
var mistakes = regexp.MustCompile(`^(/\S+\.yaml:\d+:\d+: .+\n)+\d+ mistakes? in \d+ files?\n$`)

// refuses runs the binary and wants it to end by itself, not well, and to say why in lines for people, in which all
// the parts occur. There is no stack and no token in what it says.
func refuses(t testing.TB, env, args []string, parts ...string) {
	t.Helper()
	p := start(t, env, args...)
	code := p.exit(t, patience)
	said := p.out.String()
	if code != 1 {
		t.Errorf("it ended with %d, want 1", code)
	}
	var plain []string
	for line := range strings.Lines(said) {
		if !strings.HasPrefix(line, `{"time"`) {
			plain = append(plain, line)
		}
	}
	last := strings.Join(plain, "")
	if args[0] == "check" { // it says who may do what before it asks the systems
		if before, wrong, asked := strings.Cut(last, "stationmaster: "); asked {
			if last = "stationmaster: " + wrong; before != "" && !strings.Contains(before, " is locked by ") {
				t.Errorf("before what is wrong it said:\n%s", before)
			}
		}
	}
	if !strings.HasPrefix(last, "stationmaster: ") && !mistakes.MatchString(last) || strings.Contains(said, "goroutine ") || strings.Contains(said, "xoxb-") || strings.Contains(said, "xapp-") {
		t.Errorf("it said:\n%s", said)
	}
	for _, part := range parts {
		if !strings.Contains(last, part) {
			t.Errorf("it said %q, and nothing of %q", last, part)
		}
	}
}

func TestBadStartSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	w := newBinaryFixture(t, simulated(t), nil)
	good := w.config()
	run := func(file string) []string { return []string{"run", "--config", filepath.Join(w.dir, file)} }
	broken := func(name, old, new string) []string {
		if !strings.Contains(good, old) {
			t.Fatalf("the config has no %q", old)
		}
		w.write(name, strings.Replace(good, old, new, 1))
		return run(name)
	}
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	w.write("other.db", strings.Repeat("this is no database\n", 1000))
	newer(t, filepath.Join(w.dir, "newer.db"))
	for _, test := range []struct {
		name  string
		env   []string
		args  []string
		parts []string
	}{
		{"no config", w.env(), []string{"run"}, []string{`"config" not set`}},
		{"a config that is not there", w.env(), run("missing.yaml"), []string{"missing.yaml", "no such file"}},
		{"an empty config", w.env(), broken("empty.yaml", good, ""), []string{"the file is empty"}},
		{"no YAML", w.env(), broken("noyaml.yaml", "roles: {", "roles: {{{"), []string{"noyaml.yaml:5:9:", "is not closed"}},
		{"a typo", w.env(), broken("typo.yaml", "namespace:", "namspace:"), []string{"typo.yaml:12:44", `"namspace"`, `did you mean "namespace"?`}},
		{"an unknown cluster", w.env(), broken("cluster.yaml", "{cluster: prod-1", "{cluster: prod-2"), []string{"cluster.yaml:12:36", `"prod-2"`, `"prod-1"`}},
		{"an unknown role", w.env(), broken("role.yaml", "tech-lead:", "tech-laed:"), []string{"tech-lead", "role"}},
		{"a literal secret", w.env(), broken("secret.yaml", ": {plain_http: true}}\nretailers", ": {username: bot, password: hunter2}}\nretailers"), []string{"secret.yaml:7:59", "${ENV:NAME}"}},
		{"no token", w.env()[1:], run("config.yaml"), []string{"SLACK_BOT_TOKEN", "manifest slack"}},
		{"a Slack without a slash", append(w.env(), "SLACK_API_URL="+w.url+"/api"), run("config.yaml"), []string{"SLACK_API_URL must end in /api/"}},
		{"a Slack without TLS", append(w.env(), "SLACK_API_URL=http://slack.example/api/"), run("config.yaml"), []string{"SLACK_API_URL", "without TLS", "https://"}},
		{"a Slack that is none", append(w.env(), "SLACK_API_URL="+w.url+"/nothing/api/"), run("config.yaml"), []string{"SLACK_API_URL"}},
		{"a folder that is not there", w.env(), broken("folder.yaml", "/stationmaster.db", "/nowhere/stationmaster.db"), []string{"nowhere", "no such file or directory"}},
		{"a file that is no database", w.env(), broken("other.yaml", "/stationmaster.db", "/other.db"), []string{"other.db", "backup"}},
		{"a database of a newer version", w.env(), broken("newer.yaml", "/stationmaster.db", "/newer.db"), []string{"newer.db", "version 99", "newer stationmaster"}},
		{"an address that is taken", w.env(), broken("listen.yaml", "settle:", "listen: "+busy.Addr().String()+"\nsettle:"), []string{"listen", busy.Addr().String(), "in use"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			refuses(t, test.env, test.args, test.parts...)
		})
	}
}

// newer is a database that a newer version has written.
func newer(t *testing.T, path string) {
	t.Helper()
	db, err := bolt.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Commit(t.Context(), kv.Batch{Put: []kv.Entry{{Key: "meta/schema", Value: []byte("99")}}}); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestStartRefusedBySlackSaysWhy(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		change func(*emulator.Config)
		revoke [2]string
		parts  []string
	}{
		{name: "a revoked bot token", revoke: [2]string{"bot", "token_revoked"}, parts: []string{"SLACK_BOT_TOKEN", "revoked"}},
		{name: "a wrong app token", revoke: [2]string{"app", "invalid_auth"}, parts: []string{"SLACK_APP_TOKEN"}},
		{name: "a removed app", revoke: [2]string{"bot", "account_inactive"}, parts: []string{"removed"}},
		{name: "a missing scope", change: func(c *emulator.Config) { c.App.Scopes = []string{"commands", "chat:write", "users:read"} },
			parts: []string{"lacks the scope", "channels:read", "install the app again"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newBinaryFixture(t, simulated(t), test.change)
			if test.revoke[0] != "" {
				w.slack.Revoke(test.revoke[0], test.revoke[1])
			}
			refuses(t, w.env(), w.args(), test.parts...)
			refuses(t, w.env(), []string{"check", "--config", filepath.Join(w.dir, "config.yaml")}, test.parts...)
		})
	}
}

// check says what is wrong outside, and touches nothing: not even the database is made.
func TestCheckSaysWhatIsWrongAndTouchesNothing(t *testing.T) {
	t.Parallel()
	w := newBinaryFixture(t, simulated(t), func(c *emulator.Config) { c.Channels[1].WithoutBot = true })
	check := func(file string) []string { return []string{"check", "--config", filepath.Join(w.dir, file)} }
	refuses(t, w.env(), check("config.yaml"), "retailers.tangerine.channels.change", "/invite")
	w.slack.SetBotMember("change", true)
	p := start(t, w.env(), check("config.yaml")...)
	if code := p.exit(t, patience); code != 0 || !strings.Contains(p.out.String(), "ok\n") {
		t.Errorf("it ended with %d: %s", code, p.out)
	}
	p = start(t, w.env()[1:], check("config.yaml")...)
	if code := p.exit(t, patience); code != 0 || !strings.Contains(p.out.String(), "warning: Slack is not asked: the environment variable SLACK_BOT_TOKEN is not set\n") {
		t.Errorf("without a token it ended with %d: %s", code, p.out)
	}
	w.write("gone.yaml", strings.ReplaceAll(w.config(), "deployment/web", "deployment/wbe"))
	refuses(t, w.env(), check("gone.yaml"), "wbe")
	w.write("deaf.yaml", strings.ReplaceAll(w.config(), "/kubeconfig", "/deaf"))
	w.write("deaf", nobody)
	refuses(t, w.env(), check("deaf.yaml"), "prod-1", "does not answer")
	if _, err := os.Stat(filepath.Join(w.dir, "stationmaster.db")); err == nil {
		t.Error("it made a database")
	}
}

// nobody is the kubeconfig of a cluster that is not there.
const nobody = `{apiVersion: v1, kind: Config, current-context: c, clusters: [{name: c, cluster: {server: "http://127.0.0.1:1"}}],
users: [{name: c, user: {}}], contexts: [{name: c, context: {cluster: c, user: c}}]}`
