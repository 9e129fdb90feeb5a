package telling_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/telling"
)

// Whoever the step names reads the words, and they go out once.
func TestClientsReadWhatWasReviewed(t *testing.T) {
	t.Parallel()
	w := planned(t, func(s *deployer.Start) {
		s.Procedure.Steps[2].With = s.Procedure.Steps[2].With.Set("review", deployer.Value{Text: "sre"})
	})
	w.delivered()
	w.approves()
	if words, args := telling.Proposal(w.d, *w.d.Step("clients")); words == "" || args["start"] != "2026-11-21T04:00:00Z" ||
		args["end"] != "2026-11-21T04:10:00Z" || args["duration"] != "10 minutes" || args["impact"] != "The service is not available during this time." {
		t.Errorf("%q with %q", words, args)
	}
	review := deployer.Answer{Step: "clients", Attempt: 1, Values: deployer.ClientWords(" Ten minutes.\n"), Choice: deployer.ChoiceSend}
	if err := w.does(ana, review); err == nil || !strings.Contains(err.Error(), "Only sre can say what clients read") {
		t.Errorf("the requester: %v", err)
	}
	if err := w.does(rosa, deployer.Answer{Step: "clients", Attempt: 1, Values: deployer.ClientWords("web"), Choice: deployer.ChoiceSend}); err == nil || len(w.in("C3")) != 0 {
		t.Errorf("with a service's name: %v", err)
	}
	w.must(rosa, review)
	if err := w.does(rosa, review); err == nil || !strings.Contains(err.Error(), "on its way already") {
		t.Errorf("again: %v", err)
	}
	w.delivered()
	if got := w.in("C3"); len(got) != 1 || w.d.Step("clients").Status != deployer.Done {
		t.Errorf("told %q, and the step is %s", got, w.d.Step("clients").Status)
	}
	for _, m := range w.sent {
		if m.Channel == "C3" && (m.Words != "Ten minutes." || !m.Plain || m.DedupKey != "clients/clients" || m.Args != nil) {
			t.Errorf("clients are sent %+v", m)
		}
	}
}

// A post that could not be delivered is tried again with the words that were
// read, and asks nobody to read them twice.
func TestReviewedWordsAreKept(t *testing.T) {
	t.Parallel()
	w := planned(t, func(s *deployer.Start) { s.Planned = time.Time{} })
	w.approves()
	w.must(ana, deployer.Answer{Step: "clients", Attempt: 1, Values: deployer.ClientWords("Ten minutes."), Choice: deployer.ChoiceSend})
	w.must(deployer.Actor{}, deployer.GiveUp{DedupKey: "clients/clients", Why: "The channel is archived."})
	if s := w.d.Step("clients"); s.Status != deployer.StepFailed {
		t.Fatalf("it is %s", s.Status)
	}
	w.must(ana, deployer.Answer{Step: "clients", Attempt: 1, Choice: deployer.ChoiceRetry})
	if got := w.in("C3"); len(got) != 2 || w.d.AwaitsPerson(*w.d.Step("clients")) {
		t.Errorf("told %q", got)
	}
}

// In a drill somebody reads the words all the same, and nobody else does: of a channel that
// clients have under another name as well, too.
func TestClientsHearNothingOfADrill(t *testing.T) {
	t.Parallel()
	w := planned(t, func(s *deployer.Start) {
		s.Drill.On, s.Planned = true, time.Time{}
		s.Channels["status"] = "C3"
		s.Procedure.Failure.To = []string{"change", "status"}
	})
	w.approves()
	if s := w.d.Step("clients"); s.Status != deployer.Active || !w.d.AwaitsPerson(*s) {
		t.Fatalf("the step is %s", s.Status)
	}
	w.must(ana, deployer.Answer{Step: "clients", Attempt: 1, Values: deployer.ClientWords("Ten minutes."), Choice: deployer.ChoiceSend})
	if s := w.d.Step("clients"); s.Status != deployer.Done || s.Why != deployer.DrillNotSent {
		t.Errorf("the step is %s: %s", s.Status, s.Why)
	}
	w.must(bob, deployer.Answer{Choice: deployer.ChoiceStop, Comment: "enough"})
	said := false
	for _, m := range w.sent {
		said = said || m.Note.Kind == deployer.NoteStepDone && m.Note.Why == deployer.DrillNotSent
		if m.Channel == "C3" {
			t.Errorf("clients are sent %+v", m)
		}
	}
	if !said {
		t.Error("the thread does not say that nothing was sent")
	}
}
