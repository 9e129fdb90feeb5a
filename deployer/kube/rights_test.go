package kube

import (
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	authorizationv1 "k8s.io/api/authorization/v1"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/kube/sim"
)

// Deployments that begin together ask for their rights once. One that was
// refused asks again, since somebody may have granted what was missing.
func TestRightsAreAskedForOnce(t *testing.T) {
	t.Parallel()
	var granted atomic.Bool
	f, c := simFixture(t, sim.Config{Allow: func(a authorizationv1.ResourceAttributes) bool {
		return granted.Load() || a.Verb != "patch"
	}})
	var asked atomic.Int64
	f.wrap = func(next http.RoundTripper) http.RoundTripper {
		return roundTripFunc(func(r *http.Request) (*http.Response, error) {
			if strings.HasSuffix(r.URL.Path, "/selfsubjectaccessreviews") {
				asked.Add(1)
			}
			return next.RoundTrip(r)
		})
	}
	if err := c.AddDeployment("prod", "web", "app", repository+":v1", 1); err != nil {
		t.Fatal(err)
	}
	_, err := f.Resolve(t.Context(), f.want("web", "v2"))
	mustRefuse(t, err)
	granted.Store(true)
	asked.Store(0)
	var work sync.WaitGroup
	for range 20 {
		work.Go(func() {
			if _, err := f.Resolve(t.Context(), f.want("web", "v2")); err != nil {
				t.Error(err)
			}
		})
	}
	work.Wait()
	if n := int(asked.Load()); n != len(requiredRights) {
		t.Errorf("for 20 deployments there were %d questions, not %d", n, len(requiredRights))
	}
	// What was granted may be taken away: after a while it is asked again.
	g := f.clusters["prod-1"].grant("prod")
	g.at = g.at.Add(-rightsFresh)
	granted.Store(false)
	_, err = f.Resolve(t.Context(), f.want("web", "v2"))
	mustRefuse(t, err)
}

// A right that is missing is told before it is needed, by what will need it.
func TestMissingRightIsToldAheadOfTime(t *testing.T) {
	t.Parallel()
	var granted atomic.Bool
	f, c := simFixture(t, sim.Config{Allow: func(a authorizationv1.ResourceAttributes) bool { return granted.Load() || a.Verb != "patch" }})
	if err := c.AddDeployment("prod", "web", "app", repository+":v1", 1); err != nil {
		t.Fatal(err)
	}
	granted.Store(true)
	target, err := f.Resolve(t.Context(), f.want("web", "v2"))
	if err != nil {
		t.Fatal(err)
	}
	for name, missing := range map[string]bool{"kubernetes.rollout": true, "kubernetes.verify": true, "kubernetes.pause": false} {
		r, ok := f.Runners()[name].(deployer.Permitted)
		if !ok {
			if missing {
				t.Errorf("%s can't be asked", name)
			}
			continue
		}
		if err := r.Access(t.Context(), deployer.Intent{Where: target.Where}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		g := f.clusters["prod-1"].grant("prod")
		g.at = g.at.Add(-rightsFresh)
		granted.Store(false)
		refused := mustRefuse(t, r.Access(t.Context(), deployer.Intent{Where: target.Where}))
		if !strings.Contains(refused.Why, "patch deployments") {
			t.Errorf("%s: %v", name, refused)
		}
		granted.Store(true)
	}
}
