package probe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func serve(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.URL
}

func intent(url string, params ...string) deployer.Intent {
	in := deployer.Intent{
		Step: "health", Service: "web", Site: deployer.Site{Name: "tangerine", Environment: "prod"},
		With: deployer.Values{"url": {Text: url}, "every": {Duration: 10 * time.Millisecond}, "retries": {Number: 1}},
	}
	for i := 0; i < len(params); i += 2 {
		v := deployer.Value{Text: params[i+1]}
		v.Number, _ = strconv.Atoi(v.Text)
		v.Duration, _ = time.ParseDuration(v.Text)
		in.With[params[i]] = v
	}
	return in
}

// follow follows to the end, with more time than an answer needs on any machine.
func follow(t *testing.T, in deployer.Intent) (deployer.Outcome, []deployer.Progress) {
	t.Helper()
	return followOf(t, New(Config{Timeout: time.Minute}), in)
}

func followOf(t *testing.T, s *System, in deployer.Intent) (deployer.Outcome, []deployer.Progress) {
	t.Helper()
	var seen []deployer.Progress
	o, err := s.Follow(t.Context(), in, "", func(p deployer.Progress) { seen = append(seen, p) })
	if err != nil {
		t.Fatal(err)
	}
	return o, seen
}

func expect(t *testing.T, o deployer.Outcome, result deployer.Result, why string) {
	t.Helper()
	if o.Result != result || o.Why != why {
		t.Errorf("got %s, %q; want %s, %q", o.Result, o.Why, result, why)
	}
}

func TestProbePassesWhenTheServiceAnswers(t *testing.T) {
	t.Parallel()
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || r.RequestURI != "/web/tangerine?env=prod" {
			t.Errorf("asked %s %s", r.Method, r.RequestURI)
		}
		fmt.Fprint(w, `{"status":"UP"}`)
	})
	o, seen := follow(t, intent(url+"/{service}/{retailer}?env={environment}", "contains", `"UP"`))
	expect(t, o, deployer.OK, url+"/web/tangerine answered 200.")
	if len(seen) != 0 {
		t.Errorf("progress %+v", seen)
	}
}

// A service that has only just started may say no once.
func TestProbePassesAtTheSecondTry(t *testing.T) {
	t.Parallel()
	var tries atomic.Int32
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		if tries.Add(1) == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	o, seen := follow(t, intent(url+"/health"))
	expect(t, o, deployer.OK, url+"/health answered 200 (at try 2).")
	if len(seen) != 1 || seen[0].Note != url+"/health answered 503, not 200. It is tried again." {
		t.Errorf("progress %+v", seen)
	}
}

func TestProbeFailsAfterItsTries(t *testing.T) {
	t.Parallel()
	var tries atomic.Int32
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		tries.Add(1)
		w.WriteHeader(http.StatusServiceUnavailable)
		fmt.Fprint(w, "database: \x1b[31mdown\x00\n"+strings.Repeat("at line\n", 50))
	})
	o, _ := follow(t, intent(url+"/health?key=hidden", "retries", "2"))
	expect(t, o, deployer.Failed, url+"/health answered 503, not 200 (tried 3 times).")
	if n := tries.Load(); n != 3 {
		t.Errorf("%d tries", n)
	}
	if !strings.HasPrefix(o.Detail, "database: [31mdown\nat line\n") || !strings.HasSuffix(o.Detail, "at line …") || len(o.Detail) > 200 {
		t.Errorf("detail %q", o.Detail)
	}
}

func TestProbePassesOnAnotherStatusThatIsAskedFor(t *testing.T) {
	t.Parallel()
	url := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/login", http.StatusFound) })
	o, _ := follow(t, intent(url, "status", "302"))
	expect(t, o, deployer.OK, url+" answered 302.")
}

func TestProbeFailsWhenTheBodyLacksTheText(t *testing.T) {
	t.Parallel()
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/huge" {
			for range 10_000 {
				fmt.Fprintln(w, strings.Repeat("x", 99))
			}
			fmt.Fprint(w, "UP")
			return
		}
		fmt.Fprint(w, "DOWN")
	})
	o, _ := follow(t, intent(url+"/small", "contains", "UP"))
	expect(t, o, deployer.Failed, url+`/small answered 200 without "UP" (tried 2 times).`)
	o, _ = follow(t, intent(url+"/huge", "contains", "UP"))
	expect(t, o, deployer.Failed, url+`/huge answered 200, and the first 64 KiB do not contain "UP" (tried 2 times).`)
	if len(o.Detail) > excerptMax+10 {
		t.Errorf("%d bytes of detail", len(o.Detail))
	}
	o, _ = follow(t, intent(url+"/huge"))
	expect(t, o, deployer.OK, url+"/huge answered 200.")
}

func TestProbeNamesTheTroubleWithTheConnection(t *testing.T) {
	t.Parallel()
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/cut":
			w.Header().Set("Content-Length", "100")
			fmt.Fprint(w, "half")
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		case "/gone":
			panic(http.ErrAbortHandler)
		}
	})
	closed := httptest.NewServer(nil)
	closed.Close()
	untrusted := httptest.NewUnstartedServer(nil)
	untrusted.Config.ErrorLog = log.New(io.Discard, "", 0)
	untrusted.StartTLS()
	t.Cleanup(untrusted.Close)
	for _, test := range []struct{ url, why string }{
		{url + "/cut", " answered 200, but broke off half way"},
		{url + "/gone", " broke the connection off"},
		{closed.URL, " refused the connection"},
		{strings.Replace(url, "http:", "https:", 1), " does not speak TLS"},
		{untrusted.URL, " has a certificate that can't be trusted: x509: "},
	} {
		o, _ := follow(t, intent(test.url))
		if o.Result != deployer.Failed || !strings.HasPrefix(o.Why, test.url+test.why) || !strings.HasSuffix(o.Why, " (tried 2 times).") {
			t.Errorf("%s: %+v", test.url, o)
		}
	}
}

// A pipeNetwork is a network in memory with one server, for a bubble in which
// waiting costs nothing and a busy machine is as fast as any.
type pipeNetwork chan net.Conn

func (i pipeNetwork) Accept() (net.Conn, error) {
	if c, ok := <-i; ok {
		return c, nil
	}
	return nil, net.ErrClosed
}
func (i pipeNetwork) Close() error   { return nil }
func (i pipeNetwork) Addr() net.Addr { return &net.UnixAddr{} }

// system is a System that reaches only that server.
func (i pipeNetwork) system(timeout time.Duration) *System {
	s := New(Config{Timeout: timeout})
	s.transport.DialContext = func(context.Context, string, string) (net.Conn, error) {
		here, there := net.Pipe()
		i <- there
		return here, nil
	}
	return s
}

func TestProbeFailsWhenTheAnswerIsSlow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		network := make(pipeNetwork)
		server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/body" {
				w.WriteHeader(http.StatusOK)
				_ = http.NewResponseController(w).Flush()
			}
			<-r.Context().Done()
		})}
		var serving sync.WaitGroup
		serving.Go(func() { _ = server.Serve(network) }) // it ends with Accept
		const url = "http://web.example"
		o, _ := followOf(t, network.system(200*time.Millisecond), intent(url+"/answer"))
		expect(t, o, deployer.Failed, url+"/answer did not answer within 200ms (tried 2 times).")
		o, _ = followOf(t, network.system(200*time.Millisecond), intent(url+"/body"))
		expect(t, o, deployer.Failed, url+"/body answered 200, but was not done within 200ms (tried 2 times).")
		close(network)
		serving.Wait()
	})
}

// A page to log in at, somewhere else, answers 200 as well.
func TestRedirectIsFollowedWithinItsHost(t *testing.T) {
	t.Parallel()
	login := serve(t, func(http.ResponseWriter, *http.Request) {})
	login = strings.Replace(login, "127.0.0.1", "localhost", 1)
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		to := map[string]string{"/": "/health", "/away": login + "/?next=secret", "/round": "/round"}[r.URL.Path]
		if to != "" {
			http.Redirect(w, r, to, http.StatusFound)
		}
	})
	o, _ := follow(t, intent(url+"/"))
	expect(t, o, deployer.OK, url+"/ answered 200.")
	o, _ = follow(t, intent(url+"/away"))
	expect(t, o, deployer.Failed, url+"/away answered 302, which leads to "+login+", not 200 (tried 2 times).")
	o, _ = follow(t, intent(url+"/round"))
	expect(t, o, deployer.Failed, url+"/round answered 302, which leads to "+url+", not 200 (tried 2 times).")
}

// From https a redirect to http would let anybody on the way answer.
func TestRedirectFromHTTPSToHTTPIsNotFollowed(t *testing.T) {
	t.Parallel()
	c, err := New(Config{}).checkOf(intent("https://web.example/"))
	if err != nil {
		t.Fatal(err)
	}
	secure, _ := http.NewRequest(http.MethodGet, "https://web.example/", nil)
	plain, _ := http.NewRequest(http.MethodGet, "http://web.example/", nil)
	if err := c.redirect(plain, []*http.Request{secure}); !errors.Is(err, http.ErrUseLastResponse) {
		t.Errorf("followed: %v", err)
	}
	if err := c.redirect(secure, []*http.Request{plain}); err != nil {
		t.Errorf("not followed: %v", err)
	}
}

// The password of a proxy stands in its URL, and Go's errors show that.
func TestPasswordOfTheProxyIsNotShown(t *testing.T) {
	t.Parallel()
	s := New(Config{})
	s.transport.Proxy = func(*http.Request) (*url.URL, error) {
		return nil, errors.New(`invalid proxy address "http://bob:secret@%zz"`)
	}
	o, err := s.Follow(t.Context(), intent("http://web.example/"), "", nil)
	if err != nil || o.Why != "http://web.example/ could not be reached (tried 2 times)." {
		t.Errorf("%+v, %v", o, err)
	}
}

func TestProbeEndsWithItsContext(t *testing.T) {
	t.Parallel()
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) })
	ctx, cancel := context.WithCancel(t.Context())
	_, err := New(Config{}).Follow(ctx, intent(url, "every", "1h"), "", func(deployer.Progress) { cancel() })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("while it waits: %v", err)
	}
	if _, err := New(Config{}).Follow(ctx, intent(url), "", nil); !errors.Is(err, context.Canceled) {
		t.Errorf("from the start: %v", err)
	}
}

// What is wrong is told, rather than that the step's time has passed.
func TestProbeFailsBeforeItsDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		network := make(pipeNetwork) // takes connections, and never answers
		go func() {
			for c := range network {
				go func() { _, _ = io.Copy(io.Discard, c) }() // until the other side hangs up
			}
		}()
		defer close(network)
		const url = "http://web.example/"
		in := intent(url, "retries", "1000", "every", "100ms")
		in.Deadline = time.Now().Add(deadlineMargin + time.Second)
		o, err := network.system(300*time.Millisecond).Follow(t.Context(), in, "", nil)
		if err != nil || o.Result != deployer.Failed || !strings.HasPrefix(o.Why, url+" did not answer within ") || !strings.Contains(o.Why, "(tried ") {
			t.Errorf("%+v, %v", o, err)
		}
		if time.Now().After(in.Deadline) {
			t.Error("it took longer than its step")
		}
	})
}

func TestProbeRefusesBadParameters(t *testing.T) {
	t.Parallel()
	s := New(Config{})
	for _, in := range []deployer.Intent{
		intent("web.example"), intent("http://{service}.example/{why}"),
	} {
		var r *deployer.Refusal
		if _, err := s.Look(t.Context(), in); !errors.As(err, &r) {
			t.Errorf("%v: looked, %v", in.With, err)
		}
		if _, err := s.Follow(t.Context(), in, "", nil); !errors.As(err, &r) {
			t.Errorf("%v: followed, %v", in.With, err)
		}
	}
	in := intent("http://x/")
	if sight, err := s.Look(t.Context(), in); err != nil || sight.Kind != deployer.ObservedPresent {
		t.Errorf("%+v, %v", sight, err)
	}
	if _, err := s.Act(t.Context(), in); err != nil {
		t.Error(err)
	}
}
