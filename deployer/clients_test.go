package deployer_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/telling"
)

// What clients must not read is refused, with the word and why.
func TestClientsReadNoInternals(t *testing.T) {
	t.Parallel()
	d := deployer.Deployment{
		ID: "tangerine-142", Releases: []deployer.Release{{Service: "decanting-service", Tag: "24-02-05.619"}, {Service: "web", Tag: "15"}},
		Targets: []deployer.Target{{Service: "web", Before: deployer.State{Version: "v1"}, After: deployer.State{Version: "15"}}},
		Inputs:  map[string]string{"ticket": "chg 7"},
	}
	for words, want := range map[string]string{
		"We are back in 15 minutes. Thank you.":        "",
		"Our webshop and the cobwebs are fine.":        "",
		"  \n ":                                        "There are no words.",
		"Decanting-Service is slow.":                   "“Decanting-Service” is the name of a service.",
		"The web, again.":                              "“web” is the name of a service.",
		"We bring 24-02-05.619 tonight.":               "“24-02-05.619” is a tag.",
		"v1 goes.":                                     "“v1” is a version.",
		"Ask for tangerine-142.":                       "“tangerine-142” is the id of this deployment.",
		"See CHG-12.":                                  "“CHG-12” looks like a ticket.",
		"See Chg 7.":                                   "“Chg 7” is the answer to the input ticket.",
		"It ends at {end}.":                            "{end} was not filled in.",
		strings.Repeat("é", deployer.ClientWordsMax):   "",
		strings.Repeat("é", deployer.ClientWordsMax+1): "These are 2001 characters; 2000 are the most.",
		"Die Wartung endet um 22:15 Uhr. – ご不便をおかけします。": "",
	} {
		got := ""
		if err := d.CheckClientWords(strings.TrimSpace(words)); err != nil {
			got, _, _ = strings.Cut(err.Error(), "\n")
		}
		if !strings.HasPrefix(got, want) || want == "" && got != "" {
			t.Errorf("%.40q: %q, want %q", words, got, want)
		}
	}
}

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
