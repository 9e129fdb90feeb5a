package app_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/cmd/internal/app"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/slowtest"
)

// After the verification a confirmation waits. Somebody undoes the rollout by hand, while
// the bot is away or there: “Deploy is complete: v2” was said of what ran v1.
func TestWhatWasUndoneByHandIsNotComplete(t *testing.T) {
	slowtest.Only(t, "it plays a whole deployment, and starts twice")
	t.Parallel()
	tw := newAppFixture(t, plan{})
	before := tw.runs("prod", "web").Spec.Template.Spec.Containers[0].Image
	after := tw.awaitsHealth()

	tw.stop()
	tw.setImage(before)
	tw.restart()
	const undone = "deployment/web runs v1 now, not v2."
	tw.shows("“Pods run the new version” does not hold any more.")
	tw.shows(undone)
	tw.presses("ana", "Done")
	tw.shows("It is healthy · ana")
	tw.quiet()
	tw.shows(undone)
	if n := tw.kinds()["complete"]; n != 0 || strings.Contains(tw.scene(), "Complete.") {
		t.Errorf("it says complete, %d times", n)
	}

	tw.setImage(after)
	tw.presses("bob", "Check again")
	tw.presses("ana", "Done")
	tw.shows("Complete.")
	if d := tw.deployments()["tangerine-1"]; d.Status != deployer.Complete {
		t.Errorf("it is %s", d.Status)
	}
}

// The environment is changed between approval and rollout: it is to be approved again,
// and why is said.
func TestAChangeAfterTheApprovalIsApprovedAgain(t *testing.T) {
	slowtest.Only(t, "it plays half a deployment")
	t.Parallel()
	tw := newAppFixture(t, plan{files: map[string]string{"procedures/deployment.yaml": strings.Replace(quickProcedure(t),
		"      - id: rollout\n", "      - {id: now, title: It may begin, uses: confirm}\n      - id: rollout\n", 1)}})
	tw.starts("ana", "/deploy web v2")
	tw.presses("ana", "Done")
	tw.presses("bob", "Approve")
	tw.shows("It may begin")
	tw.kubectl(http.MethodPatch, "prod", "web", `{"spec":{"template":{"spec":{"containers":[{"name":"app","env":[{"name":"MODE","value":"new"}]}]}}}}`, &struct{}{})
	tw.presses("ana", "Done")
	tw.presses("bob", "Approve")
	if !strings.Contains(tw.scene(), "web is not as it was when this was approved: the environment of app changed.") {
		t.Error("it does not say why it is asked again")
	}
}

// awaitsHealth takes a deployment of web v2 to the question whether it is healthy, and
// returns the image that runs then.
func (tw *appFixture) awaitsHealth() string {
	tw.t.Helper()
	tw.starts("ana", "/deploy web v2")
	tw.presses("ana", "Done")
	tw.presses("bob", "Approve")
	tw.shows("It is healthy")
	tw.eventually("it is asked", func() bool {
		for _, b := range tw.buttons() {
			if b.Text.Text == "Done" {
				return true
			}
		}
		return false
	})
	return tw.runs("prod", "web").Spec.Template.Spec.Containers[0].Image
}

// setImage changes the image of web as somebody else does.
func (tw *appFixture) setImage(image string) {
	tw.t.Helper()
	tw.kubectl(http.MethodPatch, "prod", "web", fmt.Sprintf(`{"spec":{"template":{"spec":{"containers":[{"name":"app","image":%q}]}}}}`, image), &struct{}{})
}

// restart starts the app again, on the store of before.
func (tw *appFixture) restart() {
	tw.t.Helper()
	cfg, err := app.Parse("fixture.yaml", []byte(tw.config()))
	if err != nil {
		tw.t.Fatal(err)
	}
	tw.start(cfg)
}
