package webapi

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/stationmaster/stationmaster/bot/emulator/background"
	"github.com/stationmaster/stationmaster/bot/emulator/workspace"
)

const (
	// scheduleAheadMax is how far ahead a message may be scheduled, and unscheduleBefore how long before its time it can no more be
	// taken back.
	scheduleAheadMax = 120 * 24 * time.Hour
	unscheduleBefore = 60 * time.Second
	// scheduledMax is how many messages may be scheduled for one channel within scheduledWindow seconds.
	scheduledMax    = 30
	scheduledWindow = 300
)

func scheduleMessage(c *call) (obj, *Failure) {
	d, ref := c.ReadDraft(c.Args, PostMax)
	if ref != nil {
		return nil, ref
	}
	if d.Empty() {
		return nil, refuse("no_text")
	}
	at, ok := c.integer("post_at", 0)
	when := time.Unix(int64(at), 0)
	switch {
	case !ok:
		return nil, refuse("invalid_time")
	case !when.After(c.cfg.Now()):
		return nil, refuse("time_in_past")
	case when.Sub(c.cfg.Now()) > scheduleAheadMax:
		return nil, refuse("time_too_far")
	}
	w := c.ws
	w.Lock()
	defer w.Unlock()
	ch, ref := c.writable(c.Str("channel"))
	if ref != nil {
		return nil, ref
	}
	near := 0
	for _, x := range w.Scheduled {
		if x.Channel == ch.ID && max(x.At-int64(at), int64(at)-x.At) < scheduledWindow {
			near++
		}
	}
	if near >= scheduledMax {
		return nil, refuse("restricted_too_many")
	}
	m := c.message(d)
	ctx, cancel := context.WithCancel(c.ws.Background.Context())
	x := &workspace.Scheduled{ID: w.NextID("Q"), Channel: ch.ID, At: int64(at), Created: c.cfg.Now().Unix(), Text: m.Text, Cancel: cancel}
	w.Scheduled = append(w.Scheduled, x)
	broadcast := c.bool("reply_broadcast")
	c.ws.Background.Go(func() { c.postLater(ctx, x, m, broadcast) })
	return obj{"channel": ch.ID, "scheduled_message_id": x.ID, "post_at": at, "message": obj{"text": m.Text,
		"bot_id": m.BotID, "user": m.User, "type": "delayed_message", "subtype": "bot_message"}}, nil
}

// postLater posts a scheduled message when its time has come, unless it was taken back.
func (s *API) postLater(ctx context.Context, x *workspace.Scheduled, m *workspace.Message, broadcast bool) {
	defer x.Cancel()
	background.Pause(ctx, time.Unix(x.At, 0).Sub(s.cfg.Now()))
	w := s.ws
	w.Lock()
	defer w.Unlock()
	if ctx.Err() != nil {
		return
	}
	w.Scheduled = slices.DeleteFunc(w.Scheduled, func(y *workspace.Scheduled) bool { return x == y })
	if ch := w.Channel(x.Channel); ch != nil && !ch.Archived {
		s.ws.Events.TellPosted(ch, w.AddMessage(ch, m, broadcast))
	}
}

func unscheduleMessage(c *call) (obj, *Failure) {
	w := c.ws
	w.Lock()
	defer w.Unlock()
	ch, ref := c.knownChannel()
	if ref != nil {
		return nil, ref
	}
	i := slices.IndexFunc(w.Scheduled, func(x *workspace.Scheduled) bool { return x.ID == c.Str("scheduled_message_id") && x.Channel == ch.ID })
	if i < 0 || time.Unix(w.Scheduled[i].At, 0).Sub(c.cfg.Now()) < unscheduleBefore {
		return nil, refuse("invalid_scheduled_message_id")
	}
	w.Scheduled[i].Cancel()
	w.Scheduled = slices.Delete(w.Scheduled, i, i+1)
	return nil, nil
}

func scheduledMessages(c *call) (obj, *Failure) {
	w := c.ws
	w.Lock()
	defer w.Unlock()
	if c.has("channel") {
		if _, ref := c.knownChannel(); ref != nil {
			return nil, refuse("invalid_channel")
		}
	}
	span, ref := c.span(100, 1000)
	if ref != nil {
		return nil, ref
	}
	all := []obj{}
	for _, x := range w.Scheduled {
		if (c.Str("channel") == "" || x.Channel == c.Str("channel")) && x.At*1e6 >= span.oldest && x.At*1e6 <= span.latest {
			all = append(all, obj{"id": x.ID, "channel_id": x.Channel, "post_at": x.At, "date_created": x.Created, "text": x.Text})
		}
	}
	slices.SortStableFunc(all, func(a, b obj) int { return cmp.Compare(a["post_at"].(int64), b["post_at"].(int64)) })
	return page(c, "scheduled_messages", all, 100)
}
