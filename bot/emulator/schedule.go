package emulator

import (
	"cmp"
	"context"
	"slices"
	"time"
)

const (
	// farthest is how far ahead a message may be scheduled, and lateCancel how long before its time it can no more be
	// taken back.
	farthest   = 120 * 24 * time.Hour
	lateCancel = 60 * time.Second
	// crowded is how many messages may be scheduled for one channel within crowdedWindow seconds.
	crowded       = 30
	crowdedWindow = 300
)

// scheduled is a message that waits for its time.
type scheduled struct {
	id, channel string
	at, created int64
	text        string
	cancel      context.CancelFunc
}

func scheduleMessage(c *call) (obj, *refusal) {
	d, ref := c.readDraft(c.args, maxPost)
	if ref != nil {
		return nil, ref
	}
	if d.empty() {
		return nil, refuse("no_text")
	}
	at, ok := c.integer("post_at", 0)
	when := time.Unix(int64(at), 0)
	switch {
	case !ok:
		return nil, refuse("invalid_time")
	case !when.After(time.Now()):
		return nil, refuse("time_in_past")
	case time.Until(when) > farthest:
		return nil, refuse("time_too_far")
	}
	w := c.ws
	w.Lock()
	defer w.Unlock()
	ch, ref := c.writable(c.str("channel"))
	if ref != nil {
		return nil, ref
	}
	near := 0
	for _, x := range w.scheduled {
		if x.channel == ch.id && max(x.at-int64(at), int64(at)-x.at) < crowdedWindow {
			near++
		}
	}
	if near >= crowded {
		return nil, refuse("restricted_too_many")
	}
	m := c.message(d)
	ctx, cancel := context.WithCancel(c.ws.work.ctx)
	x := &scheduled{id: w.nextID("Q"), channel: ch.id, at: int64(at), created: time.Now().Unix(), text: m.Text, cancel: cancel}
	w.scheduled = append(w.scheduled, x)
	broadcast := c.bool("reply_broadcast")
	c.ws.work.Go(func() { c.postLater(ctx, x, m, broadcast) })
	return obj{"channel": ch.id, "scheduled_message_id": x.id, "post_at": at, "message": obj{"text": m.Text,
		"bot_id": m.BotID, "user": m.User, "type": "delayed_message", "subtype": "bot_message"}}, nil
}

// postLater posts a scheduled message when its time has come, unless it was taken back.
func (s *API) postLater(ctx context.Context, x *scheduled, m *Message, broadcast bool) {
	defer x.cancel()
	pause(ctx, ctx, time.Until(time.Unix(x.at, 0)))
	w := s.ws
	w.Lock()
	defer w.Unlock()
	if ctx.Err() != nil {
		return
	}
	w.scheduled = slices.DeleteFunc(w.scheduled, func(y *scheduled) bool { return x == y })
	if ch := w.channel(x.channel); ch != nil && !ch.archived {
		s.ws.events.tellApp(ch, w.add(ch, m, broadcast))
	}
}

func unscheduleMessage(c *call) (obj, *refusal) {
	w := c.ws
	w.Lock()
	defer w.Unlock()
	ch, ref := c.known()
	if ref != nil {
		return nil, ref
	}
	i := slices.IndexFunc(w.scheduled, func(x *scheduled) bool { return x.id == c.str("scheduled_message_id") && x.channel == ch.id })
	if i < 0 || time.Until(time.Unix(w.scheduled[i].at, 0)) < lateCancel {
		return nil, refuse("invalid_scheduled_message_id")
	}
	w.scheduled[i].cancel()
	w.scheduled = slices.Delete(w.scheduled, i, i+1)
	return nil, nil
}

func scheduledMessages(c *call) (obj, *refusal) {
	w := c.ws
	w.Lock()
	defer w.Unlock()
	if c.has("channel") {
		if _, ref := c.known(); ref != nil {
			return nil, refuse("invalid_channel")
		}
	}
	span, ref := c.span(100, 1000)
	if ref != nil {
		return nil, ref
	}
	all := []obj{}
	for _, x := range w.scheduled {
		if (c.str("channel") == "" || x.channel == c.str("channel")) && x.at*1e6 >= span.oldest && x.at*1e6 <= span.latest {
			all = append(all, obj{"id": x.id, "channel_id": x.channel, "post_at": x.at, "date_created": x.created, "text": x.text})
		}
	}
	slices.SortStableFunc(all, func(a, b obj) int { return cmp.Compare(a["post_at"].(int64), b["post_at"].(int64)) })
	return page(c, "scheduled_messages", all, 100)
}
