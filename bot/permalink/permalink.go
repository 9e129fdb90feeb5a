// Package permalink knows the addresses of messages.
package permalink

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/deployer"
)

const (
	within = 300 * time.Millisecond // how long an answer waits for the link to a card
	again  = time.Minute            // until Slack is asked again that did not answer
)

// Links are the addresses of messages. Slack is asked for the first one;
// the others of the workspace differ only in what is known.
type Links struct {
	api *slack.Client
	log *slog.Logger

	mu   sync.Mutex
	base string
	mute time.Time // until then Slack is not asked
}

// New asks Slack by that client.
func New(api *slack.Client, log *slog.Logger) *Links { return &Links{api: api, log: log} }

// To leads to a message; "" where that is not known.
func (p *Links) To(ctx context.Context, at deployer.Post) string {
	if at.TS == "" {
		return ""
	}
	path := "/archives/" + at.Channel + "/p" + strings.ReplaceAll(at.TS, ".", "")
	p.mu.Lock()
	base, mute := p.base, p.mute
	p.mu.Unlock()
	switch {
	case base != "":
		return base + path
	case time.Now().Before(mute):
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	link, err := p.api.GetPermalinkContext(ctx, &slack.PermalinkParameters{Channel: at.Channel, Ts: at.TS})
	p.mu.Lock()
	defer p.mu.Unlock()
	if err != nil {
		p.log.Info("Slack gives no link to a card", "err", err)
		p.mute = time.Now().Add(again)
		return ""
	}
	p.base, _ = strings.CutSuffix(link, path)
	if p.base == link {
		p.base = "" // it looks otherwise than expected
	}
	return link
}
