package kube

import (
	"errors"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	authorizationv1 "k8s.io/api/authorization/v1"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/kube/sim"
)

func TestResolveFindsTheWorkloadAndSuggestsNames(t *testing.T) {
	t.Parallel()
	f, c := simFixture(t, sim.Config{Namespaces: []string{"test"}, UID: "the-cluster"})
	f.run(c, "web", "v1", 2)
	f.run(c, "orders", "v1", 1)
	want := f.want("web", "v2")
	want.Container = "" // the only one
	got, err := f.Resolve(t.Context(), want)
	if err != nil {
		t.Fatal(err)
	}
	at := workloadRef{
		cluster: "prod-1", clusterUID: "the-cluster", namespace: "prod", workload: "deployment/web",
		uid: string(f.get("web").UID), container: "app",
	}
	for key, value := range at.where() {
		if got.Where[key] != value {
			t.Errorf("%s is %q, want %q", key, got.Where[key], value)
		}
	}
	if got.Service != "web" || got.Runner != "kubernetes" || !got.Pauses || got.Live {
		t.Errorf("target %+v", got)
	}
	if want := (deployer.State{Version: "v2", Image: repository + ":v2"}); got.After != want {
		t.Errorf("after %+v, want %+v", got.After, want)
	}

	for _, test := range []struct {
		name         string
		change       func(*WorkloadSpec)
		why, instead string
	}{
		{"cluster", func(w *WorkloadSpec) { w.Cluster = "prod1" }, "There is no cluster prod1 in the configuration.", "Did you mean prod-1?"},
		{"namespace", func(w *WorkloadSpec) { w.Namespace = "prd" }, "Cluster prod-1 has no namespace prd.", "Did you mean prod?"},
		{"workload", func(w *WorkloadSpec) { w.Workload = "deployment/wep" }, "There is no deployment/wep in namespace prod of cluster prod-1.", "Did you mean web?"},
		{"another workload", func(w *WorkloadSpec) { w.Workload = "deployment/lanterns" }, "There is no deployment/lanterns in namespace prod of cluster prod-1.", "There are orders, web."},
		{"kind", func(w *WorkloadSpec) { w.Workload = "statefulset/web" }, `Workload "statefulset/web" of web is not a Deployment; others can't be rolled out.`, "Write deployment/NAME."},
		{"container", func(w *WorkloadSpec) { w.Container = "ap" }, "deployment/web has no container ap.", "Did you mean app?"},
		{"nothing", func(w *WorkloadSpec) { w.Image = "" }, "Nothing says what web should run.", "Name a version, or a revision of its history."},
		{"revision", func(w *WorkloadSpec) { w.Image, w.Revision = "", "4" }, "deployment/web has no revision 4 in its history.", "There are 1 (v1)."},
	} {
		want := f.want("web", "v2")
		test.change(&want)
		_, err := f.Resolve(t.Context(), want)
		if r := mustRefuse(t, err); r.Why != test.why || r.Advice() != test.instead {
			t.Errorf("%s: %+v", test.name, r)
		}
	}
}

// A Deployment that can't come to an end is refused before anything begins.
func TestResolveRefusesWhatCannotBeRolledOut(t *testing.T) {
	t.Parallel()
	f, c := simFixture(t, sim.Config{})
	f.run(c, "web", "v1", 2)
	f.patchAs("web", "kubectl", `[{"op":"add","path":"/spec/paused","value":true}]`)
	_, err := f.Resolve(t.Context(), f.want("web", "v2"))
	if r := mustRefuse(t, err); r.Why != "deployment/web is paused, and not by stationmaster." || !strings.Contains(r.Advice(), "rollout resume deployment/web") {
		t.Errorf("%+v", r)
	}
	// One that an earlier deployment of ours left paused can be rolled out.
	f.resume("web")
	f.patchAs("web", "stationmaster", `[{"op":"add","path":"/spec/paused","value":true},`+
		`{"op":"add","path":"/metadata/annotations/stationmaster.dev~1paused-by","value":"tangerine-0"}]`)
	f.do(f.rollout(), f.intent("tangerine-1", "web", "v2"), deployer.OK)

	f.patchAs("web", "kubectl", `[{"op":"replace","path":"/spec/replicas","value":0}]`)
	_, err = f.Resolve(t.Context(), f.want("web", "v3"))
	if r := mustRefuse(t, err); !strings.HasPrefix(r.Why, "deployment/web is scaled to 0") || !strings.Contains(r.Advice(), "--replicas=1") {
		t.Errorf("%+v", r)
	}
}

// A version that is set but not proven by its pods is not live.
func TestVersionIsNotLiveBeforeItsPodsAre(t *testing.T) {
	t.Parallel()
	f, c := simFixture(t, sim.Config{})
	f.run(c, "web", "v1", 2)
	live := func() bool {
		got, err := f.Resolve(t.Context(), f.want("web", "hang"))
		if err != nil {
			t.Fatal(err)
		}
		return got.Live
	}
	in := f.intent("tangerine-1", "web", "hang")
	f.act(f.rollout(), in)
	if live() {
		t.Error("a rollout under way is live")
	}
	f.eventually("a new pod runs", func() bool { return f.get("web").Status.UpdatedReplicas > 0 })
	if live() {
		t.Error("pods that are not ready are live")
	}
}

// A workload set by tag runs the digest that its nodes have pulled: the same
// one is live, another one of the same tag is not.
func TestVersionIsLiveByTheDigestThatWasPulled(t *testing.T) {
	t.Parallel()
	pulled := "sha256:" + strings.Repeat("a", 64)
	f, c := simFixture(t, sim.Config{Digests: func(string) string { return pulled }})
	f.run(c, "web", "v1", 2)
	for digest, want := range map[string]bool{pulled: true, "sha256:" + strings.Repeat("b", 64): false} {
		w := f.want("web", "v1")
		w.Image += "@" + digest
		got, err := f.Resolve(t.Context(), w)
		if err != nil || got.Live != want {
			t.Errorf("%s: live %v, %v", digest[:10], got.Live, err)
		}
	}
}

func TestResolveNamesTheMissingRights(t *testing.T) {
	t.Parallel()
	f, c := simFixture(t, sim.Config{Allow: func(a authorizationv1.ResourceAttributes) bool {
		return a.Resource != "pods" && a.Verb != "patch"
	}})
	if err := c.AddDeployment("prod", "web", "app", repository+":v1", 1); err != nil {
		t.Fatal(err)
	}
	_, err := f.Resolve(t.Context(), f.want("web", "v2"))
	if r := mustRefuse(t, err); r.Why != "Stationmaster may not patch deployments, list pods, watch pods, get pods/log in namespace prod of cluster prod-1." {
		t.Errorf("%+v", r)
	}
}

// A cluster that can't be reached is told of in words, without the token.
func TestUnreachableClusterIsNamedWithoutItsToken(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(nil)
	address := server.URL
	server.Close()
	const token = "a-very-secret-token"
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good := file("good", `{apiVersion: v1, kind: Config, current-context: c, clusters: [{name: c, cluster: {server: "`+address+
		`"}}], users: [{name: c, user: {token: `+token+`}}], contexts: [{name: prod, context: {cluster: c, user: c}}, {name: c, context: {cluster: c, user: c}}]}`)
	s := New(Config{Clusters: map[string]Cluster{
		"away":      {Kubeconfig: good},
		"no-file":   {Kubeconfig: filepath.Join(dir, "none")},
		"bad-file":  {Kubeconfig: file("bad", "token: ["+token)},
		"other":     {Kubeconfig: good, Context: "prd"},
		"incluster": {},
	}})
	defer s.Close()
	for _, test := range []struct {
		cluster, want string
		refused       bool
	}{
		{"away", "cluster away does not answer: dial tcp ", false},
		{"no-file", "Cluster no-file can't be reached: read its kubeconfig: ", true},
		{"bad-file", "Cluster bad-file can't be reached: read its kubeconfig: ", true},
		{"other", "Cluster other can't be reached: its kubeconfig has no context prd. Did you mean prod? Correct the configuration", true},
		{"incluster", "Cluster incluster can't be reached: ", true},
		{"awy", "There is no cluster awy in the configuration. Did you mean away?", true},
	} {
		err := s.Check(t.Context(), test.cluster)
		var r *deployer.Refusal
		if err == nil || !strings.HasPrefix(err.Error(), test.want) || errors.As(err, &r) != test.refused {
			t.Errorf("%s: %v", test.cluster, err)
		}
		if err != nil && strings.Contains(err.Error(), token) {
			t.Errorf("%s: the token is in %q", test.cluster, err)
		}
	}
}

// More watches than one per kind would be a mistake that nobody notices; so
// would a patch too many.
func TestManyRolloutsShareOneWatchAndSendOnePatchEach(t *testing.T) {
	t.Parallel()
	f, c := simFixture(t, sim.Config{})
	names := []string{"a", "b", "c", "d", "e"}
	for _, name := range append(names, "z") {
		f.run(c, name, "v1", 1)
	}
	p := f.proxied()
	// One that hangs, so that there is always somebody who follows.
	in := f.intent("tangerine-z", "z", "hang")
	hanging := f.follow(f.rollout(), in, f.act(f.rollout(), in))
	hanging.await("progress", func(p deployer.Progress) bool { return p.Updated > 0 })
	runs := map[string]*followRun{}
	for _, name := range names {
		in := f.intent("tangerine-"+name, name, "slow")
		runs[name] = f.follow(f.rollout(), in, f.act(f.rollout(), in))
	}
	for _, name := range names {
		runs[name].ends(deployer.OK)
	}
	for _, kind := range []string{"deployments", "replicasets", "pods"} {
		if n := p.number(p.watches, kind); n != 1 {
			t.Errorf("%d watches of %s", n, kind)
		}
	}
	hanging.stop()
	if n := p.number(p.sent, "PATCH deployments"); n != len(names)+1 {
		t.Errorf("%d patches", n)
	}
}
