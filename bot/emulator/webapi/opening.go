package webapi

import (
	"github.com/stationmaster/stationmaster/bot/emulator/workspace"
)

// run is what a method does.
type run func(*call) (obj, *Failure)

// How methods open: each of these does what follows it under the workspace's lock, with what the call is about.

// locked does it with nothing but the lock.
func locked(do run) run {
	return func(c *call) (obj, *Failure) {
		c.ws.Lock()
		defer c.ws.Unlock()
		return do(c)
	}
}

// withChannel does it with the channel that find finds; the app needs one of the scopes, if any are named, for a channel of
// that kind: "read" is channels:read, groups:read, im:read or mpim:read.
func withChannel(find func(*call) (*workspace.Conversation, *Failure), do func(*call, *workspace.Conversation) (obj, *Failure), scopes ...string) run {
	return locked(func(c *call) (obj, *Failure) {
		ch, ref := find(c)
		if ref == nil && len(scopes) > 0 {
			ref = c.scope(ch, scopes...)
		}
		if ref != nil {
			return nil, ref
		}
		return do(c, ch)
	})
}

// withMessage does it with the message that channel and timestamp name.
func withMessage(do func(*call, *workspace.Conversation, *workspace.Message) (obj, *Failure)) run {
	return locked(func(c *call) (obj, *Failure) {
		if c.Str("timestamp") == "" {
			return nil, refuse("no_item_specified")
		}
		ch, ref := c.readableChannel()
		if ref != nil {
			return nil, ref
		}
		m := ch.Message(c.Str("timestamp"))
		if m == nil {
			return nil, refuse("message_not_found")
		}
		return do(c, ch, m)
	})
}

// The channels that calls are about. The caller of each holds the workspace's lock.

// knownChannel finds a conversation that the app may know of.
func (c *call) knownChannel() (*workspace.Conversation, *Failure) {
	ch := c.ws.Channel(c.Str("channel"))
	if ch == nil || ch.ID != c.Str("channel") || ch.Kind() != workspace.PublicChannel && !ch.Has(c.cfg.App.BotUserID) {
		return nil, refuse("channel_not_found")
	}
	return ch, nil
}

// readableChannel finds a conversation whose messages the app may read.
func (c *call) readableChannel() (*workspace.Conversation, *Failure) {
	ch, ref := c.knownChannel()
	if ref == nil && !ch.Has(c.cfg.App.BotUserID) {
		ref = refuse("not_in_channel")
	}
	return ch, ref
}

// namedChannel finds a channel, and no direct message.
func (c *call) namedChannel() (*workspace.Conversation, *Failure) {
	ch, ref := c.knownChannel()
	if ref == nil && (ch.Kind() == workspace.DirectIM || ch.Kind() == workspace.GroupIM) {
		ref = refuse("method_not_supported_for_channel_type")
	}
	return ch, ref
}

// directChannel finds a direct message, with one person or several.
func (c *call) directChannel() (*workspace.Conversation, *Failure) {
	ch, ref := c.knownChannel()
	if ref == nil && ch.Kind() != workspace.DirectIM && ch.Kind() != workspace.GroupIM {
		ref = refuse("method_not_supported_for_channel_type")
	}
	return ch, ref
}

// changeableChannel finds a channel that the app may change: it is in it, and the channel is in use.
func (c *call) changeableChannel() (*workspace.Conversation, *Failure) {
	ch, ref := c.namedChannel()
	switch {
	case ref != nil:
	case !ch.Has(c.cfg.App.BotUserID):
		ref = refuse("not_in_channel")
	case ch.Archived:
		ref = refuse("is_archived")
	}
	return ch, ref
}

// bookmarkedChannel finds the channel whose bookmarks a call is about.
func (c *call) bookmarkedChannel() (*workspace.Conversation, *Failure) {
	ch := c.ws.Channel(c.Str("channel_id"))
	if ch == nil || ch.ID != c.Str("channel_id") || !ch.Has(c.cfg.App.BotUserID) {
		return nil, refuse("channel_not_found")
	}
	return ch, nil
}
