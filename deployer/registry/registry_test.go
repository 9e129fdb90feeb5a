package registry_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/registry"
	"github.com/stationmaster/stationmaster/deployer/registry/sim"
)

func serve(t *testing.T, h http.Handler) string {
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return strings.TrimPrefix(s.URL, "http://")
}

func push(t *testing.T, image, tag, build string) string {
	t.Helper()
	digest, err := sim.Push(image, tag, build)
	if err != nil {
		t.Fatal(err)
	}
	return digest
}

// at is a Registry for servers of tests, which have no certificates.
func at(hosts ...string) *registry.Registry {
	c := registry.Config{Hosts: map[string]registry.Host{}}
	for _, host := range hosts {
		c.Hosts[host] = registry.Host{PlainHTTP: true}
	}
	return registry.New(c)
}

// always is a password that is never renewed.
func always(password deployer.Secret) func() (deployer.Secret, error) {
	return func() (deployer.Secret, error) { return password, nil }
}

// A branch or tag moved between approval and deploy (samson 593, branch-deploy
// 315): what was pinned stays what it was.
func TestPinnedTagKeepsItsDigestWhenTheTagMoves(t *testing.T) {
	t.Parallel()
	host := serve(t, sim.Handler())
	image := host + "/web"
	first := push(t, image, "v2", "1")
	pinned, err := at(host).Pin(t.Context(), image, "v2")
	if err != nil || pinned != image+":v2@"+first {
		t.Fatalf("Pin = %q, %v", pinned, err)
	}
	if second := push(t, image, "v2", "2"); second == first {
		t.Fatal("the tag did not move")
	}
	if again, _ := at(host).Pin(t.Context(), image, "v2"); again == pinned {
		t.Error("the moved tag has the old digest")
	}
}

func TestPinRefusesWhatTheRegistryLacks(t *testing.T) {
	t.Parallel()
	host := serve(t, sim.Handler())
	image := host + "/web"
	for _, tag := range []string{"v1", "v2.10.1"} {
		push(t, image, tag, tag)
	}
	denied := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v2/" {
			w.WriteHeader(http.StatusForbidden)
		}
	}))
	for name, c := range map[string]struct{ image, tag, want string }{
		"unknown tag":   {image, "v2.10.2", "/web has no tag v2.10.2. Did you mean v2.10.1?"},
		"far tag":       {image, "zzzzzzzz", "There are for example: v1, v2.10.1."},
		"unknown image": {host + "/wbe", "v1", "/wbe has no tag v1. Check the service's image"},
		"not a tag":     {image, "a b", `"a b" is not a tag.`},
		"forbidden":     {denied + "/web", "v1", "does not let us read"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := at(host, denied).Pin(t.Context(), c.image, c.tag)
			var r *deployer.Refusal
			if !errors.As(err, &r) || !strings.Contains(r.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestPinUsesTheCredentialsAndShowsNone(t *testing.T) {
	t.Parallel()
	inner := sim.Handler()
	host := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, pass, _ := r.BasicAuth(); user != "bot" || pass != "hush-hush" {
			w.Header().Set("WWW-Authenticate", `Basic realm="r"`)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		inner.ServeHTTP(w, r)
	}))
	_, err := at(host).Pin(t.Context(), host+"/web", "v1")
	var refused *deployer.Refusal
	if !errors.As(err, &refused) || strings.Contains(err.Error(), "hush-hush") {
		t.Errorf("without credentials: %v", err)
	}
	with := registry.New(registry.Config{Hosts: map[string]registry.Host{host: {Username: "bot", Password: always("hush-hush"), PlainHTTP: true}}})
	if _, err = with.Pin(t.Context(), host+"/web", "v1"); !errors.As(err, &refused) || !strings.Contains(err.Error(), "has no tag") {
		t.Errorf("with credentials: %v", err)
	}
}

// A token for ECR is good for twelve hours: what renews it writes the file anew, and
// the process that asks goes on.
func TestPasswordIsReadForEachQuestion(t *testing.T) {
	t.Parallel()
	var good atomic.Value // what the registry takes
	good.Store("first")
	inner := sim.Handler()
	host := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, pass, _ := r.BasicAuth(); pass != good.Load() {
			w.Header().Set("WWW-Authenticate", `Basic realm="r"`)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		inner.ServeHTTP(w, r)
	}))
	path := filepath.Join(t.TempDir(), "password")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	asked := registry.New(registry.Config{Hosts: map[string]registry.Host{host: {Username: "AWS", PlainHTTP: true,
		Password: func() (deployer.Secret, error) {
			text, err := os.ReadFile(path)
			return deployer.Secret(text), err
		},
	}}})
	image := host + "/web"
	pin := func() error {
		_, err := asked.Pin(t.Context(), image, "v1")
		return err
	}
	write("first")
	// "has no tag" is an answer to whoever was let in.
	letIn := func(err error) bool { return err != nil && strings.Contains(err.Error(), "has no tag v1") }
	if err := pin(); !letIn(err) {
		t.Fatalf("with the first password: %v", err)
	}
	good.Store("second")
	if err := pin(); err == nil || !strings.Contains(err.Error(), "does not let us read") {
		t.Fatalf("with a password that is over: %v", err)
	}
	write("second")
	if err := pin(); !letIn(err) {
		t.Errorf("with the renewed password: %v", err)
	}
	if _, err := asked.Tags(t.Context(), image); err != nil && strings.Contains(err.Error(), "HTTP 401") {
		t.Errorf("the tags: %v", err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	var refused *deployer.Refusal
	if err := pin(); err == nil || errors.As(err, &refused) || !strings.Contains(err.Error(), "read the password for "+host) || strings.Contains(err.Error(), "second") {
		t.Errorf("without the file: %v", err)
	}
}

// A registry that answers badly or not at all leaves it open: the engine asks
// again.
func TestTroubleIsNoRefusal(t *testing.T) {
	t.Parallel()
	host := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v2/" {
			w.WriteHeader(http.StatusNotImplemented)
		}
	}))
	for _, h := range []string{host, "127.0.0.1:1"} {
		_, err := at(h).Pin(t.Context(), h+"/web", "v1")
		var r *deployer.Refusal
		if err == nil || errors.As(err, &r) {
			t.Errorf("%s: %v", h, err)
		}
	}
}

func TestRegistryKnowsTheImagesOfItsHosts(t *testing.T) {
	t.Parallel()
	r := at("registry.example")
	if !r.Knows("registry.example/web") || r.Knows("other.example/web") || r.Knows("web") {
		t.Error("Knows is wrong")
	}
	if r := at("docker.io"); !r.Knows("library/web") || !r.Knows("docker.io/library/web") {
		t.Error("docker.io is not known by its name")
	}
}
