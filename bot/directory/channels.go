package directory

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

	"github.com/stationmaster/stationmaster/bot/slackapi"
)

const (
	channelsEvery       = 5 * time.Minute  // the list is read again by itself
	channelsFreshWithin = 10 * time.Second // and no sooner than that when a name is missing
)

// A Channel that the bot is in.
type Channel struct {
	ID, Name string
	Private  bool
}

// Channels are the channels that the bot is in. A bot can post nowhere else, and
// listing them costs little however many channels a workspace has. Events keep
// them right; should one be lost, the list is wrong for channelsEvery at most.
// Safe for concurrent use.
type Channels struct {
	api *slack.Client
	log *slog.Logger

	mu      sync.Mutex
	byID    map[string]Channel
	byName  map[string]Channel
	changes int // how many events told of a change

	asking chan struct{} // holds one: who reads the list
	read   time.Time     // guarded by asking
}

// NewChannels makes an empty list. Refresh fills it.
func NewChannels(api *slack.Client, log *slog.Logger) *Channels {
	return &Channels{api: api, log: log, asking: make(chan struct{}, 1), byID: map[string]Channel{}, byName: map[string]Channel{}}
}

// Refresh reads the list, unless that was done just now.
func (cs *Channels) Refresh(ctx context.Context) error {
	return cs.RefreshWithin(ctx, channelsFreshWithin)
}

// RefreshWithin reads the list, unless it was read within a time.
func (cs *Channels) RefreshWithin(ctx context.Context, within time.Duration) error {
	select {
	case cs.asking <- struct{}{}:
		defer func() { <-cs.asking }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if time.Since(cs.read) < within {
		return nil
	}
	for try := 1; ; try++ {
		cs.mu.Lock()
		news := cs.changes
		cs.mu.Unlock()
		list, err := cs.list(ctx)
		if err != nil {
			return err
		}
		if cs.replace(list, news, try == 3) {
			cs.read = time.Now()
			return nil
		}
	}
}

// list reads the list from Slack.
func (cs *Channels) list(ctx context.Context) ([]Channel, error) {
	var list []Channel
	params := slack.GetConversationsForUserParameters{
		Types: []string{"public_channel", "private_channel"}, Limit: 500, ExcludeArchived: true,
	}
	for {
		var page []slack.Channel
		var next string
		err := slackapi.RetryRateLimited(ctx, func() (err error) {
			page, next, err = cs.api.GetConversationsForUserContext(ctx, &params)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("list the bot's channels: %w", err)
		}
		for _, c := range page {
			list = append(list, Channel{c.ID, c.Name, c.IsPrivate})
		}
		if params.Cursor = next; next == "" {
			return list, nil
		}
	}
}

// replace takes a list for what is so, unless an event has told of something
// since it was begun: then the list may be older, and counts only by force.
func (cs *Channels) replace(list []Channel, news int, force bool) bool {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if news != cs.changes && !force {
		return false
	}
	cs.byID, cs.byName = map[string]Channel{}, map[string]Channel{}
	for _, c := range list {
		cs.byID[c.ID], cs.byName[c.Name] = c, c
	}
	return true
}

// Renamed takes in that a channel has another name.
func (cs *Channels) Renamed(id, name string) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if c, ok := cs.byID[id]; ok {
		cs.changes++
		delete(cs.byName, c.Name)
		c.Name = name
		cs.byID[id], cs.byName[name] = c, c
	}
}

// Left takes in that the bot is in a channel no more, or that nobody is.
func (cs *Channels) Left(id string) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if c, ok := cs.byID[id]; ok {
		cs.changes++
		delete(cs.byID, id)
		delete(cs.byName, c.Name)
	}
}

// Run keeps the list young until ctx ends.
func (cs *Channels) Run(ctx context.Context) {
	for slackapi.Sleep(ctx, channelsEvery) {
		if err := cs.Refresh(ctx); err != nil && ctx.Err() == nil {
			cs.log.Warn("channels could not be listed", "err", err)
		}
	}
}

// Find returns a channel that the bot is in, by name or id. Where it is not
// known the list is read again.
func (cs *Channels) Find(ctx context.Context, nameOrID string) (Channel, bool) {
	if c, ok := cs.Known(nameOrID); ok {
		return c, true
	}
	if err := cs.Refresh(ctx); err != nil {
		cs.log.Warn("channels could not be listed", "err", err)
	}
	return cs.Known(nameOrID)
}

// Known returns a channel that the bot is in, by name or id, as far as is known.
func (cs *Channels) Known(nameOrID string) (Channel, bool) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if c, ok := cs.byID[nameOrID]; ok {
		return c, true
	}
	c, ok := cs.byName[strings.TrimPrefix(nameOrID, "#")]
	return c, ok
}

// Names returns the names of all of them.
func (cs *Channels) Names() []string {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	return slices.Sorted(maps.Keys(cs.byName))
}

// LookUp finds out about one channel that is not in the list: the bot may have
// been invited just now.
func (cs *Channels) LookUp(ctx context.Context, id string) (c Channel, in bool, err error) {
	info, err := cs.api.GetConversationInfoContext(ctx, &slack.GetConversationInfoInput{ChannelID: id})
	if word, _ := slackapi.ErrorCode(err); word == "channel_not_found" {
		return Channel{ID: id}, false, nil // a private one that the bot is not in
	}
	if err != nil {
		return Channel{}, false, fmt.Errorf("ask about the channel %s: %w", id, err)
	}
	c = Channel{ID: info.ID, Name: info.Name, Private: info.IsPrivate}
	if info.IsMember && !info.IsArchived {
		cs.mu.Lock()
		defer cs.mu.Unlock()
		cs.changes++
		cs.byID[c.ID], cs.byName[c.Name] = c, c
	}
	return c, info.IsMember, nil
}
