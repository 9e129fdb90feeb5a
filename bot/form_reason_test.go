package bot

import (
	"testing"

	"github.com/stationmaster/stationmaster/deployer"
)

// The forms that ask for a reason, as they read.
func TestReasonForms(t *testing.T) {
	n := confirmedNight(t)
	d := n.d()
	view, err := reasonView(verbReject, reasonForms[verbReject].about(card{d: d, guide: guide{names: phoneBook{}}, cardBudget: cardBudgets[0]}, *d.Step("approve")), reasonMemo{Value: "{}"})
	goldenView(t, "reject", view, err)
	n = rollingOut(t, web).ends("rollout/"+web, deployer.OK, "", "").begins("pods", web).ends("pods/"+web, deployer.Failed, "1 of 6 pods restarts.", "")
	d = n.d()
	view, err = reasonView(verbSkip, reasonForms[verbSkip].about(card{d: d, guide: guide{names: phoneBook{}}, cardBudget: cardBudgets[0]}, *d.Step("pods")), reasonMemo{Value: "{}"})
	goldenView(t, "skip", view, err)
}
