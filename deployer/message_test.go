package deployer

import "testing"

// A rollback that takes back one of two services must not say that the other
// runs its old version again.
func TestWordsOfARollbackAreAboutWhatGoesBack(t *testing.T) {
	version := func(v string) State { return State{Version: v} }
	d := Deployment{
		Targets: []Target{
			{Service: "web", Before: version("v1"), After: version("v2")},
			{Service: "api", Before: version("v3"), After: version("v4")},
		},
		Undo: []string{"api"},
	}
	for _, test := range []struct {
		back                    bool
		service, from, to, what string
	}{
		{false, "web, api", "v1, v3", "v2, v4", "web v2, api v4"},
		{true, "api", "v3", "v4", "api v4"},
	} {
		d.Back = test.back
		got := d.args()
		if got["service"] != test.service || got["from"] != test.from || got["to"] != test.to || got["what"] != test.what {
			t.Errorf("back %t: %v, want %+v", test.back, got, test)
		}
	}
}

// Of several services, the reason says which one it is about, and one reason ends before the next begins.
func TestReasonsOfSeveralServices(t *testing.T) {
	failed := func(service, why string) Effect {
		return Effect{Key: "pods/" + service, Service: service, Attempt: 1, Stage: Settled, Outcome: Outcome{Result: Failed, Why: why}}
	}
	s := StepState{
		Step: Step{ID: "pods", Title: "Pods", Uses: "kubernetes.verify"}, Status: Active, Attempt: 1,
		Effects: []Effect{failed("web", "app, exit 1 (CrashLoopBackOff)"), failed("api", "It was scaled to 0.")},
	}
	d := Deployment{
		Targets: []Target{{Service: "web"}, {Service: "api"}}, Steps: []StepState{s}, Channels: map[string]string{"change": "C1"},
		Procedure: Procedure{Failure: Failure{Message: "failed", To: []string{"change"}}, Messages: map[string]string{"failed": "{why}"}},
	}
	_, why, _ := d.conclusion(s)
	if want := "web: app, exit 1 (CrashLoopBackOff). api: It was scaled to 0."; why != want {
		t.Errorf("got %q, want %q", why, want)
	}
	d.Targets = d.Targets[:1]
	_, why, _ = d.conclusion(s)
	told := d.failure(StepEnded{Step: "pods", Status: StepFailed, Why: why})
	if got, want := told[0].Args["why"], "app, exit 1 (CrashLoopBackOff)."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
