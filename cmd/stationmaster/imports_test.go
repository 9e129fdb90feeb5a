package main_test

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// A room is a package, or several, and what its files may import besides the standard library.
// A pattern matches as path.Match does, or ends in "/...", which takes everything below it too.
type room struct {
	pkg string   // from the root of the module
	may []string // from the root of the module, or a path with a dot in its first element
}

// allowedImports say who may know whom. deployer is the core, which every package knows; siblings are strangers; only
// cmd holds every key. The first room that matches counts, and a package without one is refused.
var allowedImports = []room{
	{"deployer", nil},
	{"deployer/deployertest", []string{"deployer", "deployer/telling"}},
	{"deployer/telling", []string{"deployer", "deployer/readout"}},
	{"deployer/readout", []string{"deployer"}},
	{"deployer/spelling", nil}, // what people type, for everybody
	{"deployer/engine", []string{"deployer", "deployer/telling"}},
	{"deployer/rules", []string{"deployer", "github.com/rickar/cal/v2/..."}},
	{"deployer/launch", []string{"deployer", "deployer/readout", "deployer/spelling", "deployer/rules", "deployer/urltemplate"}},
	{"deployer/preview", []string{"deployer"}},
	{"deployer/report", []string{"deployer"}},
	{"deployer/urltemplate", []string{"deployer", "deployer/spelling"}},
	{"deployer/slowtest", nil}, // which tests run; for everybody's
	{"deployer/logtest", nil},
	{"deployer/goldentest", []string{"github.com/google/go-cmp/cmp"}},

	{"deployer/kube", []string{"deployer", "deployer/spelling", "deployer/kube/kubeconfig", "deployer/kube/logsearch", "deployer/kube/objectcache", "deployer/kube/podtemplate", "k8s.io/api/...", "k8s.io/apimachinery/...", "k8s.io/client-go/..."}},
	{"deployer/kube/kubeconfig", []string{"deployer", "deployer/spelling", "k8s.io/client-go/..."}},
	{"deployer/kube/logsearch", []string{"deployer", "k8s.io/api/...", "k8s.io/client-go/..."}},
	{"deployer/kube/objectcache", []string{"k8s.io/apimachinery/...", "k8s.io/client-go/..."}},
	{"deployer/kube/podtemplate", []string{"k8s.io/api/...", "k8s.io/apimachinery/..."}},
	{"deployer/kube/sim", []string{"deployer", "k8s.io/api/...", "k8s.io/apimachinery/...", "gopkg.in/evanphx/json-patch.v4"}},
	{"deployer/kube/kubetest", []string{"deployer", "k8s.io/api/...", "k8s.io/apimachinery/...", "k8s.io/client-go/..."}},
	{"deployer/probe", []string{"deployer", "deployer/urltemplate"}},
	{"deployer/locking", []string{"deployer"}},
	{"deployer/history", []string{"deployer"}},
	{"deployer/drill", []string{"deployer"}},
	{"deployer/access", []string{"deployer"}},
	{"deployer/registry", []string{"deployer", "deployer/spelling", "github.com/google/go-containerregistry/..."}},
	{"deployer/registry/sim", []string{"deployer", "github.com/google/go-containerregistry/..."}},

	{"store/kv", nil},
	{"store/kvtest", []string{"store/kv", "pgregory.net/rapid"}},
	{"store/bolt", []string{"store/kv", "go.etcd.io/bbolt/..."}},
	{"store/internal/record", []string{"deployer"}},
	{"store", []string{"deployer", "store/internal/record", "store/kv", "store/bolt"}},

	{"deployer/catalog", []string{"deployer"}},
	{"templates/language", []string{"deployer", "deployer/spelling", "deployer/telling", "deployer/catalog", "deployer/urltemplate", "cel.dev/cel-go/..."}},
	{"templates/importer", nil},
	{"templates/manual", []string{"deployer", "deployer/catalog"}},
	{"templates/jsonschema", nil},
	{"templates/idle", []string{"deployer"}},
	{"templates/runbook", []string{"deployer", "templates/idle"}},
	{"templates/review", []string{"deployer", "templates/idle", "templates/source", "templates/strict"}},
	{"templates/skeleton", []string{"deployer", "deployer/spelling"}},
	{"templates/schema", []string{"deployer", "deployer/catalog", "templates/jsonschema", "templates/source", "templates/strict"}},
	{"templates/trial", []string{"deployer", "deployer/spelling", "deployer/telling", "deployer/launch", "templates/language", "templates/strict", "go.yaml.in/yaml/v4"}},
	{"templates/strict", []string{"deployer", "deployer/spelling", "go.yaml.in/yaml/v4"}},
	{"templates/source", []string{"templates/strict"}},
	{"templates", []string{"deployer", "deployer/spelling", "templates/language", "templates/source", "templates/strict", "go.yaml.in/yaml/v4"}},

	{"bot/emulator/faulttest", []string{"bot/emulator"}},
	{"bot/emulator/jsonvalue", nil},
	{"bot/emulator/origin", nil},
	{"bot/emulator/jsonhttp", nil},
	{"bot/emulator/background", nil},
	{"bot/emulator/fault", nil},
	{"bot/emulator/ratelimit", nil},
	{"bot/emulator/blockkit", []string{"bot/emulator/jsonvalue"}},
	{"bot/emulator/workspace", []string{"bot/emulator/blockkit", "bot/emulator/jsonvalue", "bot/emulator/background",
		"go.yaml.in/yaml/v4"}},
	{"bot/emulator/webapi", []string{"bot/emulator/workspace", "bot/emulator/blockkit", "bot/emulator/jsonvalue",
		"bot/emulator/jsonhttp", "bot/emulator/background", "bot/emulator/fault", "bot/emulator/ratelimit", "bot/emulator/origin"}},
	{"bot/emulator/socket", []string{"bot/emulator/workspace", "bot/emulator/jsonvalue", "bot/emulator/background",
		"bot/emulator/fault", "github.com/coder/websocket"}},
	{"bot/emulator/client", []string{"bot/emulator/socket", "bot/emulator/webapi", "bot/emulator/workspace",
		"bot/emulator/blockkit", "bot/emulator/jsonvalue"}},
	{"bot/emulator/page", []string{"bot/emulator/client", "bot/emulator/workspace", "bot/emulator/jsonvalue",
		"bot/emulator/jsonhttp", "github.com/coder/websocket"}},
	{"bot/emulator", []string{"bot/emulator/*"}},
	{"bot/mrkdwn", []string{"deployer", "github.com/slack-go/slack", "golang.org/x/net/idna"}},
	{"bot/slackapi", []string{"deployer", "github.com/slack-go/slack"}},
	{"bot/command", []string{"deployer", "deployer/spelling", "bot/mrkdwn"}},
	{"bot/socketmode", []string{"bot/slackapi", "github.com/slack-go/slack", "github.com/coder/websocket"}},
	{"bot/directory", []string{"deployer", "bot/slackapi", "github.com/slack-go/slack", "golang.org/x/time/rate"}},
	{"bot/channels", []string{"deployer", "bot/slackapi", "github.com/slack-go/slack"}},
	{"bot/awaited", []string{"deployer"}},
	{"bot/view/field", []string{"deployer", "deployer/spelling", "bot/mrkdwn", "github.com/slack-go/slack"}},
	{"bot/view/placeholder", []string{"deployer/urltemplate", "bot/mrkdwn"}},
	{"bot/view", []string{"deployer", "deployer/readout", "deployer/preview", "deployer/telling", "deployer/urltemplate", "bot/mrkdwn", "bot/awaited", "bot/view/field", "bot/view/placeholder", "github.com/slack-go/slack"}},
	{"bot/view/refusal", []string{"deployer", "bot/mrkdwn", "bot/view"}},
	{"bot/view/form", []string{"deployer", "deployer/preview", "bot/mrkdwn", "bot/view", "bot/view/field", "bot/view/refusal", "github.com/slack-go/slack"}},
	{"bot/view/overview", []string{"deployer", "bot/mrkdwn", "bot/awaited", "bot/view", "github.com/slack-go/slack"}},
	{"bot/view/trail", []string{"deployer", "bot/mrkdwn", "bot/view", "github.com/slack-go/slack"}},
	{"bot/outbox", []string{"deployer", "bot/mrkdwn", "bot/slackapi", "bot/view", "github.com/slack-go/slack", "golang.org/x/time/rate"}},
	{"bot/inflight", []string{"deployer", "bot/awaited", "bot/view", "bot/view/overview"}},
	{"bot/flood", nil},
	{"bot/tags", nil},
	{"bot/permalink", []string{"deployer", "github.com/slack-go/slack"}},
	{"bot/hometab", []string{"deployer", "bot/directory", "bot/inflight", "bot/outbox", "bot/slackapi", "bot/view", "bot/view/overview", "github.com/slack-go/slack"}},
	{"bot/bottest", []string{"deployer", "bot/mrkdwn", "bot/emulator", "github.com/slack-go/slack"}},
	{"bot", []string{"deployer", "deployer/readout", "deployer/spelling", "deployer/launch", "deployer/preview", "bot/mrkdwn", "bot/slackapi", "bot/command", "bot/socketmode", "bot/directory", "bot/view", "bot/view/*", "bot/outbox", "bot/inflight", "bot/flood", "bot/tags", "bot/permalink", "bot/hometab",
		"github.com/slack-go/slack"}},

	{"cmd/internal/control", []string{"bot/awaited", "bot/view", "deployer", "deployer/readout"}},
	{"cmd/internal/app", []string{"cmd/internal/control", "bot", "bot/channels", "bot/command", "bot/directory", "bot/slackapi", "bot/view", "deployer", "deployer/*", "store", "templates", "templates/*", "go.yaml.in/yaml/v4",
		"github.com/prometheus/client_golang/...", "github.com/robfig/cron/v3"}},
	{"cmd/internal/demo", []string{"cmd/internal/app", "bot/emulator", "bot/emulator/origin", "deployer", "deployer/*/sim"}},
	{"cmd/internal/procedures", []string{"cmd/internal/app", "deployer", "deployer/*", "templates", "templates/*", "go.yaml.in/yaml/v4"}},
	{"cmd/internal/export", []string{"cmd/internal/app", "deployer", "deployer/report", "store"}},
	{"cmd/internal/local", []string{"bot/emulator", "bot/emulator/origin"}},
	{"cmd/stationmaster", []string{"cmd/internal/app", "cmd/internal/control", "cmd/internal/demo", "cmd/internal/export", "cmd/internal/local", "cmd/internal/procedures", "bot", "deployer", "deployer/report", "templates", "templates/strict", "github.com/spf13/cobra",
		"k8s.io/klog/v2"}}, // whose lines go into our log
	{"cmd/internal/lagtest", nil},
	{"cmd/internal/crash", nil}, // tests alone
}

// topLevel is every folder that the root may have, dot-folders aside. What CI leaves behind is in no commit.
var topLevel = []string{"bot", "cmd", "deployer", "store", "templates", "artifacts"}

// A source is one Go file: where it is, and what it imports.
type source struct {
	file    string   // from the root of the module
	imports []string // our own from the root of the module, others as they are written
}

func (s source) pkg() string  { return path.Dir(s.file) }
func (s source) isTest() bool { return strings.HasSuffix(s.file, "_test.go") }

// TestPackagesImportOnlyWhatTheyMay holds the table above against every file, those for other systems and those of
// tests included.
func TestPackagesImportOnlyWhatTheyMay(t *testing.T) {
	t.Parallel()
	sources := readSources(t)
	for _, s := range sources {
		for _, wrong := range judge(s) {
			t.Error(wrong)
		}
	}
	for _, r := range allowedImports {
		if !slices.ContainsFunc(sources, func(s source) bool { return matches(r.pkg, s.pkg()) }) {
			t.Errorf("the table has a row for %s, which is no more: remove the row", r.pkg)
		}
	}
}

// TestRootHasOnlyFoldersThatEverybodyKnows keeps the root to the folders that everybody knows.
func TestRootHasOnlyFoldersThatEverybodyKnows(t *testing.T) {
	t.Parallel()
	entries, err := os.ReadDir(root(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.IsDir() && !strings.HasPrefix(e.Name(), ".") && !slices.Contains(topLevel, e.Name()) {
			t.Errorf("%s/ is a folder at the top level: code belongs below %s", e.Name(), strings.Join(topLevel[:5], ", "))
		}
	}
}

// TestForbiddenImportsAreFound shows that the checks can fail.
func TestForbiddenImportsAreFound(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ file, imports, want string }{
		{"deployer/apply.go", "fmt", ""},
		{"deployer/apply.go", "k8s.io/api/core/v1", "may not import"},
		{"deployer/apply.go", "golang.org/x/sync/errgroup", "may not import"},
		{"deployer/apply_test.go", "pgregory.net/rapid", ""},
		{"deployer/apply_test.go", "deployer", ""},
		{"deployer/engine/run.go", "deployer/kube", "may not import"},
		{"deployer/launch/launch.go", "bot/mrkdwn", "may not import"},
		{"deployer/decide.go", "deployer/telling", "may not import"},
		{"deployer/skip_test.go", "deployer/telling", ""},
		{"store/commit.go", "deployer/telling", "may not import"},
		{"store/store_test.go", "deployer/telling", ""},
		{"deployer/kube/watch.go", "k8s.io/client-go/tools/cache", ""},
		{"deployer/kube/watch.go", "deployer/kube/sim", "may not import"},
		{"deployer/kube/watch.go", "deployer/kube/kubetest", "only test files"},
		{"deployer/kube/watch_test.go", "deployer/kube/kubetest", ""},
		{"deployer/kube/watch_test.go", "deployer/kube/sim", ""},
		{"deployer/kube/watch_test.go", "store", "may not import"},
		{"bot/emulator/api.go", "deployer", "may not import"},
		{"bot/emulator/api_test.go", "bot", "may not import"},
		{"bot/view/card.go", "bot/emulator", "may not import"},
		{"bot/view/card.go", "bot/outbox", "may not import"},
		{"bot/view/card.go", "testing", "only test files"},
		{"bot/view/card.go", "net/http/httptest", "only test files"},
		{"bot/outbox/send_test.go", "bot/emulator", ""},
		{"bot/emulator/blockkit/blocks.go", "bot/emulator/workspace", "may not import"},
		{"bot/emulator/workspace/post.go", "bot/emulator/webapi", "may not import"},
		{"store/kvtest/kvtest.go", "testing", ""},
		{"store/bolt/bolt_test.go", "store/kvtest", ""},
		{"cmd/internal/app/app.go", "deployer/kube/sim", "may not import"},
		{"cmd/internal/app/app.go", "bot/emulator", "may not import"},
		{"cmd/internal/app/app_test.go", "bot/emulator", ""},
		{"cmd/internal/demo/demo.go", "deployer/kube/sim", ""},
		{"deployer/vault/vault.go", "fmt", "no row"},
		{"common/strings.go", "fmt", "no row"},
	} {
		got := strings.Join(judge(source{c.file, []string{c.imports}}), "\n")
		if (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s importing %s: got %q, want %q", c.file, c.imports, got, c.want)
		}
	}
}

// judge says what is wrong with the imports of a file.
func judge(s source) (wrong []string) {
	i := slices.IndexFunc(allowedImports, func(r room) bool { return matches(r.pkg, s.pkg()) })
	if i < 0 {
		return []string{fmt.Sprintf("%s: the table in imports_test.go has no row for %s: say there what it may import", s.file, s.pkg())}
	}
	inTest := s.isTest() || forTests(s.pkg())
	for _, imported := range s.imports {
		switch {
		case forTests(imported) && !inTest:
			wrong = append(wrong, fmt.Sprintf("%s: only test files import %s", s.file, imported))
		case forTests(imported), standard(imported) && !ours(imported), allowed(allowedImports[i], imported):
		case s.isTest() && !ours(imported):
		case s.isTest() && (within(imported, s.pkg()) || within(s.pkg(), "cmd")):
		case s.isTest() && s.pkg() == "store" && imported == "deployer/telling": // what its tests commit
		case s.isTest() && within(s.pkg(), "bot") && !within(s.pkg(), "bot/emulator") && imported == "bot/emulator": // the Slack of the rooms' tests
		default:
			wrong = append(wrong, fmt.Sprintf("%s: %s may not import %s", s.file, s.pkg(), imported))
		}
	}
	return wrong
}

// forTests tells a package that only tests may know: testing and what is below it, and those named …test.
func forTests(pkg string) bool { return within(pkg, "testing") || strings.HasSuffix(pkg, "test") }

// standard tells a package of the standard library, or of ours, by its first element.
func standard(pkg string) bool {
	first, _, _ := strings.Cut(pkg, "/")
	return !strings.Contains(first, ".")
}

func ours(pkg string) bool {
	return slices.ContainsFunc(topLevel, func(folder string) bool { return within(pkg, folder) })
}

func allowed(r room, pkg string) bool {
	return slices.ContainsFunc(r.may, func(pattern string) bool { return matches(pattern, pkg) })
}

func within(pkg, folder string) bool { return pkg == folder || strings.HasPrefix(pkg, folder+"/") }

func matches(pattern, pkg string) bool {
	if folder, found := strings.CutSuffix(pattern, "/..."); found {
		return within(pkg, folder)
	}
	ok, err := path.Match(pattern, pkg)
	return ok && err == nil
}

// readSources parses what every Go file of the module imports. It reads the files itself, where go list would
// not tell the test cache which files the result rests on.
func readSources(t *testing.T) (sources []source) {
	t.Helper()
	top := root(t)
	err := filepath.WalkDir(top, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != top && skipped(name, d.Name()):
			return fs.SkipDir
		case d.IsDir() || filepath.Ext(name) != ".go":
			return nil
		}
		s, err := readSource(top, name)
		sources = append(sources, s)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return sources
}

// skipped tells a folder that the go command leaves out of ./..., a module of its own included.
func skipped(dir, base string) bool {
	_, err := os.Stat(filepath.Join(dir, "go.mod"))
	return err == nil || base == "testdata" || strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_")
}

func readSource(top, name string) (source, error) {
	f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
	if err != nil {
		return source{}, err
	}
	rel, err := filepath.Rel(top, name)
	if err != nil {
		return source{}, err
	}
	s := source{file: filepath.ToSlash(rel)}
	for _, spec := range f.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return source{}, err
		}
		s.imports = append(s.imports, strings.TrimPrefix(imported, "github.com/stationmaster/stationmaster/"))
	}
	return s, nil
}

// root is the folder of go.mod. A test runs in the folder of its package.
func root(t *testing.T) string {
	t.Helper()
	top, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(top, "go.mod")); err != nil {
		t.Fatal(err)
	}
	return top
}
