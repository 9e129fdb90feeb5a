package main_test

import (
	"strings"
	"testing"
	"time"

	authorizationv1 "k8s.io/api/authorization/v1"

	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/kube/sim"
	"github.com/stationmaster/stationmaster/deployer/slowtest"
)

// What the config says is not in the cluster: whoever asked is told what is there instead, nobody else hears of it,
// nothing is begun, and the place is free again.
func TestWhatTheClusterLacksIsToldBeforeAnythingBegins(t *testing.T) {
	t.Parallel()
	w := newBinaryFixture(t, simulated(t), nil)
	rollout := func(workload, container string) string {
		return "{rollout: {uses: kubernetes, workload: deployment/" + workload + ", container: " + container + ", image: \"" + w.image + "\"}}\n"
	}
	w.write("config.yaml", strings.Replace(w.config(), "namespace: prod}}", "namespace: prod, default: true}, nowhere: {cluster: prod-1, namespace: prdo}}", 1)+
		"  misspelt: "+rollout("wbe", "app")+"  boxless: "+rollout("web", "ap"))
	w.cluster.elsewhere(t, "web", w.image+":v6@"+w.digests["webv6"])
	w.cluster.settled(t, "web")
	w.begin()
	w.connected()
	typed := 0
	for _, test := range []struct{ text, why, instead string }{
		{"/deploy web v2 --env nowhere", "Cluster prod-1 has no namespace prdo", "prod"},
		{"/deploy misspelt v2", "There is no deployment/wbe in namespace prod of cluster prod-1", "web"},
		{"/deploy boxless v2", "deployment/web has no container ap", "app"},
		{"/deploy web v6", "v6 is already live", "Nothing was done"},
	} {
		typed += w.typed("ana", test.text)
		if said := w.told("ana", test.why); !strings.Contains(said, "Not deployed:") || !strings.Contains(said, test.instead) {
			t.Errorf("%s is answered with %q", test.text, said)
		}
	}
	typed += w.typed("ana", "/deploy web v2")
	w.pressed(upgrade, "Done")
	w.eventually("Approve is on the card", func() bool { return w.has("Approve") })
	for _, m := range w.slack.Messages("change") {
		t.Errorf("#change was told: %s", m.Text)
	}
	if n := w.cluster.revision(t, "web"); n != 2 {
		t.Errorf("revision %d, want 2", n)
	}
	all := w.deployments()
	if len(all) < 5 || len(all) > typed || all[0].Status != deployer.Running {
		t.Errorf("%d deployments of %d commands; the last is %s", len(all), typed, all[0].Status)
	}
	for _, d := range all[1:] {
		if d.Status != deployer.Refused {
			t.Errorf("%s is %s", d.ID, d.Status)
		}
	}
}

// The cluster does not let us change deployments: that is found out before anybody approves.
func TestMissingRightsAreFoundBeforeAnybodyApproves(t *testing.T) {
	t.Parallel()
	c := simulatedWith(t, sim.Config{Allow: func(a authorizationv1.ResourceAttributes) bool {
		return a.Verb != "patch" || a.Resource != "deployments"
	}})
	w := newBinaryFixture(t, c, nil)
	w.begin()
	w.typed("ana", "/deploy web v2")
	w.told("ana", "patch deployments")
	if d := w.deployments()[0]; d.Status != deployer.Refused {
		t.Errorf("it is %s", d.Status)
	}
}

// A cluster that does not answer: whoever asked is told after half a minute, and the place is free again. While it is
// away in a rollout, the rollout is followed when it is back.
func TestClusterThatDoesNotAnswerIsToldOfAndWaitedFor(t *testing.T) {
	slowtest.Only(t, "a cluster that is away for seconds, in a process of its own")
	t.Parallel()
	w := newBinaryFixture(t, simulated(t), nil)
	address := w.cluster.kubeconfig(t, w.tap)
	if _, thorough := kills(t); thorough {
		w.write("kubeconfig", nobody)
		w.begin()
		w.typed("ana", "/deploy web v2")
		w.typed("eve", "/deploy web v2")
		w.told("eve", "web in tangerine prod is being deployed by")
		if said := w.told("ana", "cluster prod-1 does not answer"); !strings.Contains(said, "Nothing was touched.") {
			t.Errorf("Ana is told %q", said)
		}
		w.stop()
		w.write("kubeconfig", address)
	}
	w.begin()
	w.typed("ana", "/deploy web v2")
	w.pressed(upgrade, "Done")
	w.eventually("Approve is on the card", func() bool { return w.has("Approve") })
	w.tap.goDown(clusterDown, 3*time.Second)
	w.cluster.cut()
	w.press("bob", "Approve")
	w.answer(upgrade, func(string) bool { return true })
	w.close(upgrade.ends)
	if n := w.cluster.revision(t, "web"); n != 2 {
		t.Errorf("revision %d, want 2", n)
	}
}

// A channel without the bot: whoever types is told how to let it in, before anything begins.
func TestChannelWithoutBotIsToldHowToInviteIt(t *testing.T) {
	t.Parallel()
	for channel, part := range map[string]string{deploys: "/invite @stationmaster", "change": "#change"} {
		t.Run(channel, func(t *testing.T) {
			t.Parallel()
			w := newBinaryFixture(t, simulated(t), func(c *emulator.Config) {
				for i := range c.Channels {
					c.Channels[i].WithoutBot = c.Channels[i].Name == channel
				}
			})
			w.begin()
			w.connected()
			w.typed("ana", "/deploy web v2")
			w.told("ana", part)
			w.slack.SetBotMember(channel, true)
			w.eventually("it begins once the bot is there", func() bool {
				w.typed("ana", "/deploy web v2")
				time.Sleep(time.Second)
				return w.card() != nil
			})
			if all := w.deployments(); len(all) != 1 {
				t.Errorf("%d deployments, want one", len(all))
			}
		})
	}
}

// The bot is thrown out of a channel while a deployment wants to announce there: the step fails and says why, and
// goes on when the bot is back and somebody says so.
func TestStepSaysThatItWasThrownOutOfItsChannel(t *testing.T) {
	slowtest.Only(t, "it plays a deployment in a process of its own")
	t.Parallel()
	w := up(t, nil)
	w.typed("ana", "/deploy web v2")
	w.pressed(upgrade, "Done")
	w.eventually("Approve is on the card", func() bool { return w.has("Approve") })
	w.slack.SetBotMember("change", false)
	w.press("bob", "Approve")
	w.eventually("the thread says what to do", func() bool {
		return strings.Contains(w.scene(), "I am not in the channel for change: invite me there with /invite.")
	})
	if n := w.cluster.revision(t, "web"); n != 1 {
		t.Errorf("revision %d: it went on without having announced", n)
	}
	w.slack.SetBotMember("change", true)
	w.eventually("Retry is on the card", func() bool { return w.has("Retry") })
	w.press("ana", "Retry")
	w.answer(upgrade, func(string) bool { return true })
	w.close(upgrade.ends)
	for _, channel := range []string{deploys, "change"} {
		n := 0
		for _, m := range w.slack.Messages(channel) {
			if kindOf(m) == "starting" {
				n++
			}
		}
		if n != 1 {
			t.Errorf("#%s has %d starting, want one", channel, n)
		}
	}
}

// A token revoked while a deployment runs ends the process, with words, or keeps everything until the token is good
// again; nothing is lost and nothing is said twice.
func TestTokenRevokedMidwayLosesNothing(t *testing.T) {
	slowtest.Only(t, "it plays a deployment in a process of its own")
	t.Parallel()
	w := up(t, nil)
	w.typed("ana", "/deploy web v2")
	w.pressed(upgrade, "Done")
	w.eventually("Approve is on the card", func() bool { return w.has("Approve") })
	w.slack.Revoke("bot", "token_revoked")
	w.press("bob", "Approve") // the open socket still takes it
	w.slack.Revoke("app", "token_revoked")
	w.slack.CutSockets()
	if code := w.life.exit(t, patience); code != 1 || !strings.Contains(w.life.out.Tail(1), "stationmaster: ") || !strings.Contains(w.life.out.Tail(1), "revoked") {
		t.Errorf("it ended with %d: %s", code, w.life.out.Tail(3))
	}
	w.life = nil
	w.slack.Revoke("bot", "")
	w.slack.Revoke("app", "")
	w.begin()
	w.answer(upgrade, func(string) bool { return true })
	w.close(upgrade.ends)
	w.sound(w.record(upgrade.services...), upgrade)
}
