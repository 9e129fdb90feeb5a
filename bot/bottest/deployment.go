package bottest

import (
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// The people: Ana asks, Bob and Rosa are tech leads.
var (
	Ana  = deployer.Actor{ID: "UANA", Name: "Ana"}
	Bob  = deployer.Actor{ID: "UBOB", Name: "Bob"}
	Rosa = deployer.Actor{ID: "UROSA", Name: "Rosa"}
	Dora = deployer.Actor{ID: "UDORA", Name: "Dora"} // a deputy of the tech leads
)

// The channels that StartOf announces in.
const (
	DeploysID = "CTANGERINEDEPLOYS"
	ChangeID  = "CCHANGE"
)

// TenPM is when the deployments of these tests begin.
var TenPM = time.Date(2026, 2, 5, 22, 0, 0, 0, time.UTC)

// Procedure is a procedure with a step of every kind.
func Procedure() deployer.Procedure {
	step := func(id, title, uses string, needs ...string) deployer.Step {
		return deployer.Step{ID: id, Title: title, Uses: uses, Needs: needs}
	}
	control := step("control", "Change control is followed", deployer.KindConfirm)
	control.Expect, control.Estimate = "The ticket is approved and linked", 5*time.Minute
	control.With = deployer.Values{"items": {Items: []deployer.Item{{Title: "Ticket", Link: "https://jira.example/CHG-1?a=1&b=2"}, {Title: "TAM told"}}}}
	approve := step("approve", "Tech lead approves", deployer.KindApprove, "control")
	approve.With, approve.Estimate = deployer.Values{"role": {Text: "tech-lead"}, "count": {Number: 1}}, 10*time.Minute
	approve.Remind = []time.Duration{10 * time.Minute, 30 * time.Minute}
	starting := step("starting", "Deploy is starting", deployer.KindAnnounce, "approve")
	starting.With = announcement("starting")
	rollout := step("rollout", "Roll out", deployer.KindRollout, "starting")
	rollout.Estimate, rollout.Timeout = 4*time.Minute, 15*time.Minute
	rollout.Expect = "Every pod is replaced, and every new one is ready"
	rollout.Troubleshooting = "look at the last lines of the log in the thread"
	pods := step("pods", "Pods run the new version", "kubernetes.verify", "rollout")
	soak := step("soak", "Let it run", deployer.KindWait, "pods")
	soak.With, soak.Estimate = deployer.Values{"for": {Duration: 5 * time.Minute}}, 5*time.Minute
	complete := step("complete", "Deploy is complete", deployer.KindAnnounce, "soak")
	complete.With = announcement("complete")
	p := deployer.Procedure{
		ID: "deployment", Title: "Standard deployment", SHA: "abc",
		Inputs: []deployer.Input{{ID: "risk", Label: "Risk"}, {ID: "downtime", Label: "Downtime"}, {ID: "ticket", Label: "Ticket"}},
		Steps:  []deployer.Step{control, approve, starting, rollout, pods, soak, complete},
		Rollback: []deployer.Step{
			step("back", "Roll back", deployer.KindRollout), step("back-pods", "Pods run the old version", "kubernetes.verify", "back"),
		},
		Failure: deployer.Failure{Message: "failed", To: []string{"change"}},
		Messages: map[string]string{
			"starting": "*{service}* {from} → {to} is starting in {retailer} {environment}, by {requester}.",
			"complete": "*{service}* {to} is complete in {retailer} {environment}.",
			"failed":   "*{service}*: {step} failed. {why}",
		},
		Kinds: []deployer.Kind{Verify},
	}
	p.Bind()
	return p
}

// Verify is a step kind that proves what runs.
var Verify = deployer.Kind{Name: "kubernetes.verify", Work: deployer.WorkSystem, Scope: deployer.ScopeServices, Repeat: deployer.RepeatReads}

// announcement are the parameters of a step that tells two channels.
func announcement(message string) deployer.Values {
	return deployer.Values{"message": {Text: message}, "to": {List: []string{"deploys", "change"}}}
}

// StartOf asks for services in tangerine prod, by Procedure.
func StartOf(services ...string) deployer.Start {
	s := deployer.Start{
		Origin: "form-1", Site: deployer.Site{Name: "tangerine", Environment: "prod"}, Terms: map[string]string{"tam": "tam"}, Reason: "orders stuck since noon",
		Channels:  map[string]string{"deploys": DeploysID, "change": ChangeID},
		Procedure: Procedure(), Inputs: map[string]string{"risk": "low", "downtime": "no"},
	}
	for _, name := range services {
		s.Releases = append(s.Releases, deployer.Release{Service: name, Tag: "24-02-05.619-hotfix.627"})
	}
	return s
}

// TargetsOf is what those services are resolved to.
func TargetsOf(services ...string) []deployer.Target {
	var out []deployer.Target
	for _, s := range services {
		out = append(out, deployer.Target{
			Service: s, Runner: "kubernetes", Pauses: true,
			Before: deployer.State{Version: "24-02-01.602", Image: "registry.example/" + s + ":24-02-01.602@sha256:01"},
			After:  deployer.State{Version: "24-02-05.619-hotfix.627", Image: "registry.example/" + s + "@sha256:02"},
		})
	}
	return out
}
