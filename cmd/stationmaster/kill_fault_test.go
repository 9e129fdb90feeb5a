package main_test

import (
	"fmt"
	"math/rand/v2"
	"syscall"
	"time"

	"github.com/stationmaster/stationmaster/bot/emulator/faulttest"
)

// A fault is something that goes wrong besides the process: dice say how.
type fault struct {
	name string
	do   func(w *binaryFixture, dice *rand.Rand)
}

// slackPace keeps what goes wrong with Slack within the time that a test has.
var slackPace = faulttest.Pace{
	Methods: []string{
		"chat.postMessage", "chat.postMessage", "chat.postMessage", "chat.update", "conversations.history", "conversations.replies",
		"apps.connections.open", "*",
	},
	Late: 400 * time.Millisecond, RetryAfter: 1, Envelope: 200 * time.Millisecond,
}

// faults are as often of Slack's calls and envelopes as of everything else together.
var faults = []fault{
	{"a call fails", failCall}, {"a call fails", failCall}, {"a call fails", failCall}, {"a call fails", failCall},
	{"an envelope fails", failEnvelope}, {"an envelope fails", failEnvelope}, {"an envelope fails", failEnvelope},
	{"all sockets are cut", func(w *binaryFixture, _ *rand.Rand) { w.slack.CutSockets() }},
	{"Slack refreshes the sockets", func(w *binaryFixture, _ *rand.Rand) { w.slack.Disconnect("refresh_requested") }},
	{"answers to a PATCH are lost", func(w *binaryFixture, dice *rand.Rand) { w.tap.loseAnswers(1 + dice.IntN(2)) }},
	{"Slack is down", func(w *binaryFixture, dice *rand.Rand) {
		w.tap.goDown(slackDown, time.Duration(dice.IntN(3000))*time.Millisecond)
		w.slack.CutSockets()
	}},
	{"the cluster is down", func(w *binaryFixture, dice *rand.Rand) {
		w.tap.goDown(clusterDown, time.Duration(dice.IntN(3000))*time.Millisecond)
		w.cluster.cut()
	}},
	{"the watches are cut", func(w *binaryFixture, _ *rand.Rand) { w.cluster.cut() }},
	{"the process is frozen", func(w *binaryFixture, dice *rand.Rand) { w.freeze(time.Duration(dice.IntN(2000)) * time.Millisecond) }},
}

// freeze stops the process for a while, as a machine does that has no time for it.
func (w *binaryFixture) freeze(d time.Duration) {
	w.mu.Lock()
	life := w.life
	w.mu.Unlock()
	if life == nil || life.cmd.Process.Signal(syscall.SIGSTOP) != nil {
		return // it has just ended
	}
	time.AfterFunc(d, func() { _ = life.cmd.Process.Signal(syscall.SIGCONT) }) // or it is dead by then
}

func failCall(w *binaryFixture, dice *rand.Rand) {
	f := slackPace.Call(dice)
	w.note(fmt.Sprintf("%+v", f))
	w.slack.Inject(f)
}

func failEnvelope(w *binaryFixture, dice *rand.Rand) {
	f := slackPace.Socket(dice)
	w.note(fmt.Sprintf("%+v", f))
	w.slack.InjectSocket(f)
}

// disturb lets up to three things go wrong soon.
func (w *binaryFixture) disturb(dice *rand.Rand) {
	for range dice.IntN(4) {
		f := faults[dice.IntN(len(faults))]
		w.note(f.name)
		f.do(w, dice)
	}
}
