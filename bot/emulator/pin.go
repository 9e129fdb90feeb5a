package emulator

import (
	"slices"
	"time"
)

// maxPins is how many messages one channel keeps pinned.
const maxPins = 100

// pin is one message that is pinned to its channel.
type pin struct {
	ts, by string
	at     int64
}

func (c *channel) pinned(ts string) bool {
	return slices.ContainsFunc(c.pins, func(p pin) bool { return p.ts == ts })
}

func addPin(c *call, ch *channel, m *Message) (obj, *refusal) {
	switch {
	case ch.archived:
		return nil, refuse("is_archived")
	case ch.pinned(m.TS):
		return nil, refuse("already_pinned")
	case len(ch.pins) >= maxPins:
		return nil, refuse("too_many_pins")
	}
	p := pin{m.TS, c.cfg.App.BotUserID, time.Now().Unix()}
	ch.pins = append(slices.Clone(ch.pins), p)
	c.ws.events.tellPin(ch, "pin_added", m, p)
	return nil, nil
}

func removePin(c *call, ch *channel, m *Message) (obj, *refusal) {
	if !ch.pinned(m.TS) {
		return nil, refuse("no_pin")
	}
	ch.pins = slices.DeleteFunc(slices.Clone(ch.pins), func(p pin) bool { return p.ts == m.TS })
	c.ws.events.tellPin(ch, "pin_removed", m, pin{m.TS, c.cfg.App.BotUserID, time.Now().Unix()})
	return nil, nil
}

func (ev *events) tellPin(ch *channel, kind string, m *Message, p pin) {
	e := obj{"type": kind, "user": p.by, "channel_id": ch.id, "item_user": m.User, "pin_count": len(ch.pins),
		"item":        pinItem(ch, m, p),
		"pinned_info": obj{"channel": ch.id, "pinned_by": p.by, "pinned_ts": p.at}, "event_ts": ev.ws.nextTS()}
	if kind == "pin_removed" {
		e["has_pins"] = len(ch.pins) > 0
	}
	ev.eventIn(ch, kind, e)
	ev.ws.touch()
}

func pinItem(ch *channel, m *Message, p pin) obj {
	return obj{"type": "message", "channel": ch.id, "created": p.at, "created_by": p.by, "message": m}
}

func listPins(_ *call, ch *channel) (obj, *refusal) {
	items := []obj{}
	for _, p := range slices.Backward(ch.pins) {
		if m := ch.message(p.ts); m != nil {
			items = append(items, pinItem(ch, m, p))
		}
	}
	return obj{"items": items}, nil
}
