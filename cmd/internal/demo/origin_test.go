package demo

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/cookiejar"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/kube"
	"github.com/stationmaster/stationmaster/deployer/registry"
)

// sent sends a request as some page or program does, over a real socket, and returns the status.
func sent(t *testing.T, client *http.Client, method, url, body string, headers map[string]string) (status int, words string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range headers {
		r.Header.Set(name, value)
	}
	if host := headers["Host"]; host != "" {
		r.Host = host
		r.Header.Del("Host")
	}
	resp, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusSwitchingProtocols {
		return resp.StatusCode, "" // a stream does not end
	}
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(data)
}

// Ana has the page of somebody else open while she deploys. Whatever that page tries, by its own name or by one that
// leads to this machine, it does not become Bob; Bob's own page does.
func TestNoOtherPageApprovesAsBob(t *testing.T) {
	t.Parallel()
	url := startDemo(t)
	host := strings.TrimPrefix(url, "http://")
	port := host[strings.LastIndex(host, ":"):]
	ana := &person{t: t, url: url, id: "UANA"}
	ana.says(deploys, "/deploy web v2")
	ana.waits(deploys, "Waiting for Ana: Everything is ready")
	ana.presses("Confirm 2")
	ana.waits(deploys, "Waiting for Bob or Rosa to approve")

	const click = `{"user":"UBOB","channel":"` + deploys + `","button":"Approve"}`
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar} // in which the demo's page is open
	opened := map[string]string{"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
	if status, words := sent(t, browser, "GET", url+"/?user=UANA", "", opened); status != http.StatusOK {
		t.Fatalf("the page: %d %s", status, words)
	}
	for what, headers := range map[string]map[string]string{
		"another origin":                {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
		"an older browser's":            {"Origin": "https://evil.example"},
		"another port":                  {"Origin": "http://127.0.0.1:1", "Sec-Fetch-Site": "same-site"},
		"a sandboxed frame":             {"Origin": "null"},
		"a rebinding name":              {"Host": "evil.example" + port, "Origin": "http://evil.example" + port, "Sec-Fetch-Site": "same-origin"},
		"a rebinding name, older":       {"Host": "evil.example" + port},
		"a rebinding name, our origin":  {"Host": "evil.example" + port, "Origin": url},
		"a rebinding name without port": {"Host": "evil.example"},
	} {
		headers["Content-Type"] = "application/json"
		for path, body := range map[string]string{"/page/action": click, "/control/act": click, "/page/send": `{"user":"UBOB","channel":"` + deploys + `","text":"/deploy api v2"}`} {
			for name, client := range map[string]*http.Client{"with the cookie": browser, "without": http.DefaultClient} {
				if status, words := sent(t, client, "POST", url+path, body, headers); status != http.StatusForbidden && status != http.StatusMisdirectedRequest {
					t.Errorf("%s %s: %s: %d %s", what, name, path, status, words)
				}
			}
		}
		upgrade := map[string]string{"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA=="}
		for name, value := range headers {
			upgrade[name] = value
		}
		if status, _ := sent(t, browser, "GET", url+"/page/stream?user=UBOB", "", upgrade); status == http.StatusSwitchingProtocols {
			t.Errorf("%s: a stream is open", what)
		}
		headers["Content-Type"], headers["Authorization"] = "application/x-www-form-urlencoded", "Bearer xoxb-local"
		if status, words := sent(t, browser, "POST", url+"/api/chat.postMessage", "channel="+deploys+"&text=hi", headers); status == http.StatusOK {
			t.Errorf("%s: the API answers %s", what, words)
		}
	}
	own := map[string]string{"Origin": url, "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "empty", "Content-Type": "application/json"}
	if status, words := sent(t, http.DefaultClient, "POST", url+"/page/action", click, own); status != http.StatusForbidden {
		t.Errorf("without the cookie: %d %s", status, words)
	}
	ana.waits(deploys, "Waiting for Bob or Rosa to approve")
	for _, m := range ana.reads(deploys, "") {
		if strings.Contains(m.words(), "approved by") || m.Text == "hi" {
			t.Fatalf("it says %s", m.words())
		}
	}
	if status, words := sent(t, browser, "POST", url+"/page/action", click, own); status != http.StatusOK || !strings.Contains(words, `"ok":true`) {
		t.Fatalf("Bob's own page: %d %s", status, words)
	}
	ana.waits(deploys, "approved by Bob")
}

// The tokens that everybody knows are taken of a program here, and of nobody else: see the contract.
func TestKnownTokensAreForProgramsOnThisMachine(t *testing.T) {
	t.Parallel()
	url := startDemo(t)
	for token, method := range map[string]string{"xoxb-local": "auth.test", "xapp-local": "apps.connections.open"} {
		bears := map[string]string{"Authorization": "Bearer " + token}
		if status, words := sent(t, http.DefaultClient, "POST", url+"/api/"+method, "", bears); status != http.StatusOK || !strings.Contains(words, `"ok":true`) {
			t.Errorf("%s of a program: %d %s", token, status, words)
		}
		bears["Sec-Fetch-Site"], bears["Origin"] = "same-origin", url
		if _, words := sent(t, http.DefaultClient, "POST", url+"/api/"+method, "", bears); !strings.Contains(words, "invalid_auth") {
			t.Errorf("%s of a page: %s", token, words)
		}
	}
	form := map[string]string{"Content-Type": "application/x-www-form-urlencoded"}
	if _, words := sent(t, http.DefaultClient, "POST", url+"/api/auth.test", "token=xoxb-local", form); !strings.Contains(words, `"ok":true`) {
		t.Errorf("in a form: %s", words)
	}
}

// trusting is a client that trusts what a kubeconfig trusts.
func trusting(t *testing.T, kubeconfig string) *http.Client {
	t.Helper()
	authority, err := base64.StdEncoding.DecodeString(regexp.MustCompile(`certificate-authority-data: "(.+)"`).FindStringSubmatch(kubeconfig)[1])
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(authority)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS13}}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// Whoever would patch the demo's cluster, or push to its registry, needs what is made anew at each start.
func TestClusterAndRegistryLetInTheirOwnAlone(t *testing.T) {
	t.Parallel()
	build := func() *stage {
		s := &stage{dir: t.TempDir(), speed: 100}
		t.Cleanup(s.close)
		if err := s.build("127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
		return s
	}
	s, other := build(), build()
	kubeconfig, err := os.ReadFile(s.kubeconfig())
	if err != nil {
		t.Fatal(err)
	}
	cluster := regexp.MustCompile(`https://[0-9.:]+`).FindString(string(kubeconfig)) + "/api/v1/namespaces/prod/pods"
	token := regexp.MustCompile(`token: "(.+)"`).FindStringSubmatch(string(kubeconfig))[1]
	trusting := trusting(t, string(kubeconfig))
	tags := "http://" + s.registry + "/v2/web/tags/list"
	for what, c := range map[string]struct {
		url     string
		headers map[string]string
		want    int
	}{
		"the cluster":                   {cluster, map[string]string{"Authorization": "Bearer " + token}, 200},
		"the cluster without a token":   {cluster, nil, 401},
		"the cluster for a page":        {cluster, map[string]string{"Authorization": "Bearer " + token, "Origin": "http://evil.example"}, 403},
		"the cluster by another name":   {cluster, map[string]string{"Authorization": "Bearer " + token, "Host": "evil.example"}, 421},
		"the registry without password": {tags, nil, 401},
		"the registry for a page":       {tags, map[string]string{"Sec-Fetch-Site": "cross-site"}, 403},
		"the registry by another name":  {tags, map[string]string{"Host": "evil.example"}, 421},
	} {
		if status, words := sent(t, trusting, "GET", c.url, "", c.headers); status != c.want {
			t.Errorf("%s: %d, want %d: %s", what, status, c.want, words)
		}
	}
	guess := func() (deployer.Secret, error) { return "guess", nil }
	account := registry.Host{Username: s.account.Username, Password: guess, PlainHTTP: true}
	if _, err := registry.New(registry.Config{Hosts: map[string]registry.Host{s.registry: account}}).Pin(t.Context(), s.image("web"), "v1"); err == nil {
		t.Error("the registry takes a guess")
	}
	system := kube.New(kube.Config{Clusters: map[string]kube.Cluster{"demo": {Kubeconfig: s.kubeconfig()}}})
	defer system.Close()
	if err := system.Check(t.Context(), "demo"); err != nil {
		t.Errorf("the kubeconfig: %v", err)
	}
	if s.account == other.account || s.botToken == other.botToken || s.appToken == other.appToken {
		t.Error("two demos have the same secrets")
	}
	for _, file := range []string{s.kubeconfig(), filepath.Join(s.dir, "registry-password")} {
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", file, info.Mode(), err)
		}
	}
}
