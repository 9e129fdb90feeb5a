package bot

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/slack-go/slack"
)

const (
	channelsEvery = 5 * time.Minute  // the list is read again by itself
	channelsLimit = 10 * time.Second // and no sooner than that when a name is missing
)

// A channel that the bot is in.
type channel struct{ ID, Name string }

// places are the channels that the bot is in. A bot can post nowhere else, and
// listing them costs little however many channels a workspace has. Safe for
// concurrent use.
type places struct {
	api *slack.Client
	log *slog.Logger

	mu     sync.Mutex
	byID   map[string]channel
	byName map[string]channel

	asking chan struct{} // holds one: who reads the list
	read   time.Time     // guarded by asking
}

func newPlaces(api *slack.Client, log *slog.Logger) *places {
	return &places{api: api, log: log, asking: make(chan struct{}, 1)}
}

// refresh reads the list, unless that was done just now.
func (p *places) refresh(ctx context.Context) error {
	select {
	case p.asking <- struct{}{}:
		defer func() { <-p.asking }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if time.Since(p.read) < channelsLimit {
		return nil
	}
	byID, byName := map[string]channel{}, map[string]channel{}
	params := slack.GetConversationsForUserParameters{
		Types: []string{"public_channel", "private_channel"}, Limit: 500, ExcludeArchived: true,
	}
	for {
		var page []slack.Channel
		var next string
		err := patiently(ctx, func() (err error) {
			page, next, err = p.api.GetConversationsForUserContext(ctx, &params)
			return err
		})
		if err != nil {
			return fmt.Errorf("list the bot's channels: %w", err)
		}
		for _, c := range page {
			byID[c.ID], byName[c.Name] = channel{c.ID, c.Name}, channel{c.ID, c.Name}
		}
		if params.Cursor = next; next == "" {
			break
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.byID, p.byName, p.read = byID, byName, time.Now()
	return nil
}

// run keeps the list young until ctx ends.
func (p *places) run(ctx context.Context) {
	for sleep(ctx, channelsEvery) {
		if err := p.refresh(ctx); err != nil && ctx.Err() == nil {
			p.log.Warn("channels could not be listed", "err", err)
		}
	}
}

// find returns a channel that the bot is in, by name or id. Where it is not
// known the list is read again.
func (p *places) find(ctx context.Context, nameOrID string) (channel, bool) {
	if c, ok := p.known(nameOrID); ok {
		return c, true
	}
	if err := p.refresh(ctx); err != nil {
		p.log.Warn("channels could not be listed", "err", err)
	}
	return p.known(nameOrID)
}

func (p *places) known(nameOrID string) (channel, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c, ok := p.byID[nameOrID]; ok {
		return c, true
	}
	c, ok := p.byName[strings.TrimPrefix(nameOrID, "#")]
	return c, ok
}

// names returns the names of all of them.
func (p *places) names() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Sorted(maps.Keys(p.byName))
}
