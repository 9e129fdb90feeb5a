package emulator

import (
	"context"
	"slices"
	"time"
)

// tellApp sends the app the event that a message calls for, where the app subscribes to it and is in the channel.
// change is empty for a new message, message_changed or message_deleted otherwise. The caller holds the workspace's
// lock; the event is sent on its own time.
func (s *Server) tellApp(ch *channel, m *Message, change string) {
	if !ch.has(s.cfg.App.BotUserID) {
		return
	}
	kind, where := "message.channels", "channel"
	switch {
	case ch.im != "":
		kind, where = "message.im", "im"
	case ch.private:
		kind, where = "message.groups", "group"
	}
	e := obj{"type": "message", "channel": ch.id, "channel_type": where, "event_ts": m.TS}
	switch change {
	case "":
		describe(e, m)
	case "message_deleted":
		e["subtype"], e["deleted_ts"], e["ts"], e["hidden"] = change, m.TS, s.ws.nextTS(), true
		e["previous_message"] = m
	default:
		e["subtype"], e["message"], e["ts"], e["hidden"] = change, m, s.ws.nextTS(), true
	}
	s.event(kind, e)
	if change == "" && m.BotID == "" && mentions(m.Text, s.cfg.App.BotUserID) {
		mention := obj{"type": "app_mention", "channel": ch.id, "event_ts": m.TS}
		describe(mention, m)
		mention["type"] = "app_mention"
		s.event("app_mention", mention)
	}
}

// describe copies a message into an event.
func describe(e obj, m *Message) {
	for k, v := range map[string]string{"user": m.User, "bot_id": m.BotID, "app_id": m.AppID, "ts": m.TS,
		"thread_ts": m.ThreadTS, "parent_user_id": m.ParentUserID, "subtype": m.Subtype, "team": m.Team} {
		if v != "" {
			e[k] = v
		}
	}
	e["text"] = m.Text
	if len(m.Blocks) > 0 {
		e["blocks"] = m.Blocks
	}
	if len(m.Files) > 0 {
		e["files"] = m.Files
	}
}

// event sends an event in the background, again while it stays unacknowledged, as often as Slack does.
func (s *Server) event(kind string, e obj) {
	if !slices.Contains(s.cfg.App.Events, kind) {
		return
	}
	a, t := s.cfg.App, s.cfg.Team.ID
	payload := raw(obj{"token": "local", "team_id": t, "api_app_id": a.ID, "event": e, "type": "event_callback",
		"event_id": "Ev" + newID(), "event_time": time.Now().Unix(), "is_ext_shared_channel": false,
		"authorizations": []obj{{"team_id": t, "user_id": a.BotUserID, "is_bot": true,
			"is_enterprise_install": false, "enterprise_id": nil}}})
	s.work.Go(func() { s.sendEvent(s.ctx, payload) })
}

func (s *Server) sendEvent(ctx context.Context, payload []byte) {
	for attempt := 0; ; attempt++ {
		_, err := s.gate.deliver(ctx, envelope{kind: "events_api", payload: payload, attempt: attempt})
		if err == nil || attempt == len(s.cfg.Timing.EventRetry) {
			return
		}
		pause(ctx, ctx, s.cfg.Timing.EventRetry[attempt])
		if ctx.Err() != nil {
			return
		}
	}
}
