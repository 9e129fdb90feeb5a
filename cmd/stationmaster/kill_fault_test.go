package main_test

import (
	"math/rand/v2"
	"syscall"
	"time"

	"github.com/stationmaster/stationmaster/bot/emulator"
)

// A fault is something that goes wrong besides the process: dice say how.
type fault struct {
	name string
	do   func(w *world, dice *rand.Rand)
}

var faults = []fault{
	{"a post's answer is lost", api(emulator.Fault{Method: "chat.postMessage", Lost: true})},
	{"half of a post's answer comes", api(emulator.Fault{Method: "chat.postMessage", Half: true})},
	{"a post's answer comes late", api(emulator.Fault{Method: "chat.postMessage", Late: 400 * time.Millisecond})},
	{"a post fails with 503", api(emulator.Fault{Method: "chat.postMessage", Status: 503})},
	{"a post fails with fatal_error", api(emulator.Fault{Method: "chat.postMessage", Error: "fatal_error"})},
	{"a post comes too soon", api(emulator.Fault{Method: "chat.postMessage", Status: 429, RetryAfter: 1})},
	{"an edit's answer is lost", api(emulator.Fault{Method: "chat.update", Lost: true})},
	{"the history is not answered", api(emulator.Fault{Method: "conversations.history", Lost: true})},
	{"the thread is not answered", api(emulator.Fault{Method: "conversations.replies", Cut: true})},
	{"no socket at first", api(emulator.Fault{Method: "apps.connections.open", Status: 500})},
	{"any call fails", api(emulator.Fault{Method: "*", Status: 500})},
	{"the socket is cut in an acknowledgement", socket(emulator.SocketFault{Kind: emulator.CutOnAck})},
	{"the same, and the envelope comes again", socket(emulator.SocketFault{Kind: emulator.CutOnAck, Copies: 2})},
	{"the same, under new ids", socket(emulator.SocketFault{Kind: emulator.CutOnAck, Copies: 2, NewID: true})},
	{"an envelope comes three times", socket(emulator.SocketFault{Kind: emulator.Redeliver, Copies: 2})},
	{"an envelope comes three times under new ids", socket(emulator.SocketFault{Kind: emulator.Redeliver, Copies: 2, NewID: true})},
	{"an envelope is cut in half", socket(emulator.SocketFault{Kind: emulator.CutInEnvelope, Copies: 1})},
	{"all sockets are cut", func(w *world, _ *rand.Rand) { w.slack.CutSockets() }},
	{"Slack refreshes the sockets", func(w *world, _ *rand.Rand) { w.slack.Disconnect("refresh_requested") }},
	{"answers to a PATCH are lost", func(w *world, dice *rand.Rand) { w.tap.loseAnswers(1 + dice.IntN(2)) }},
	{"Slack is down", func(w *world, dice *rand.Rand) {
		w.tap.goDown(slackDown, time.Duration(dice.IntN(3000))*time.Millisecond)
		w.slack.CutSockets()
	}},
	{"the cluster is down", func(w *world, dice *rand.Rand) {
		w.tap.goDown(clusterDown, time.Duration(dice.IntN(3000))*time.Millisecond)
		w.cluster.cut()
	}},
	{"the watches are cut", func(w *world, _ *rand.Rand) { w.cluster.cut() }},
	{"the process is frozen", func(w *world, dice *rand.Rand) { w.freeze(time.Duration(dice.IntN(2000)) * time.Millisecond) }},
}

// freeze stops the process for a while, as a machine does that has no time for it.
func (w *world) freeze(d time.Duration) {
	w.mu.Lock()
	life := w.life
	w.mu.Unlock()
	if life == nil || life.cmd.Process.Signal(syscall.SIGSTOP) != nil {
		return // it has just ended
	}
	time.AfterFunc(d, func() { _ = life.cmd.Process.Signal(syscall.SIGCONT) }) // or it is dead by then
}

func api(f emulator.Fault) func(*world, *rand.Rand) {
	return func(w *world, dice *rand.Rand) {
		f := f // several worlds use the table at once
		f.Skip, f.Count = dice.IntN(4), 1+dice.IntN(2)
		w.slack.Inject(f)
	}
}

func socket(f emulator.SocketFault) func(*world, *rand.Rand) {
	return func(w *world, dice *rand.Rand) {
		f := f
		f.After = time.Duration(dice.IntN(200)) * time.Millisecond
		w.slack.InjectSocket(f)
	}
}

// disturb lets up to three things go wrong soon.
func (w *world) disturb(dice *rand.Rand) {
	for range dice.IntN(4) {
		f := faults[dice.IntN(len(faults))]
		w.note(f.name)
		f.do(w, dice)
	}
}
