package kube

import (
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/kube/sim"
)

// A kubeconfig that leads to another cluster while something is followed: there is no
// such workload there, and nobody has deleted the one that was meant.
func TestKubeconfigThatLeadsElsewhereInterrupts(t *testing.T) {
	t.Parallel()
	f, c := simFixture(t, sim.Config{})
	f.run(c, "web", "v1", 1)
	leadTo := func(c *sim.Cluster) *httptest.Server {
		t.Helper()
		server := httptest.NewServer(c.Handler())
		t.Cleanup(server.Close)
		t.Cleanup(server.CloseClientConnections)
		if err := os.WriteFile(f.kubeconfig, c.Kubeconfig(server.URL), 0o600); err != nil {
			t.Fatal(err)
		}
		then := time.Now().Add(-time.Second) // it is written, and taken up at once
		if err := os.Chtimes(f.kubeconfig, then, then); err != nil {
			t.Fatal(err)
		}
		return server
	}
	server := leadTo(c)
	f.reopen()
	in := f.intent("tangerine-1", "web", "v2-hang")
	run := f.follow(f.rollout(), in, f.act(f.rollout(), in))
	run.await("pods are made", func(p deployer.Progress) bool { return p.Updated > 0 })

	other := sim.New(sim.Config{})
	t.Cleanup(other.Close)
	leadTo(other)
	server.CloseClientConnections() // ends the watches there
	if o := run.ends(deployer.Interrupted); o.Why != "Cluster prod-1 is another one now than when this began; its configuration was changed. Nothing was touched there." {
		t.Errorf("it says %q", o.Why)
	}
}
