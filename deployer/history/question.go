package history

import (
	"fmt"
	"slices"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// A question is what a step asks of the record, about one service.
type question struct {
	now         time.Time
	id          string // of the deployment that asks
	service     string
	version     deployer.State // that it is about to run
	environment string
	stable      time.Duration
	procedure   string        // "": it is about the version
	within      time.Duration // 0: at any time

	next  deployer.Deployment // the one after those that are asked which brought another version; none: its ID is empty
	young deployer.Outcome    // what to answer where nothing older is better; the zero Outcome: nothing was too young
}

// answer is what a deployment that has ended says, and whether that ends the search.
func (q *question) answer(d deployer.Deployment) (deployer.Outcome, bool) {
	if q.procedure != "" {
		return q.ofProcedure(d)
	}
	return q.ofVersion(d)
}

// ofProcedure asks whether the procedure was completed, lately enough.
func (q *question) ofProcedure(d deployer.Deployment) (deployer.Outcome, bool) {
	switch {
	case d.Procedure.ID != q.procedure || d.Status != deployer.Complete:
		return deployer.Outcome{}, false
	case q.within > 0 && q.now.Sub(d.Ended) > q.within:
		return deployer.Outcome{Result: deployer.Failed, Kind: failNotFound, Why: fmt.Sprintf(
			"%s was completed for %s in %s %s ago, by %s, and not within %s.", q.procedure, q.service, q.environment, ago(q.now.Sub(d.Ended)), d.ID, deployer.Span(q.within))}, true
	}
	return found(d, fmt.Sprintf("%s was completed for %s in %s by %s.", q.procedure, q.service, q.environment, d.ID)), true
}

// ofVersion asks whether the version was completed, and has run well for long enough.
// What came after it has ended that time; what failed with it speaks against it. One
// that is too young may have an older one behind it, with the same version.
func (q *question) ofVersion(d deployer.Deployment) (deployer.Outcome, bool) {
	t := d.Target(q.service)
	switch {
	case t == nil:
		return deployer.Outcome{}, false
	case !same(t.After.Image, q.version.Image):
		if d.Status == deployer.Complete {
			q.next = d
		}
		return deployer.Outcome{}, false
	case failed(d, q.service) && q.young.Result != "":
		return q.young, true
	case failed(d, q.service):
		return deployer.Outcome{Result: deployer.Failed, Kind: failNotFound, Why: fmt.Sprintf(
			"%s %s has failed in %s: see %s.", q.service, q.version.Version, q.environment, d.ID)}, true
	case d.Status != deployer.Complete:
		return deployer.Outcome{}, false // it never came to run
	}
	until, replaced := q.now, ""
	if q.next.ID != "" {
		until, replaced = q.next.Created, ", and was then replaced by "+q.next.ID
	}
	ran := until.Sub(d.Ended)
	if ran >= q.stable {
		return found(d, fmt.Sprintf("%s %s was completed in %s by %s.", q.service, q.version.Version, q.environment, d.ID)), true
	}
	if q.young.Result == "" {
		q.young = deployer.Outcome{Result: deployer.Failed, Kind: failTooYoung, Why: fmt.Sprintf(
			"%s %s has run in %s for %s since %s%s, and not for %s.",
			q.service, q.version.Version, q.environment, ago(ran), d.ID, replaced, deployer.Span(q.stable))}
	}
	return deployer.Outcome{}, false
}

// ago is a time that has passed, for people.
func ago(d time.Duration) string { return deployer.Span(max(d, 0).Round(time.Second)) }

// failed reports whether a deployment, or what came after its end, has shown that what it
// brought to a service is not well.
func failed(d deployer.Deployment, service string) bool {
	if d.Status != deployer.Complete {
		return slices.Contains(d.Touched(), service)
	}
	return slices.ContainsFunc(d.Steps, func(s deployer.StepState) bool { return s.Part == deployer.PartAfter && s.Failed })
}

func found(d deployer.Deployment, why string) deployer.Outcome {
	return deployer.Outcome{Result: deployer.OK, Why: why, Outputs: deployer.Values{
		outDeployment: {Text: d.ID}, outSince: {Time: d.Ended},
	}}
}

// nothing is the answer where no deployment has ended the search.
func (q *question) nothing() deployer.Outcome {
	if q.young.Result != "" {
		return q.young
	}
	why := fmt.Sprintf("%s %s was never completed in %s, as far as the record tells.", q.service, q.version.Version, q.environment)
	if q.procedure != "" {
		why = fmt.Sprintf("%s was never completed for %s in %s, as far as the record tells.", q.procedure, q.service, q.environment)
	}
	return deployer.Outcome{Result: deployer.Failed, Kind: failNotFound, Why: why}
}
