package bot

import (
	"context"
	"encoding/json"
	"time"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/bot/socketmode"
)

const ackWithin = 2500 * time.Millisecond // Slack itself gives up after 3 s, and says so

// A task is what an envelope asks for.
type task struct {
	queue   string // tasks of one key keep their order
	id      string // the same however often it is delivered; "" for what may be done again
	channel string
	user    string
	do      func(context.Context) answer
}

// receive gives an envelope to the queues. It is called by the sockets and returns
// at once. What does not fit stays unacknowledged, so that Slack tells whoever
// waits, or sends it again.
func (b *Bot) receive(e socketmode.Envelope) {
	if e.Type == "events_api" {
		b.receiveEvent(e)
		return
	}
	t, err := b.read(e)
	switch {
	case err != nil:
		b.log.Error("an envelope can't be read", "type", e.Type, "err", err)
	case t.do == nil:
		b.acknowledge(b.life, e, nil)
	case !b.queues.Put(t.queue, func() { b.work(e, t) }):
		b.log.Warn("too much at once; an envelope stays unacknowledged", "type", e.Type)
	}
}

// read finds the route of what an envelope asks for. A task without do asks
// nothing.
func (b *Bot) read(e socketmode.Envelope) (task, error) {
	r, err := b.readRequest(e)
	if r == nil || err != nil {
		return task{}, err
	}
	to, ok := b.table[routeKey{r.kind, r.id}]
	if !ok {
		return task{}, nil
	}
	if to.read != nil {
		if err := to.read(r); err != nil {
			return task{}, err
		}
	}
	t := task{queue: to.queue(r), channel: r.channel, user: r.user, do: func(ctx context.Context) answer { return b.handle(ctx, to, r) }}
	if to.dedup != nil {
		t.id = to.dedup(r)
	}
	return t, nil
}

// handle resolves what a request means, and has its handler answer.
func (b *Bot) handle(ctx context.Context, to route, r *request) answer {
	var a answer
	b.out.TryAgain(r.channel) // it is there, and somebody in it looks at what it shows
	switch err := b.resolve(ctx, r, to.needs); {
	case err == nil:
		a = to.handle(ctx, r)
	case to.refused != nil:
		a = to.refused(ctx, r, err)
	default:
		a = b.refuse(err)
	}
	if to.after != nil {
		a = to.after(ctx, r, a)
	}
	return a
}

// work does a task, acknowledges it, and tells the person what is left to tell.
func (b *Bot) work(e socketmode.Envelope, t task) {
	if waited := time.Since(e.At); waited > b.answerWithin {
		b.log.Warn("an envelope waited too long; nothing was done", "type", e.Type, "waited", waited)
		return
	}
	ctx, cancel := context.WithTimeout(b.life, workWithin)
	defer cancel()
	a, again := b.answered.recall(t.id)
	if !again {
		a = t.do(ctx)
		if !a.failed {
			b.answered.keep(t.id, a)
		}
	}
	told := false
	if took := time.Since(e.At); took > b.answerWithin {
		b.log.Warn("answered too late; the envelope stays unacknowledged", "type", e.Type, "took", took)
	} else {
		told = b.acknowledge(ctx, e, a.payloadFor(e)) && e.Type == "slash_commands"
	}
	if again {
		return
	}
	if a.text != "" && !told {
		b.background(t.user, func(ctx context.Context) { b.out.PostEphemeral(ctx, t.channel, t.user, a.text, a.blocks) })
	}
	if a.after != nil {
		b.background(t.user, a.after)
	}
}

// acknowledge answers on the envelope's own socket, and where that is gone on
// another: Slack knows an envelope by its id. It reports whether the payload
// went with it: one that is too large would be dropped, and the envelope with
// it.
func (b *Bot) acknowledge(ctx context.Context, e socketmode.Envelope, payload any) bool {
	ack := struct {
		ID      string `json:"envelope_id"`
		Payload any    `json:"payload,omitempty"`
	}{e.ID, payload}
	frame, err := json.Marshal(ack)
	whole := err == nil && len(frame) <= mrkdwn.AckMax
	if !whole {
		b.log.Info("an answer does not fit into an acknowledgement", "bytes", len(frame), "err", err)
		frame, _ = json.Marshal(map[string]string{"envelope_id": e.ID}) // a map of strings always can
	}
	sockets := []*socketmode.Socket{e.Socket}
	for _, l := range b.connections {
		sockets = append(sockets, l.Sockets()...)
	}
	for _, s := range sockets {
		if err = s.Write(ctx, frame); err == nil {
			return whole
		}
	}
	b.log.Warn("an acknowledgement was lost; Slack sends the envelope again, or tells the person", "type", e.Type, "err", err)
	return true
}
