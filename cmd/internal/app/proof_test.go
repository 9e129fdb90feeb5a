package app_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/slowtest"
)

// After the verification a confirmation waits; somebody puts the version back by
// hand, and presses Done: “Deploy is complete: v2” was said while v1 ran.
func TestCompleteIsNotSaidOfWhatWasPutBack(t *testing.T) {
	slowtest.Only(t, "it plays two whole deployments")
	t.Parallel()
	tw := newAppFixture(t, plan{})
	v1 := tw.runs("prod", "web").Spec.Template.Spec.Containers[0].Image
	tw.starts("ana", "/deploy web v2")
	tw.presses("ana", "Done")
	tw.presses("bob", "Approve")
	tw.shows("Waiting for ana: It is healthy")
	tw.kubectl(http.MethodPatch, "prod", "web", `{"spec":{"template":{"spec":{"containers":[{"name":"app","image":"`+v1+`"}]}}}}`, &struct{}{})
	tw.shows("does not hold any more")
	tw.shows("deployment/web runs v1 now, not v2")
	if told := strings.Join(tw.told("tangerine-deploys"), "\n"); strings.Contains(told, "Deploy is complete") {
		t.Errorf("it is told that %s", told)
	}
	if d := tw.deployments()["tangerine-1"]; d.Status != deployer.Deciding {
		t.Errorf("it is %s", d.Status)
	}
	tw.says("ana", `/deploy stop tangerine-1 --reason "it was put back"`)
	tw.shows("Stopped")
	tw.upgrade("web v2")
}
