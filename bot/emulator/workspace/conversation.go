package workspace

import (
	"slices"
	"sort"
)

// Conversation is a channel, or a direct message between two or several.
type Conversation struct {
	ID, Name      string
	Private       bool
	Archived      bool
	Shared        bool   // with another organization
	Restricted    string // the word that posts are refused with
	DirectWith    string // the person's id in a direct message with the app
	betweenPeople bool   // a direct message between two people
	GroupMessage  bool   // a direct message of several people
	Created       int64
	Creator       string
	Topic         Note
	Purpose       Note
	PreviousNames []string // names that it had
	Members       []string
	Messages      []*Message // by ts, replies among them
	Threads       map[string][]string
	Unread        map[string]int
	Read          map[string]string // by user id, the ts up to which they have read
	Pins          []Pin
	Bookmarks     []obj
}

// Note is a channel's topic or purpose.
type Note struct {
	Value   string `json:"value"`
	Creator string `json:"creator"`
	LastSet int64  `json:"last_set"`
}

// The kinds of conversations, as Slack's types argument names them.
const (
	PublicChannel  = "public_channel"
	PrivateChannel = "private_channel"
	DirectIM       = "im"
	GroupIM        = "mpim"
)

// Pin is one message that is pinned to its channel.
type Pin struct {
	TS, By string // the message, and who pinned it
	At     int64
}

// among says whether a conversation is the direct or group message of just these members.
func (c *Conversation) among(members []string) bool {
	return (c.Kind() == DirectIM || c.Kind() == GroupIM) &&
		slices.Equal(slices.Sorted(slices.Values(c.Members)), slices.Sorted(slices.Values(members)))
}

// eventName makes a name like channel_join or, for private channels, group_join.
func (c *Conversation) eventName(what string) string {
	if c.Private {
		return "group_" + what
	}
	return "channel_" + what
}

// kindLetter is how events name a kind of channel.
func kindLetter(ch *Conversation) string {
	if ch.Private {
		return "G"
	}
	return "C"
}

// Pinned says whether a message is pinned.
func (c *Conversation) Pinned(ts string) bool {
	return slices.ContainsFunc(c.Pins, func(p Pin) bool { return p.TS == ts })
}

// PayloadName is how payloads name a conversation to an app.
func (c *Conversation) PayloadName() string {
	switch {
	case c.Kind() == DirectIM:
		return "directmessage"
	case c.Private:
		return "privategroup"
	}
	return c.Name
}

// Kind is one of the kinds above.
func (c *Conversation) Kind() string {
	switch {
	case c.DirectWith != "" || c.betweenPeople:
		return DirectIM
	case c.GroupMessage:
		return GroupIM
	case c.Private:
		return PrivateChannel
	}
	return PublicChannel
}

// Scope names a scope for this kind of conversation, such as groups:read.
func (c *Conversation) Scope(of string) string {
	return map[string]string{PublicChannel: "channels", PrivateChannel: "groups", DirectIM: "im", GroupIM: "mpim"}[c.Kind()] +
		":" + of
}

// Has says whether somebody is in the conversation.
func (c *Conversation) Has(userID string) bool { return slices.Contains(c.Members, userID) }

// Visible says whether a person may read the conversation.
func (c *Conversation) Visible(userID string) bool {
	return c.Has(userID) || c.DirectWith == "" && !c.Private
}

func (c *Conversation) index(ts string) (int, bool) {
	i := sort.Search(len(c.Messages), func(i int) bool { return c.Messages[i].TS >= ts })
	return i, i < len(c.Messages) && c.Messages[i].TS == ts
}

// Message finds a message by its timestamp; nil when there is none.
func (c *Conversation) Message(ts string) *Message {
	if i, ok := c.index(ts); ok {
		return c.Messages[i]
	}
	return nil
}

func (c *Conversation) replace(m *Message) {
	if i, ok := c.index(m.TS); ok {
		c.Messages[i] = m
	}
}
