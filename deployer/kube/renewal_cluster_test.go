package kube

import (
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/kube/kubetest"
)

// A doorkeeper stands between the System and its API server, by HTTPS, and turns
// tokens away that are over.
type doorkeeper struct {
	*httptest.Server
	over  atomic.Value // a token
	asked atomic.Int64 // questions about rights
}

// guarded puts a doorkeeper before the API server of a kubeconfig.
func (f *fixture) guarded(kubeconfig string) *doorkeeper {
	f.t.Helper()
	rc, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		f.t.Fatal(err)
	}
	transport, err := rest.TransportFor(rest.AnonymousClientConfig(rc))
	if err != nil {
		f.t.Fatal(err)
	}
	target, err := url.Parse(rc.Host)
	if err != nil {
		f.t.Fatal(err)
	}
	d := &doorkeeper{}
	d.over.Store("")
	forward := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }, Transport: transport, FlushInterval: -1,
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
	}
	d.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if over := d.over.Load(); over != "" && r.Header.Get("Authorization") == "Bearer "+over.(string) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprint(w, `{"kind":"Status","apiVersion":"v1","status":"Failure","message":"Unauthorized","reason":"Unauthorized","code":401}`)
			return
		}
		if strings.HasSuffix(r.URL.Path, "/selfsubjectaccessreviews") {
			d.asked.Add(1)
		}
		forward.ServeHTTP(w, r)
	}))
	d.Config.ErrorLog = log.New(io.Discard, "", 0) // of connections that break
	d.StartTLS()
	f.t.Cleanup(func() {
		d.CloseClientConnections()
		d.Close()
	})
	return d
}

// revoke ends a token, and what is open with it.
func (d *doorkeeper) revoke(token string) {
	d.over.Store(token)
	d.CloseClientConnections()
}

// write writes the kubeconfig as somebody does who renews it: beside it, then in
// its place.
func (d *doorkeeper) write(t *testing.T, path, token string) {
	t.Helper()
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: d.Certificate().Raw})
	text := fmt.Sprintf(`{apiVersion: v1, kind: Config, current-context: c,
clusters: [{name: c, cluster: {server: %q, certificate-authority-data: %s}}], users: [{name: c, user: {token: %q}}],
contexts: [{name: c, context: {cluster: c, user: c}}]}`, d.URL, base64.StdEncoding.EncodeToString(ca), token)
	replaceFile(t, path, text)
}

func replaceFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path+".next", []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".next", path); err != nil {
		t.Fatal(err)
	}
}

// tokens are of two accounts that may do everything.
func (f *fixture) tokens(c *kubetest.Cluster) (first, second string) {
	f.t.Helper()
	all := rbacv1.PolicyRule{APIGroups: []string{"*"}, Resources: []string{"*"}, Verbs: []string{"*"}}
	of := func(name string) string {
		rc, err := clientcmd.BuildConfigFromFlags("", c.User(f.t, f.namespace+"-"+name, all))
		if err != nil {
			f.t.Fatal(err)
		}
		return rc.BearerToken
	}
	return of("first"), of("second")
}

// A kubeconfig's token is good for some hours, and somebody renews the file. What is
// followed goes on by the new one, and nothing is started again.
func TestClusterRolloutGoesOnWithARenewedKubeconfig(t *testing.T) {
	t.Parallel()
	c := kubetest.Shared(t)
	f := fixtureOn(t, c)
	f.deploy("web", "1.0", 2)
	first, second := f.tokens(c)
	d := f.guarded(c.Kubeconfig())
	f.kubeconfig = filepath.Join(t.TempDir(), "kubeconfig")
	d.write(t, f.kubeconfig, first)
	f.reopen()

	in := f.intent("tangerine-1", "web", "2.0-slow")
	run := f.follow(f.rollout(), in, f.act(f.rollout(), in))
	run.await("pods are made", func(p deployer.Progress) bool { return p.Updated > 0 })
	d.revoke(first)
	replaceFile(t, f.kubeconfig, "{")
	run.await("the token is refused, and why there is no other", func(p deployer.Progress) bool {
		return strings.Contains(p.Note, "does not accept the credentials") && strings.Contains(p.Note, f.kubeconfig+" is none")
	})
	d.write(t, f.kubeconfig, second)
	run.ends(deployer.OK)

	asked := d.asked.Load()
	in = f.intent("tangerine-2", "web", "3.0")
	if d.asked.Load() == asked {
		t.Error("the rights of the new account were not asked for")
	}
	f.do(f.rollout(), in, deployer.OK)

	moved := f.guarded(c.Kubeconfig()) // the API server is behind another address, with another certificate
	in = f.intent("tangerine-3", "web", "4.0-slow2s")
	run = f.follow(f.rollout(), in, f.act(f.rollout(), in))
	moved.write(t, f.kubeconfig, second)
	d.CloseClientConnections()
	d.Close()
	run.ends(deployer.OK)
	in.With = deployer.Values{"for": {Duration: time.Second}}
	f.do(f.verify(), in, deployer.OK)
}
