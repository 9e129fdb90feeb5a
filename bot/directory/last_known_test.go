package directory

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/deployer"
)

// While Slack answers nothing, a click of somebody counts for minutes and then no
// more. Who asks for what is known last gets it, however old, with its age; who was
// deactivated stays so, and of who was never heard of nobody knows anything.
func TestWhatWasKnownLastIsToldWithItsAge(t *testing.T) {
	t.Parallel()
	known(t, leads(), func(t *testing.T, f *fixture, _ []error) {
		f.slack.Inject(emulator.Fault{Method: "*", Status: 503, Count: 1 << 20})
		time.Sleep(2 * time.Hour)
		ctx := context.Background()
		if _, err := f.Who(ctx, "UROSA"); err == nil {
			t.Error("a click counts by what is two hours old")
		}
		calls := len(f.slack.Calls())
		who, err := f.Who(LastKnown(ctx), "UROSA")
		if err != nil || !slices.Equal(who.Roles, []string{"sre", "tech-lead"}) || who.Standing != deployer.Member {
			t.Errorf("%+v, %v", who, err)
		}
		if age := time.Since(f.KnownAt("UROSA")); age < 2*time.Hour || age > 3*time.Hour {
			t.Errorf("it is %s old", age)
		}
		if gone, err := f.Who(LastKnown(ctx), "UGONE"); err != nil || gone.Standing != deployer.Deactivated {
			t.Errorf("%+v, %v", gone, err)
		}
		if _, err := f.Who(LastKnown(ctx), "UNEVER"); err == nil {
			t.Error("somebody is known of whom Slack has said nothing")
		}
		if n := len(f.slack.Calls()) - calls; n > 0 {
			t.Errorf("Slack was asked %d times", n)
		}
	})
}
