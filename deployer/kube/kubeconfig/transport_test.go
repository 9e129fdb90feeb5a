package kubeconfig

import (
	"context"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"k8s.io/client-go/rest"
)

// TestMain is also the exec plugin of a test: what it prints is in a file.
func TestMain(m *testing.M) {
	if file := os.Getenv("KUBECONFIG_TEST_TOKEN"); file != "" {
		token, err := os.ReadFile(file)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Printf(`{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":%q}}`, token)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// A server answers with the token and the path that it was asked with, and 401 to a
// token that it does not take.
type server struct {
	*httptest.Server
	takes atomic.Value // a token; "": any
}

func serve(t *testing.T) *server {
	s := &server{}
	s.takes.Store("")
	s.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
		if only := s.takes.Load(); only != "" && only != token {
			w.WriteHeader(http.StatusUnauthorized)
		}
		fmt.Fprint(w, token, " ", r.URL.Path, " ", r.Host)
	}))
	t.Cleanup(s.Close)
	return s
}

// config is a kubeconfig of one context that bears the server's certificate.
func (s *server) config(below, user string) string {
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	return fmt.Sprintf(`apiVersion: v1
kind: Config
current-context: c
clusters: [{name: c, cluster: {server: %q, certificate-authority-data: %s}}]
contexts: [{name: c, context: {cluster: c, user: c}}]
users: [{name: c, user: %s}]
`, s.URL+below, base64.StdEncoding.EncodeToString(ca), user)
}

func token(text string) string { return fmt.Sprintf("{token: %q}", text) }

// write writes a file that was done with a while ago, as one that is renewed every
// few hours mostly is.
func write(t *testing.T, path, text string) {
	t.Helper()
	writeFresh(t, path, text)
	then := time.Now().Add(-writing)
	if err := os.Chtimes(path, then, then); err != nil {
		t.Fatal(err)
	}
}

func writeFresh(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, source Source, renewed func()) *Transport {
	t.Helper()
	if renewed == nil {
		renewed = func() {}
	}
	tr, err := New(source, func(*rest.Config) {}, renewed)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

// ask returns what the server has answered to a request of a client.
func ask(t *testing.T, tr *Transport) string {
	t.Helper()
	const address = "https://as-it-was.example/api"
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := tr.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if req.URL.String() != address {
		t.Errorf("the client's own request became %s", req.URL)
	}
	return string(body)
}

func answers(t *testing.T, tr *Transport, want string) {
	t.Helper()
	if got := ask(t, tr); !strings.HasPrefix(got, want+" ") {
		t.Errorf("it was asked with %q, want %q", got, want)
	}
}

// Tokens, certificates and addresses are renewed while a process runs. The next
// request is the new one, and whoever caches what the old one might do is told.
func TestNextRequestIsWhatTheFileSays(t *testing.T) {
	t.Parallel()
	one, other := serve(t), serve(t)
	path := filepath.Join(t.TempDir(), "kubeconfig")
	write(t, path, one.config("", token("first")))
	var renewed atomic.Int64
	tr := open(t, Source{File: path}, func() { renewed.Add(1) })
	answers(t, tr, "first /api")

	write(t, path, one.config("", token("other"))) // of the same length
	answers(t, tr, "other /api")
	write(t, path, other.config("/k8s/clusters/c-1/", token("third")))
	if got, want := ask(t, tr), "third /k8s/clusters/c-1/api "+strings.TrimPrefix(other.URL, "https://"); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	answers(t, tr, "third /k8s/clusters/c-1/api")
	write(t, path, other.config("/k8s/clusters/c-1/", token("third"))) // touched
	answers(t, tr, "third /k8s/clusters/c-1/api")
	if n := renewed.Load(); n != 2 {
		t.Errorf("it was renewed %d times, not twice", n)
	}
}

// A file that is broken, half written or gone changes nothing, and is named.
func TestFileThatCanNotBeUsedChangesNothing(t *testing.T) {
	t.Parallel()
	const secret = "hush-hush"
	s := serve(t)
	whole := s.config("", token(secret+"-new"))
	begun, _, _ := strings.Cut(whole, "users:")
	for name, c := range map[string]struct{ text, want string }{
		"nothing":         {"", "says nothing of any cluster"},
		"half":            {whole[:len(whole)-40], "is none"},
		"no YAML":         {"users: *" + secret, "is none"},
		"another kind":    {"apiVersion: v1\nkind: [" + secret + "]\n", "is none"},
		"without its end": {begun, "says nothing of the user c"},
		"no context":      {strings.Replace(whole, "current-context: c", "current-context: "+"d", 1), "context was not found for specified context: d"},
		"no certificate":  {strings.Replace(whole, "certificate-authority-data: ", "certificate-authority-data: "+secret, 1), "is none"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "kubeconfig")
			write(t, path, s.config("", token(secret)))
			tr := open(t, Source{File: path}, func() { t.Error("it was renewed") })
			write(t, path, c.text)
			answers(t, tr, secret+" /api")
			if err := tr.Problem(); err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), secret) {
				t.Errorf("it says %v, want %q", err, c.want)
			}
			tr.renewed = func() {}
			write(t, path, whole)
			answers(t, tr, secret+"-new /api")
			if err := tr.Problem(); err != nil {
				t.Errorf("then it says %v", err)
			}
		})
	}
	path := filepath.Join(t.TempDir(), "kubeconfig")
	write(t, path, s.config("", token(secret)))
	tr := open(t, Source{File: path}, nil)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	answers(t, tr, secret+" /api")
	if err := tr.Problem(); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("without the file it says %v", err)
	}
}

// What is written in pieces may be valid before its end, as somebody without
// credentials.
func TestFileIsTakenUpOnceItIsWritten(t *testing.T) {
	t.Parallel()
	s := serve(t)
	path := filepath.Join(t.TempDir(), "kubeconfig")
	write(t, path, s.config("", token("first")))
	tr := open(t, Source{File: path}, nil)
	for {
		writeFresh(t, path, s.config("", "{}"))
		got := ask(t, tr)
		if !stampOf([]string{path}).fresh() {
			write(t, path, s.config("", token("first")))
			answers(t, tr, "first /api")
			continue // this machine was so slow that the file might have been done
		}
		if !strings.HasPrefix(got, "first ") {
			t.Errorf("it was asked with %q", got)
		}
		break
	}
	write(t, path, s.config("", token("second")))
	answers(t, tr, "second /api")
}

// $KUBECONFIG lists files that are merged, of which some may not exist.
func TestAnyFileOfTheListCounts(t *testing.T) {
	s := serve(t)
	dir := t.TempDir()
	cluster, user := filepath.Join(dir, "cluster"), filepath.Join(dir, "user")
	t.Setenv("KUBECONFIG", strings.Join([]string{filepath.Join(dir, "none"), user, cluster}, string(filepath.ListSeparator)))
	whole := s.config("", token("first"))
	write(t, cluster, whole)
	tr := open(t, Source{Context: "c"}, nil)
	answers(t, tr, "first /api")
	write(t, user, `{apiVersion: v1, kind: Config, users: [{name: c, user: {token: second}}]}`)
	answers(t, tr, "second /api")
	if err := os.Remove(user); err != nil {
		t.Fatal(err)
	}
	answers(t, tr, "first /api")
}

// What client-go renews itself it goes on renewing, such as the token that an exec
// plugin tells, once it is refused.
func TestExecPluginIsAskedAgainByClientGo(t *testing.T) {
	t.Parallel()
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	s := serve(t)
	dir := t.TempDir()
	file, path := filepath.Join(dir, "token"), filepath.Join(dir, "kubeconfig")
	write(t, file, "first")
	write(t, path, s.config("", fmt.Sprintf(`{exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never,
  command: %q, env: [{name: KUBECONFIG_TEST_TOKEN, value: %q}]}}`, executable, file)))
	tr := open(t, Source{File: path}, nil)
	answers(t, tr, "first /api")
	write(t, file, "second")
	answers(t, tr, "first /api") // which it was told is good
	s.takes.Store("second")
	answers(t, tr, "first /api") // which is refused, and forgotten
	answers(t, tr, "second /api")

	write(t, path, s.config("", fmt.Sprintf("{tokenFile: %q}", file)))
	s.takes.Store("")
	answers(t, tr, "second /api")
}

// Requests go on while the file is written anew.
func TestRequestsGoOnWhileTheFileIsRenewed(t *testing.T) {
	t.Parallel()
	s := serve(t)
	path := filepath.Join(t.TempDir(), "kubeconfig")
	write(t, path, s.config("", token("t0")))
	tr := open(t, Source{File: path}, nil)
	ctx, done := context.WithCancel(t.Context())
	var work sync.WaitGroup
	for range 4 {
		work.Go(func() {
			for ctx.Err() == nil {
				if got := ask(t, tr); !strings.HasPrefix(got, "t") {
					t.Errorf("it was asked with %q", got)
				}
			}
		})
	}
	for i := range 20 {
		next := filepath.Join(t.TempDir(), "next")
		write(t, next, s.config("", token(fmt.Sprint("t", i))))
		if err := os.Rename(next, path); err != nil {
			t.Fatal(err)
		}
		answers(t, tr, fmt.Sprint("t", i, " /api"))
	}
	done()
	work.Wait()
}
