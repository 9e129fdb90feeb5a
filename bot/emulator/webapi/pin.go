package webapi

import (
	"slices"
	"time"

	"github.com/stationmaster/stationmaster/bot/emulator/workspace"
)

// pinsMax is how many messages one channel keeps pinned.
const pinsMax = 100

func addPin(c *call, ch *workspace.Conversation, m *workspace.Message) (obj, *Failure) {
	switch {
	case ch.Archived:
		return nil, refuse("is_archived")
	case ch.Pinned(m.TS):
		return nil, refuse("already_pinned")
	case len(ch.Pins) >= pinsMax:
		return nil, refuse("too_many_pins")
	}
	p := workspace.Pin{TS: m.TS, By: c.cfg.App.BotUserID, At: time.Now().Unix()}
	ch.Pins = append(slices.Clone(ch.Pins), p)
	c.ws.Events.TellPin(ch, "pin_added", m, p)
	return nil, nil
}

func removePin(c *call, ch *workspace.Conversation, m *workspace.Message) (obj, *Failure) {
	if !ch.Pinned(m.TS) {
		return nil, refuse("no_pin")
	}
	ch.Pins = slices.DeleteFunc(slices.Clone(ch.Pins), func(p workspace.Pin) bool { return p.TS == m.TS })
	c.ws.Events.TellPin(ch, "pin_removed", m, workspace.Pin{TS: m.TS, By: c.cfg.App.BotUserID, At: time.Now().Unix()})
	return nil, nil
}

func listPins(_ *call, ch *workspace.Conversation) (obj, *Failure) {
	items := []obj{}
	for _, p := range slices.Backward(ch.Pins) {
		if m := ch.Message(p.TS); m != nil {
			items = append(items, workspace.PinItem(ch, m, p))
		}
	}
	return obj{"items": items}, nil
}
