package probe

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// with is an intent with parameters of every type.
func with(url string, more deployer.Values) deployer.Intent {
	in := deployer.Intent{Step: "hook", Site: deployer.Site{Name: "tangerine", Environment: "prod"}, With: deployer.Values{"url": {Text: url}}}
	for name, v := range more {
		in.With[name] = v
	}
	return in
}

// secretive is a System that knows one secret.
func secretive() *System {
	return New(Config{Timeout: time.Minute, Secret: func(name string) (deployer.Secret, error) {
		if name != "api-token" {
			return "", deployer.Refuse("", "There is no secret %s.", name)
		}
		return `pa"ss`, nil
	}})
}

// What may change something is sent by Act alone, once, and judged from the record ever
// after: by a process that knows nothing but the reference too.
func TestWhatMayChangeSomethingIsSentOnce(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		body, _ := io.ReadAll(r.Body)
		if r.Method != http.MethodPost || string(body) != `{"name":"web"}` || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("asked %s with %s, %s", r.Method, body, r.Header.Get("Content-Type"))
		}
		fmt.Fprint(w, `{"id": 12345678901234567890}`)
	})
	in := with(url, deployer.Values{"method": {Text: "POST"}, "body": {Text: `{"name":"web"}`}, "outputs": {Texts: map[string]string{"run": "id"}}})
	for range 2 {
		if o, err := secretive().Look(t.Context(), in); err != nil || o.Kind != deployer.ObservedAbsent {
			t.Fatalf("%+v, %v", o, err)
		}
	}
	ref, err := secretive().Act(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		o, err := secretive().Follow(t.Context(), in, ref, nil)
		if err != nil || o.Result != deployer.OK || o.Why != url+" answered 200." || o.Outputs["run"].Text != "12345678901234567890" {
			t.Errorf("%+v, %v", o, err)
		}
		if o, err = secretive().Recheck(t.Context(), in, ref, o); err != nil || o.Result != deployer.OK {
			t.Errorf("rechecked: %+v, %v", o, err)
		}
	}
	if n := asked.Load(); n != 1 {
		t.Errorf("it was sent %d times", n)
	}
}

// An answer that is not as it should be is an end; no answer is none, since it may have
// been done; a connection that never came about is a refusal, since nothing was sent.
func TestWhatBecameOfARequestIsTold(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		switch r.URL.Path {
		case "/broken":
			panic(http.ErrAbortHandler)
		case "/moved":
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
		default:
			w.WriteHeader(http.StatusConflict)
		}
	})
	post := func(path string) (string, error) {
		return New(Config{}).Act(t.Context(), with(url+path, deployer.Values{"method": {Text: "DELETE"}}))
	}
	for path, why := range map[string]string{"/": "/ answered 409, not 200.", "/moved": "/moved answered 307, which leads to " + url + ", not 200."} {
		ref, err := post(path)
		if err != nil {
			t.Fatal(err)
		}
		o, err := New(Config{}).Follow(t.Context(), with(url+path, deployer.Values{"method": {Text: "DELETE"}}), ref, nil)
		if err != nil || o.Result != deployer.Failed || o.Kind != "status" || o.Why != url+why {
			t.Errorf("%+v, %v", o, err)
		}
	}
	if n := asked.Load(); n != 2 {
		t.Errorf("%d requests: a redirect was followed", n)
	}
	if _, err := post("/broken"); err == nil || isRefusal(err) {
		t.Errorf("without an answer: %v", err)
	}
	closed := httptest.NewServer(nil)
	closed.Close()
	if _, err := New(Config{}).Act(t.Context(), with(closed.URL, deployer.Values{"method": {Text: "PUT"}})); !isRefusal(err) {
		t.Errorf("nobody there: %v", err)
	}
}

func isRefusal(err error) bool {
	_, ok := errors.AsType[*deployer.Refusal](err)
	return ok
}

// Each way in which an answer is not as it should be has its name.
func TestEveryFailureHasItsName(t *testing.T) {
	t.Parallel()
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/gone":
			panic(http.ErrAbortHandler)
		case "/text":
			fmt.Fprint(w, "UP")
		case "/huge":
			fmt.Fprint(w, `{"a":"`+strings.Repeat("x", bodyMax)+`"}`)
		case "/long":
			fmt.Fprint(w, `{"a":"`+strings.Repeat("x", outputMax+1)+`"}`)
		case "/down":
			w.WriteHeader(http.StatusServiceUnavailable)
		default:
			fmt.Fprint(w, `{"checks":{"database":"ok","queue":{"depth":3}},"up":true,"all":[{"id":7}],"none":null}`)
		}
	})
	json := func(pairs ...string) deployer.Values {
		texts := map[string]string{}
		for i := 0; i < len(pairs); i += 2 {
			texts[pairs[i]] = pairs[i+1]
		}
		return deployer.Values{"json": {Texts: texts}}
	}
	for _, c := range []struct {
		path      string
		with      deployer.Values
		kind, why string // "": all is well
	}{
		{"/", json("checks.database", "ok", "up", "true", "all.0.id", "7", "none", "null", "checks.queue", `{"depth":3}`), "", "answered 200"},
		{"/", json("checks.database", "down"), "content", `answered 200, but checks.database is "ok", not down`},
		{"/", json("checks.cache", "ok"), "content", "answered 200, but it has no checks.cache"},
		{"/", json("all.1.id", "7"), "content", "answered 200, but it has no all.1.id"},
		{"/text", json("up", "true"), "content", "answered 200, but it is no JSON"},
		{"/huge", json("a", "x"), "content", "answered 200, but with more than 64 KiB, which is not read as JSON"},
		{"/long", deployer.Values{"outputs": {Texts: map[string]string{"a": "a"}}}, "content", "answered 200, but a, which would be the output a, is longer than 1000 bytes"},
		{"/", deployer.Values{"outputs": {Texts: map[string]string{"it": "no.where"}}}, "content", "answered 200, but it has no no.where, which would be the output it"},
		{"/", deployer.Values{"contains": {Text: "DOWN"}}, "content", `answered 200 without "DOWN"`},
		{"/", deployer.Values{"faster": {Duration: time.Nanosecond}}, "slow", "answered 200 after "},
		{"/", deployer.Values{"faster": {Duration: time.Hour}}, "", "answered 200"},
		{"/down", nil, "status", "answered 503, not 200"},
		{"/gone", nil, "unreachable", "broke the connection off"},
		{"/down", deployer.Values{"method": {Text: "HEAD"}, "status": {Number: 503}}, "", "answered 503"},
	} {
		o, err := New(Config{Timeout: time.Minute}).Follow(t.Context(), with(url+c.path, c.with), "", nil)
		if err != nil || o.Kind != c.kind || (o.Result == deployer.OK) != (c.kind == "") || !strings.HasPrefix(o.Why, url+c.path+" "+c.why) {
			t.Errorf("%s %+v: %+v, %v", c.path, c.with, o, err)
		}
	}
}

// Secrets are filled into headers and body at the last moment, in a body as a string of
// JSON; they stand in nothing that people see or that is kept, even if the server says
// them again; and one that the config lacks is a refusal.
func TestSecretsGoToTheServerAlone(t *testing.T) {
	t.Parallel()
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		var body map[string]string
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil || body["token"] != `pa"ss` || body["other"] != "{secret}" {
			t.Errorf("the body is %v, %v", body, err)
		}
		if got := r.Header.Get("Authorization"); got != `Bearer pa"ss` {
			t.Errorf("the header is %s", got)
		}
		if r.Host != "inner.example" {
			t.Errorf("the host is %s", r.Host)
		}
		w.WriteHeader(http.StatusTeapot)
		_ = json.NewEncoder(w).Encode(map[string]string{"said": `pa"ss`})
		fmt.Fprint(w, `pa"ss`)
	})
	in := with(url, deployer.Values{
		"headers": {Texts: map[string]string{"authorization": "Bearer {secrets.api-token}", "host": "inner.example"}},
		"body":    {Text: `{"token":"{secrets.api-token}","other":"{secret}"}`},
		"method":  {Text: "POST"}, "status": {Number: 418}, "outputs": {Texts: map[string]string{"said": "said"}},
	})
	for _, status := range []int{418, 200} {
		in.With["status"] = deployer.Value{Number: status}
		ref, err := secretive().Act(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		o, err := secretive().Follow(t.Context(), in, ref, nil)
		if seen := fmt.Sprintf("%s %+v %v", ref, o, err); strings.Contains(seen, "ss\"") && strings.Contains(seen, `pa"ss`) || strings.Contains(seen, `pa\"ss`) {
			t.Errorf("the secret is shown: %s", seen)
		}
		if status == 418 && o.Outputs["said"].Text != "(secret)" || status == 200 && !strings.Contains(o.Detail, "(secret)") {
			t.Errorf("%+v", o)
		}
	}
	in.With["headers"] = deployer.Value{Texts: map[string]string{"x": "{secrets.unknown}"}}
	if _, err := secretive().Look(t.Context(), in); !isRefusal(err) || !strings.Contains(err.Error(), "no secret unknown") {
		t.Errorf("looked: %v", err)
	}
	if _, err := New(Config{}).Follow(t.Context(), in, "", nil); !isRefusal(err) {
		t.Errorf("without any: %v", err)
	}
	away := New(Config{Secret: func(string) (deployer.Secret, error) { return "", errors.New("no such file") }})
	if _, err := away.Look(t.Context(), in); err == nil || isRefusal(err) {
		t.Errorf("that can't be read now: %v", err)
	}
}

// A header that can't be sent is told without its value.
func TestHeaderThatCanNotBeSentIsNotShown(t *testing.T) {
	t.Parallel()
	s := New(Config{Secret: func(string) (deployer.Secret, error) { return "two\nlines", nil }})
	url := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("it was asked") })
	o, err := s.Follow(t.Context(), with(url, deployer.Values{"headers": {Texts: map[string]string{"x": "{secrets.a}"}}}), "", nil)
	if err != nil || o.Result != deployer.Failed || strings.Contains(fmt.Sprint(o), "two") {
		t.Errorf("%+v, %v", o, err)
	}
}
