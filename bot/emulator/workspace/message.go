package workspace

import (
	"context"
	"encoding/json"
	"time"
)

// Message is a message as Slack's history gives it. Ephemeral, Error and Channel are the emulator's own additions:
// Slack keeps no ephemeral messages, the page and the tests want to see them.
type Message struct {
	Type            string          `json:"type"`
	Subtype         string          `json:"subtype,omitempty"`
	TS              string          `json:"ts"`
	User            string          `json:"user,omitempty"`
	BotID           string          `json:"bot_id,omitempty"`
	AppID           string          `json:"app_id,omitempty"`
	BotProfile      *BotProfile     `json:"bot_profile,omitempty"`
	Username        string          `json:"username,omitempty"`
	Icons           *Icons          `json:"icons,omitempty"`
	ClientMsgID     string          `json:"client_msg_id,omitempty"`
	Inviter         string          `json:"inviter,omitempty"`
	StreamingState  string          `json:"streaming_state,omitempty"`
	Team            string          `json:"team,omitempty"`
	Text            string          `json:"text"`
	Mrkdwn          *bool           `json:"mrkdwn,omitempty"` // false: the text has no markup; nil: as usual
	Blocks          json.RawMessage `json:"blocks,omitempty"`
	Attachments     json.RawMessage `json:"attachments,omitempty"`
	Metadata        *Metadata       `json:"metadata,omitempty"`
	Edited          *Edited         `json:"edited,omitempty"`
	ThreadTS        string          `json:"thread_ts,omitempty"`
	ParentUserID    string          `json:"parent_user_id,omitempty"`
	ReplyCount      int             `json:"reply_count,omitempty"`
	ReplyUsersCount int             `json:"reply_users_count,omitempty"`
	ReplyUsers      []string        `json:"reply_users,omitempty"`
	LatestReply     string          `json:"latest_reply,omitempty"`
	Reactions       []Reaction      `json:"reactions,omitempty"`
	Files           []File          `json:"files,omitempty"`
	Upload          bool            `json:"upload,omitempty"`

	Channel   string `json:"channel,omitempty"`
	Ephemeral bool   `json:"ephemeral,omitempty"`
	// Error is the name of the failure that a note by Slackbot tells of, such as operation_timeout.
	Error string `json:"error,omitempty"`

	// stream is what a streamed message is made of so far; nil for others.
	stream *Streamed
	// versions holds the blocks that edits have replaced, oldest first, for clicks on a stale screen.
	versions []json.RawMessage
}

// Age is how long before a time, by Slack's clock, a message was posted.
func (m *Message) Age(now time.Time) time.Duration {
	n, _ := Micros(m.TS)
	return now.Sub(time.UnixMicro(n))
}

// Replaced lists the blocks that edits have taken out of the message, the oldest first.
func (m *Message) Replaced() []json.RawMessage { return m.versions }

// Metadata is what an app attaches to a message for apps to read.
type Metadata struct {
	EventType    string         `json:"event_type"`
	EventPayload map[string]any `json:"event_payload"`
}

// Icons are what an app shows beside one message in the place of its own picture: an emoji with its colons, or an address.
type Icons struct {
	Emoji string `json:"emoji,omitempty"`
	Image string `json:"image_48,omitempty"`
}

// Edited says who changed a message last, and when.
type Edited struct {
	User string `json:"user"`
	TS   string `json:"ts"`
}

// Reaction is one emoji under a message.
type Reaction struct {
	Name  string   `json:"name"`
	Users []string `json:"users"`
	Count int      `json:"count"`
}

// BotProfile names the app behind a bot's message.
type BotProfile struct {
	ID     string `json:"id"`
	AppID  string `json:"app_id"`
	Name   string `json:"name"`
	TeamID string `json:"team_id"`
}

// Scheduled is a message that waits for its time.
type Scheduled struct {
	ID, Channel string
	At, Created int64
	Text        string
	Cancel      context.CancelFunc
}
