package kubetest

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/deployer/slowtest"
)

// recorder is a test that may fail without this one failing.
type recorder struct {
	testing.TB
	said strings.Builder
	bad  bool
}

func (r *recorder) Helper()      {}
func (r *recorder) Failed() bool { return r.bad }
func (r *recorder) Errorf(format string, args ...any) {
	r.bad = true
	r.Logf(format, args...)
}
func (r *recorder) Logf(format string, args ...any) { fmt.Fprintf(&r.said, format+"\n", args...) }

// A control plane that lost a part would make the test fail somewhere else, and hide why.
func TestPartThatEndedFailsTheTestAndShowsItsLog(t *testing.T) {
	t.Parallel()
	supported(t)
	echo, err := exec.LookPath("echo")
	if err != nil {
		slowtest.Missing(t, "no echo on this machine to stand in for a part")
	}
	lifeline, life, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	p, err := start(echo, t.TempDir(), "kube-scheduler", lifeline, "cannot listen")
	if err != nil {
		t.Fatal(err)
	}
	<-p.exited
	c := &Cluster{parts: map[string]*process{p.name: p}, lifeline: lifeline, life: life}
	r := &recorder{TB: t}
	c.report(r)
	c.close()
	for _, want := range []string{"kube-scheduler has ended by itself", "cannot listen"} {
		if !r.bad || !strings.Contains(r.said.String(), want) {
			t.Errorf("the report is %q, want %q in it", r.said.String(), want)
		}
	}
}
