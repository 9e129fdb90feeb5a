package view

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/deployer"
)

// The message about a problem, as it changes while that lasts, and the line in its thread.
func TestProblemsReadAsInTheirFiles(t *testing.T) {
	t.Parallel()
	ends := func(n *bottest.Scenario, how deployer.Result, why string) *bottest.Scenario {
		return n.Begins("pods", bottest.Web).Ends("pods/"+bottest.Web, how, why, "")
	}
	failed := func(n *bottest.Scenario) *bottest.Scenario { return ends(n, deployer.Failed, bottest.Crash) }
	retried := func(n *bottest.Scenario) *bottest.Scenario {
		d := n.Deployment()
		s := d.Broken()
		return n.Does(bottest.Bob, deployer.Answer{Step: s.ID, Attempt: s.Attempt, Choice: deployer.ChoiceRetry})
	}
	patching := func(n *bottest.Scenario) *bottest.Scenario {
		d := n.Deployment()
		s := d.Broken()
		return n.Does(bottest.Bob, deployer.Answer{Step: s.ID, Attempt: s.Attempt, Choice: deployer.ChoicePatch, Values: map[string]string{bottest.Web: "v3"}, Comment: "v3 <mends> it"})
	}
	for name, play := range map[string]func(*bottest.Scenario) *bottest.Scenario{
		"waits":        failed,
		"retried":      func(n *bottest.Scenario) *bottest.Scenario { return retried(failed(n)) },
		"failed-again": func(n *bottest.Scenario) *bottest.Scenario { return failed(retried(failed(retried(failed(n))))) },
		"over":         func(n *bottest.Scenario) *bottest.Scenario { return ends(retried(failed(n)), deployer.OK, "") },
		"rolls-back": func(n *bottest.Scenario) *bottest.Scenario {
			return failed(n).Does(bottest.Bob, deployer.Answer{Choice: deployer.ChoiceRollBack, Comment: "customers <wait>"})
		},
		"patching": func(n *bottest.Scenario) *bottest.Scenario { return patching(failed(n)) },
		"not-patched": func(n *bottest.Scenario) *bottest.Scenario {
			return patching(failed(n)).Engine(deployer.RejectStart{Refusal: *deployer.Refuse("Type it anew.", "There is no tag <v3>.")})
		},
		"patched": func(n *bottest.Scenario) *bottest.Scenario {
			return patching(failed(n)).Resolved(bottest.TargetsOf(bottest.Web)...)
		},
		"stopped": func(n *bottest.Scenario) *bottest.Scenario {
			return failed(n).Does(bottest.Bob, deployer.Answer{Choice: deployer.ChoiceStop, Comment: "not today"})
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := play(bottest.RollingOut(t, bottest.Web).Ends("rollout/"+bottest.Web, deployer.OK, "", "")).Deployment()
			if len(d.Problems) != 1 {
				t.Fatalf("%d problems", len(d.Problems))
			}
			r := plainRenderer
			r.CardLink = "https://example.slack.com/archives/C1/p1"
			text, blocks := Message(deployer.Message{Kind: deployer.MessageDecide, DedupKey: d.Problems[0].Key()}, d, r)
			if e := bottest.BlockFaults(blocks); e != "" {
				t.Error(e)
			}
			bottest.Golden(t, filepath.Join("problem", name), text, blocks)
			if d.Problems[0].Ended == 0 {
				return
			}
			text, blocks = Message(deployer.Message{Kind: deployer.MessageDecide, DedupKey: d.Problems[0].OverKey(), Thread: true}, d, r)
			bottest.Golden(t, filepath.Join("problem", name+"-line"), text, blocks)
		})
	}
}

// What is told in a channel begins with what is deployed where: a phone shows no more of it.
func TestAProblemSaysFirstWhatItIsAbout(t *testing.T) {
	t.Parallel()
	d := bottest.Failed(t).Deployment()
	text, _ := Message(deployer.Message{Kind: deployer.MessageDecide, DedupKey: d.Problems[0].Key()}, d, plainRenderer)
	if !strings.HasPrefix(text, summaryOf(d)+"\n") {
		t.Errorf("it reads %q", text)
	}
	if strings.Contains(text, "<@"+d.Requester.ID+">") {
		t.Errorf("whoever asked for it is called here, and in the thread: %q", text)
	}
}
