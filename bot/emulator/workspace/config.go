package workspace

import (
	"encoding/json"
	"slices"
	"strconv"
	"time"
)

// AnyScope says whether one of the needed scopes, if any are needed, was granted.
func AnyScope(needed, granted []string) bool {
	return len(needed) == 0 || slices.ContainsFunc(needed, func(n string) bool { return slices.Contains(granted, n) })
}

// Sent is what the app has sent: a call of a Web API method with its arguments, or, with the method "ack", an
// acknowledgement with its envelope_id and payload.
type Sent struct {
	Method string
	Args   map[string]json.RawMessage
}

// ReportSent tells whoever wants to know.
func ReportSent(cfg Config, method string, a map[string]json.RawMessage) {
	if cfg.Sent != nil {
		cfg.Sent(Sent{Method: method, Args: a})
	}
}

// Config describes the workspace, its people and the installed app.
// Wherever a field names a user or channel, the name or the id will do; empty ids are made from the name.
type Config struct {
	Team Team
	App  App
	// Others are further apps in the same workspace. People use the commands, shortcuts and the Home tab of App alone.
	Others     []App
	Users      []User
	UserGroups []UserGroup
	Channels   []Channel
	Commands   []Command

	// RateLimits turns on Slack's limits per method, and of about one post a second per channel; see Server.SetLimits.
	RateLimits bool
	// Sent, where it is set, is told of everything that the app sends, before it is looked at. It must return at once,
	// and may be called by several goroutines.
	Sent func(Sent)
	// Timing shortens Slack's delays for tests. The zero value is Slack's own timing.
	Timing Timing
}

// Team is the workspace.
type Team struct {
	ID, Name, Domain string
	// Enterprise is the id of the organization that the workspace belongs to (Enterprise Grid). Empty: to none.
	Enterprise string
	// EditWindow is how long messages may be edited (edit_window_closed after that). Zero: for ever.
	EditWindow time.Duration
	// WithoutBlocks are types of blocks that this workspace does not take in messages: Slack brings new ones to one
	// workspace after the other.
	WithoutBlocks []string
	// ClockAhead is how far Slack's clock is ahead of this machine's; below zero it is behind.
	ClockAhead time.Duration
	// Emoji are the workspace's own, by name: an address, or alias:NAME.
	Emoji map[string]string
}

// User is a person. Name is the handle, which is unique among those of one workspace; DisplayName is what they want to be
// called and often empty.
type User struct {
	ID, Name, DisplayName, RealName, Email, TZ string
	// Team is the id of the workspace that they are of, where that is another one; they are seen here by a shared channel.
	Team string
	// Enterprise is the id of the organization that their workspace belongs to (Enterprise Grid), and Teams are its
	// workspaces that they are in.
	Enterprise string
	Teams      []string
	// Guest: they see some channels alone; GuestOfOne: a single one.
	Guest, GuestOfOne bool
}

// UserGroup is a group that can be mentioned by its handle. Name is what people read; empty, it is the handle.
type UserGroup struct {
	ID, Handle        string
	Name, Description string
	Members           []string
}

// Channel is a conversation. Members nil means everybody.
type Channel struct {
	ID, Name string
	Members  []string
	// Private channels do not exist for an app that is not in them.
	Private  bool
	Archived bool
	// Shared channels are connected with another organization.
	Shared bool
	// WithoutBot leaves the app's bot user out of the channel.
	WithoutBot bool
	// Restricted is the word that an app's posts are refused with, such as restricted_action or
	// restricted_action_read_only_channel. Empty: they are taken.
	Restricted string
}

// Command is a slash command that the app registered.
type Command struct {
	// Name begins with a slash.
	Name                   string
	Description, UsageHint string
	// Escape turns @name and #channel, typed by a person, into <@U…|name> and <#C…|name>
	// (should_escape in a manifest).
	Escape bool
}

// Timing holds the delays that Slack imposes. Zero fields take Slack's values.
type Timing struct {
	Ack         time.Duration   // how long an envelope may stay unacknowledged; 3 s
	Trigger     time.Duration   // life of a trigger_id; 3 s
	ResponseURL time.Duration   // life of a response_url; 30 min
	Ping        time.Duration   // between WebSocket pings; 10 s
	Connection  time.Duration   // life of a socket; 18060 s, or 360 s with debug_reconnects=true
	Refresh     time.Duration   // from the disconnect message to the end of the socket; 10 s
	EventRetry  []time.Duration // delays before an unacknowledged event comes again; at once, 1 min, 5 min
}

func (t Timing) withDefaults() Timing {
	def := func(d *time.Duration, v time.Duration) {
		if *d <= 0 {
			*d = v
		}
	}
	def(&t.Ack, 3*time.Second)
	def(&t.Trigger, 3*time.Second)
	def(&t.ResponseURL, 30*time.Minute)
	def(&t.Ping, 10*time.Second)
	def(&t.Refresh, 10*time.Second)
	if t.EventRetry == nil {
		t.EventRetry = []time.Duration{0, time.Minute, 5 * time.Minute}
	}
	return t
}

// withDefaults fills what New needs. The default tokens open nothing but this emulator.
func (c Config) withDefaults() Config {
	def := func(s *string, v string) {
		if *s == "" {
			*s = v
		}
	}
	def(&c.Team.ID, "T0LOCAL")
	def(&c.Team.Name, "Local")
	def(&c.Team.Domain, "local")
	c.App = c.App.withDefaults("App", 0)
	c.Others = slices.Clone(c.Others)
	for i, a := range c.Others {
		c.Others[i] = a.withDefaults("App"+strconv.Itoa(i+1), i+1)
	}
	c.Timing = c.Timing.withDefaults()
	return c
}

// Shortcut is one that the app registered (features.shortcuts in a manifest).
type Shortcut struct {
	Name, CallbackID, Description string
	// Message shortcuts are in the ⋮ menu of every message; the others, global ones, are in the ⚡ menu.
	Message bool
}
