package bot

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
	linkWithin = 300 * time.Millisecond // how long an answer waits for the link to a card
	linkAgain  = time.Minute            // until Slack is asked again that did not answer
)

// permalinks are the addresses of messages. Slack is asked for the first one;
// the others of the workspace differ only in what is known.
type permalinks struct {
	api *slack.Client
	log *slog.Logger

	mu   sync.Mutex
	base string
	mute time.Time // until then Slack is not asked
}

// to leads to a message; "" where that is not known.
func (p *permalinks) to(ctx context.Context, at deployer.Post) string {
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
	ctx, cancel := context.WithTimeout(ctx, linkWithin)
	defer cancel()
	link, err := p.api.GetPermalinkContext(ctx, &slack.PermalinkParameters{Channel: at.Channel, Ts: at.TS})
	p.mu.Lock()
	defer p.mu.Unlock()
	if err != nil {
		p.log.Info("Slack gives no link to a card", "err", err)
		p.mute = time.Now().Add(linkAgain)
		return ""
	}
	p.base, _ = strings.CutSuffix(link, path)
	if p.base == link {
		p.base = "" // it looks otherwise than expected
	}
	return link
}
