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
type channel struct {
	ID, Name string
	Private  bool
}

// channelCache are the channels that the bot is in. A bot can post nowhere else, and
// listing them costs little however many channels a workspace has. Events keep
// them right; should one be lost, the list is wrong for channelsEvery at most.
// Safe for concurrent use.
type channelCache struct {
	api *slack.Client
	log *slog.Logger

	mu     sync.Mutex
	byID   map[string]channel
	byName map[string]channel
	news   int // how many events told of a change

	asking chan struct{} // holds one: who reads the list
	read   time.Time     // guarded by asking
}

func newPlaces(api *slack.Client, log *slog.Logger) *channelCache {
	return &channelCache{api: api, log: log, asking: make(chan struct{}, 1), byID: map[string]channel{}, byName: map[string]channel{}}
}

// refresh reads the list, unless that was done just now.
func (p *channelCache) refresh(ctx context.Context) error { return p.renew(ctx, channelsLimit) }

// renew reads the list, unless it was read within a time.
func (p *channelCache) renew(ctx context.Context, within time.Duration) error {
	select {
	case p.asking <- struct{}{}:
		defer func() { <-p.asking }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if time.Since(p.read) < within {
		return nil
	}
	for try := 1; ; try++ {
		p.mu.Lock()
		news := p.news
		p.mu.Unlock()
		list, err := p.list(ctx)
		if err != nil {
			return err
		}
		if p.replace(list, news, try == 3) {
			p.read = time.Now()
			return nil
		}
	}
}

// list reads the list from Slack.
func (p *channelCache) list(ctx context.Context) ([]channel, error) {
	var list []channel
	params := slack.GetConversationsForUserParameters{
		Types: []string{"public_channel", "private_channel"}, Limit: 500, ExcludeArchived: true,
	}
	for {
		var page []slack.Channel
		var next string
		err := retryRateLimited(ctx, func() (err error) {
			page, next, err = p.api.GetConversationsForUserContext(ctx, &params)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("list the bot's channels: %w", err)
		}
		for _, c := range page {
			list = append(list, channel{c.ID, c.Name, c.IsPrivate})
		}
		if params.Cursor = next; next == "" {
			return list, nil
		}
	}
}

// replace takes a list for what is so, unless an event has told of something
// since it was begun: then the list may be older, and counts only by force.
func (p *channelCache) replace(list []channel, news int, force bool) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if news != p.news && !force {
		return false
	}
	p.byID, p.byName = map[string]channel{}, map[string]channel{}
	for _, c := range list {
		p.byID[c.ID], p.byName[c.Name] = c, c
	}
	return true
}

// renamed takes in that a channel has another name.
func (p *channelCache) renamed(id, name string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c, ok := p.byID[id]; ok {
		p.news++
		delete(p.byName, c.Name)
		c.Name = name
		p.byID[id], p.byName[name] = c, c
	}
}

// left takes in that the bot is in a channel no more, or that nobody is.
func (p *channelCache) left(id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c, ok := p.byID[id]; ok {
		p.news++
		delete(p.byID, id)
		delete(p.byName, c.Name)
	}
}

// run keeps the list young until ctx ends.
func (p *channelCache) run(ctx context.Context) {
	for sleep(ctx, channelsEvery) {
		if err := p.refresh(ctx); err != nil && ctx.Err() == nil {
			p.log.Warn("channels could not be listed", "err", err)
		}
	}
}

// find returns a channel that the bot is in, by name or id. Where it is not
// known the list is read again.
func (p *channelCache) find(ctx context.Context, nameOrID string) (channel, bool) {
	if c, ok := p.known(nameOrID); ok {
		return c, true
	}
	if err := p.refresh(ctx); err != nil {
		p.log.Warn("channels could not be listed", "err", err)
	}
	return p.known(nameOrID)
}

func (p *channelCache) known(nameOrID string) (channel, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c, ok := p.byID[nameOrID]; ok {
		return c, true
	}
	c, ok := p.byName[strings.TrimPrefix(nameOrID, "#")]
	return c, ok
}

// names returns the names of all of them.
func (p *channelCache) names() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Sorted(maps.Keys(p.byName))
}
