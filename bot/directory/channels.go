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

// A Channel is a conversation as Slack told of it last.
type Channel struct {
	ID, Name string
	Private  bool
	Archived bool
	Shared   bool // with another organization or workspace, or about to be
	Direct   bool // between two people, or a few
}

func channelOf(c slack.Channel) Channel {
	return Channel{
		ID: c.ID, Name: c.Name, Private: c.IsPrivate, Archived: c.IsArchived,
		Shared: c.IsExtShared || c.IsOrgShared || c.IsPendingExtShared, Direct: c.IsIM || c.IsMpIM,
	}
}

// Channels are the channels that the bot is in. A bot can post nowhere else, and
// listing them costs little however many channels a workspace has. Events keep
// them right; should one be lost, the list is wrong for channelsEvery at most.
// Safe for concurrent use.
type Channels struct {
	api  *slack.Client
	pins Pins
	log  *slog.Logger

	pinning sync.Mutex        // held while a name is looked up and remembered
	moved   map[string]string // guarded by pinning: the names that others bear now, with their ids, as the log says

	mu      sync.Mutex
	byID    map[string]Channel
	byName  map[string]Channel
	changes int // how many events told of a change

	asking chan struct{} // holds one: who reads the list
	read   time.Time     // guarded by asking
}

// NewChannels makes an empty list. Refresh fills it. Which channel bears a name is
// remembered by pins; nil: it is not.
func NewChannels(api *slack.Client, pins Pins, log *slog.Logger) *Channels {
	return &Channels{
		api: api, pins: pins, log: log, asking: make(chan struct{}, 1),
		byID: map[string]Channel{}, byName: map[string]Channel{},
		moved: map[string]string{},
	}
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
			list = append(list, channelOf(c))
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

// put takes in what a channel is. The caller holds the lock.
func (cs *Channels) put(c Channel) {
	cs.remove(c.ID)
	cs.byID[c.ID], cs.byName[c.Name] = c, c
}

// remove forgets a channel; its name may be another one's already. The caller
// holds the lock.
func (cs *Channels) remove(id string) {
	cs.changes++
	if old := cs.byID[id]; cs.byName[old.Name].ID == id {
		delete(cs.byName, old.Name)
	}
	delete(cs.byID, id)
}

// Renamed takes in that a channel has another name.
func (cs *Channels) Renamed(id, name string) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if c, ok := cs.byID[id]; ok {
		c.Name = name
		cs.put(c)
	}
}

// Left takes in that the bot is in a channel no more, or that nobody is.
func (cs *Channels) Left(id string) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if _, ok := cs.byID[id]; ok {
		cs.remove(id)
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
