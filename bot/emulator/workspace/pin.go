package workspace

// Pin is one message that is pinned to its channel.
type Pin struct {
	TS, By string
	At     int64
}

func (ev *Events) TellPin(ch *Conversation, kind string, m *Message, p Pin) {
	e := obj{"type": kind, "user": p.By, "channel_id": ch.ID, "item_user": m.User, "pin_count": len(ch.Pins),
		"item":        PinItem(ch, m, p),
		"pinned_info": obj{"channel": ch.ID, "pinned_by": p.By, "pinned_ts": p.At}, "event_ts": ev.ws.NextTS()}
	if kind == "pin_removed" {
		e["has_pins"] = len(ch.Pins) > 0
	}
	ev.sendIn(ch, kind, e)
	ev.ws.Wake()
}

func PinItem(ch *Conversation, m *Message, p Pin) obj {
	return obj{"type": "message", "channel": ch.ID, "created": p.At, "created_by": p.By, "message": m}
}
