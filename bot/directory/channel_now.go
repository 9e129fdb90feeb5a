package directory

import (
	"context"
	"fmt"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/slackapi"
)

// Current returns a channel as it is now, and whether the bot is in it and it is
// not archived. An envelope says which name the channel has; "" where it says none.
// Slack is asked unless what is known says the same: the event that told of a change
// may be lost.
func (cs *Channels) Current(ctx context.Context, id, name string) (c Channel, in bool, err error) {
	cs.mu.Lock()
	c, in = cs.byID[id]
	cs.mu.Unlock()
	if in && name == c.Name {
		return c, true, nil
	}
	return cs.LookUp(ctx, id)
}

// LookUp asks Slack about one channel, and whether the bot is in it and it is not
// archived: it may have been invited just now.
func (cs *Channels) LookUp(ctx context.Context, id string) (c Channel, in bool, err error) {
	info, err := cs.api.GetConversationInfoContext(ctx, &slack.GetConversationInfoInput{ChannelID: id})
	if word, _ := slackapi.ErrorCode(err); word == "channel_not_found" {
		cs.Left(id)
		return Channel{ID: id}, false, nil // a private one that the bot is not in
	}
	if err != nil {
		return Channel{}, false, fmt.Errorf("ask about the channel %s: %w", id, err)
	}
	c = channelOf(*info)
	if in = info.IsMember && !c.Archived; !in || c.Direct {
		cs.Left(id)
		return c, in, nil
	}
	cs.mu.Lock()
	defer cs.mu.Unlock()
	cs.put(c)
	return c, true, nil
}

// A NameMoved says that a channel bears the name of another one, which bore it
// when it was seen first: whoever takes a freed name gets nothing by it.
type NameMoved struct{ Name, Was, Is string }

func (e *NameMoved) Error() string {
	return fmt.Sprintf("#%s is %s now, and was %s when it was seen first", e.Name, e.Is, e.Was)
}

// Hold remembers which channel bears a name, when that is seen first. Where another
// one bore it the error is a *NameMoved, whatever became of that: its id, in the
// configuration, is the only way to say that the new one is meant.
func (cs *Channels) Hold(ctx context.Context, c Channel) error {
	return cs.pin(ctx, c, func(was string) error {
		moved := &NameMoved{Name: c.Name, Was: was, Is: c.ID}
		if cs.moved[c.Name] != c.ID {
			cs.moved[c.Name] = c.ID
			cs.log.Error("a channel bears the name of another one, and counts for nothing", "err", moved)
		}
		return moved
	})
}

// Trust remembers a channel by its name, whichever bore it before: the configuration
// names its id.
func (cs *Channels) Trust(ctx context.Context, c Channel) error {
	return cs.pin(ctx, c, func(was string) error { return cs.pins.Pin(ctx, channelPin(c), was, c.ID) })
}

// channelPin is the name by which a channel is pinned. No handle begins like that.
func channelPin(c Channel) string { return "#" + c.Name }

// pin remembers a channel by its name, unless another one is.
func (cs *Channels) pin(ctx context.Context, c Channel, other func(was string) error) error {
	if cs.pins == nil {
		return nil
	}
	cs.pinning.Lock()
	defer cs.pinning.Unlock()
	all, err := cs.pins.Pins(ctx)
	if err != nil {
		return fmt.Errorf("find out which channel #%s was: %w", c.Name, err)
	}
	switch was := all[channelPin(c)]; was {
	case "":
		cs.log.Info("a channel is remembered by its name", "channel", c.Name, "id", c.ID)
		return cs.pins.Pin(ctx, channelPin(c), "", c.ID)
	case c.ID:
		return nil
	default:
		return other(was)
	}
}
