package deployer_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/telling"
)

// unseen are reasons in which nobody reads anything.
var unseen = []string{"", " ", "\u3164", "\u2800\u2800", "\u200b\u200d\ufeff", "\u00ad", "\u202e\u202c", "\U000E0041\U000E007F", "\ufe0f", "\u0301", "\n\u2028\t", "\u115f\u1160\uffa0\u034f"}

// A reason that nobody can read is none, wherever one is needed.
func TestAReasonThatCantBeSeenIsNone(t *testing.T) {
	t.Parallel()
	for _, reason := range unseen {
		if !deployer.Blank(reason) {
			t.Errorf("%+q is not blank", reason)
		}
		d := broken(t)
		refused(t, d, bob, deployer.Answer{Step: "pods", Attempt: 1, Comment: reason, Choice: deployer.ChoiceSkip}, "Skipping needs a reason")
		asked := approvable(t)
		refused(t, asked, bob, deployer.Answer{Step: "approve", Attempt: 1, Comment: reason, Choice: deployer.ChoiceReject}, "Rejecting needs a reason")
		lock := lockOf("web", ana, 1)
		lock.Reason = reason
		_, err := deployer.Locks{}.Set(lock, deployer.Person{Roles: []string{"sre"}}, nil)
		if _, ok := errors.AsType[*deployer.Refusal](err); !ok || !strings.Contains(err.Error(), "needs a reason") {
			t.Errorf("a lock for %+q: %v", reason, err)
		}
		start := deployer.Start{Origin: "o", Reason: reason, Site: deployer.Site{Name: "tangerine", Environment: "prod"}, Releases: []deployer.Release{{Service: "web", Tag: "v2"}}}
		if got := give(t, deployer.Deployment{}, ana, start).Reason; got != "" {
			t.Errorf("the reason %+q is kept as %+q", reason, got)
		}
		start.Procedure.Inputs, start.Inputs = []deployer.Input{{ID: "why", Required: true}}, map[string]string{"why": reason}
		refused(t, deployer.Deployment{}, ana, start, "The input why is missing")
		stopped := give(t, asked, ana, deployer.Answer{Choice: deployer.ChoiceStop, Comment: reason})
		if strings.Contains(stopped.Why, ":") {
			t.Errorf("stopping for %+q says why: %+q", reason, stopped.Why)
		}
	}
	for _, reason := range []string{"so", "🚀", "é", "注文", "می\u200cخواهم", "1\ufe0f\u20e3", "."} {
		if deployer.Blank(reason) {
			t.Errorf("%+q is blank", reason)
		}
	}
}

// Giving up what can't be told, and aborting at a gate, need one as well.
func TestGivingUpAndAbortingNeedAReasonThatIsSeen(t *testing.T) {
	t.Parallel()
	at := building(t, "tech-lead")
	sends(t, &at, dawn, deployer.Actor{}, opens("g1"))
	for _, reason := range unseen {
		refused(t, at, bob, deployer.Answer{Step: "build", Attempt: 1, Choice: deployer.ChoiceAbort, Subject: "g1", Comment: reason}, "Aborting needs a reason")
	}
	halting := untold(t)
	for _, reason := range unseen {
		refused(t, halting, ana, deployer.Answer{Choice: deployer.ChoiceStop, Comment: reason}, "giving up needs a reason")
	}
}

// approvable is a deployment whose approval waits.
func approvable(t *testing.T) deployer.Deployment {
	t.Helper()
	p := deployer.Procedure{ID: "p", Steps: []deployer.Step{
		{ID: "approve", Title: "Approve", Uses: deployer.KindApprove, With: deployer.Values{"role": {Text: "tech-lead"}, "count": {Number: 1}}},
		{ID: "rollout", Title: "Roll out", Uses: deployer.KindRollout, Needs: []string{"approve"}},
	}}
	d := give(t, deployer.Deployment{}, ana, deployer.Start{
		Origin: "o", Site: deployer.Site{Name: "tangerine", Environment: "prod"}, Procedure: p, Releases: []deployer.Release{{Service: "web", Tag: "v2"}},
	})
	v1, v2 := deployer.State{Version: "v1", Image: "v1"}, deployer.State{Version: "v2", Image: "v2"}
	return give(t, d, deployer.Actor{}, deployer.Resolve{Targets: []deployer.Target{{Service: "web", Runner: "kubernetes", Before: v1, After: v2}}})
}

// untold is a deployment that is stopped, and of which nobody can tell how far it came.
func untold(t *testing.T) deployer.Deployment {
	t.Helper()
	d := approvable(t)
	d = give(t, d, bob, deployer.Answer{Step: "approve", Attempt: 1, Subject: d.Subject().Hash(), Choice: deployer.ChoiceApprove})
	d = give(t, d, deployer.Actor{}, deployer.Intend{Key: "rollout/web", Observation: deployer.Observation{Kind: deployer.ObservedAbsent, State: deployer.State{Version: "v1", Image: "v1"}}})
	d = give(t, d, ana, deployer.Answer{Choice: deployer.ChoiceStop})
	return give(t, d, deployer.Actor{}, deployer.Settle{Key: "rollout/web", Outcome: deployer.Outcome{Result: deployer.Interrupted, Why: "no answer"}})
}

// What is deployed is named in letters that everybody knows: another one that
// looks like them names another thing.
func TestATagHoldsNoLookalikes(t *testing.T) {
	t.Parallel()
	for tag, want := range map[string]string{
		"v1.2.3-rc.1_b+7": "", "v1\u200b": "U+200B", "v\u0430": "U+0430", "v1\u202e": "U+202E", "v1 2": "U+0020", "vé": "U+00E9", "v1\x00": "U+0000",
	} {
		for _, r := range []deployer.Release{{Service: "web", Tag: tag}, {Service: "web", Revision: tag}} {
			start := deployer.Start{Origin: "o", Site: deployer.Site{Name: "tangerine", Environment: "prod"}, Releases: []deployer.Release{r}}
			_, _, err := telling.Decide(deployer.Deployment{}, deployer.Order{By: ana, Command: start}, deployer.Facts{Now: dawn, ID: "tangerine-1"})
			_, ok := errors.AsType[*deployer.Refusal](err)
			if ok != (want != "") || ok && !strings.Contains(err.Error(), "holds "+want) {
				t.Errorf("%+q of %+v: %v, want a refusal with %q", tag, r, err, want)
			}
		}
	}
}
