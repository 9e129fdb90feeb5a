package socket

import (
	"context"
	"encoding/json"

	"github.com/stationmaster/stationmaster/bot/emulator/background"
)

// SendEvent sends an event in the background, again while it stays unacknowledged, as often as Slack does.
func (g *Gateway) SendEvent(payload json.RawMessage) {
	g.background.Go(func() { g.sendEvent(g.background.Context(), payload) })
}

func (g *Gateway) sendEvent(ctx context.Context, payload json.RawMessage) {
	for attempt := 0; ; attempt++ {
		_, err := g.Deliver(ctx, Envelope{Kind: "events_api", Payload: payload, attempt: attempt})
		if err == nil || attempt == len(g.cfg.Timing.EventRetry) {
			return
		}
		background.Pause(ctx, g.cfg.Timing.EventRetry[attempt])
		if ctx.Err() != nil {
			return
		}
	}
}
