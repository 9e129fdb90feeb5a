package workspace

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/stationmaster/stationmaster/bot/emulator/background"
)

// Workspace holds people, channels and messages under one lock.
// A *Message in it is never written to again: an edit replaces it by a changed copy, so readers may keep theirs.
type Workspace struct {
	Config       Config
	Feed         *Feed
	Events       *Events
	Views        *Views
	Files        *Files
	Triggers     *Triggers
	ResponseURLs *ResponseURLs
	Background   *background.Group // what outlives the call that began it

	sync.Mutex // guards what follows
	Users      []*Account
	Channels   []*Conversation
	Groups     []*Group
	Ephemerals map[string][]*Message // by user id, oldest first
	lastTS     int64                 // microseconds
	ids        int
	changed    chan struct{}  // closed and replaced at every change
	Chosen     map[string]obj // what people chose in messages, by user id and ts
	Scheduled  []*Scheduled
	Functions  map[string]*execution
}

type Account struct {
	User
	Bot, Deleted, Away        bool
	updated                   int64
	snoozedFrom, snoozedUntil int64 // from when to when they do not want to be disturbed, as Unix times
}

const SlackbotID = "USLACKBOT"

func New(cfg Config) *Workspace {
	cfg = cfg.withDefaults()
	w := &Workspace{Config: cfg, Feed: &Feed{}, Background: background.New(),
		Triggers:     &Triggers{life: cfg.Timing.Trigger, byID: map[string]*Trigger{}},
		ResponseURLs: &ResponseURLs{life: cfg.Timing.ResponseURL, byID: map[string]*ResponseURL{}},
		Ephemerals:   map[string][]*Message{},
		changed:      make(chan struct{}), Chosen: map[string]obj{}, Functions: map[string]*execution{}}
	w.Events, w.Views, w.Files = &Events{cfg: cfg, ws: w}, newViews(w), &Files{ws: w, ByID: map[string]*Upload{}}
	w.Users = append(w.Users,
		&Account{User: User{ID: cfg.App.BotUserID, Name: cfg.App.BotName, RealName: cfg.App.Name, TZ: "Etc/UTC"}, Bot: true},
		&Account{User: User{ID: SlackbotID, Name: "slackbot", RealName: "Slackbot", TZ: "Etc/UTC"}, Bot: true})
	for _, u := range cfg.Users {
		w.addUser(u)
	}
	for _, g := range cfg.UserGroups {
		w.addGroup(g)
	}
	for _, c := range cfg.Channels {
		w.Channels = append(w.Channels, w.NewChannel(c))
	}
	return w
}

// addUser takes a person into the workspace.
func (w *Workspace) addUser(u User) *Account {
	if u.ID == "" {
		u.ID = idFor("U", u.Name)
	}
	if u.RealName == "" {
		u.RealName = u.Name
	}
	if u.TZ == "" {
		u.TZ = "Etc/UTC"
	}
	w.Users = append(w.Users, &Account{User: u})
	return w.Users[len(w.Users)-1]
}

func (w *Workspace) NewChannel(c Channel) *Conversation {
	ch := emptyChannel(c.ID)
	ch.Name, ch.Private, ch.Archived, ch.Restricted = strings.TrimPrefix(c.Name, "#"), c.Private, c.Archived, c.Restricted
	if ch.ID == "" {
		ch.ID = idFor("C", ch.Name)
	}
	if c.Members == nil {
		for _, u := range w.Users {
			if !u.Bot {
				ch.Members = append(ch.Members, u.ID)
			}
		}
	} else {
		ch.Members = w.userIDs(c.Members)
	}
	bot := w.Config.App.BotUserID
	if !c.WithoutBot && !slices.Contains(ch.Members, bot) {
		ch.Members = append(ch.Members, bot)
	}
	return ch
}

func (w *Workspace) userIDs(names []string) []string {
	ids := make([]string, 0, len(names))
	for _, n := range names {
		if u := w.User(n); u != nil {
			n = u.ID
		}
		ids = append(ids, n)
	}
	return ids
}

// User finds a person or bot by id or name; nil when there is none.
func (w *Workspace) User(key string) *Account {
	key = strings.TrimPrefix(key, "@")
	for _, u := range w.Users {
		if u.ID == key || u.Name == key {
			return u
		}
	}
	return nil
}

// Channel finds a conversation by id or name, with or without the leading #; nil when there is none.
func (w *Workspace) Channel(key string) *Conversation {
	key = strings.TrimPrefix(key, "#")
	for _, c := range w.Channels {
		if c.ID == key || c.Name == key && c.Kind() != DirectIM {
			return c
		}
	}
	return nil
}

// DirectMessage is the conversation between the app and a person, opened when it is not there yet.
func (w *Workspace) DirectMessage(userID string) (ch *Conversation, opened bool) {
	for _, c := range w.Channels {
		if c.DirectWith == userID {
			return c, false
		}
	}
	ch = emptyChannel(idFor("D", userID))
	ch.DirectWith, ch.Members = userID, []string{userID, w.Config.App.BotUserID}
	w.Channels = append(w.Channels, ch)
	return ch, true
}

// BotProfile is how messages name the app.
func (w *Workspace) BotProfile() *BotProfile {
	a := w.Config.App
	return &BotProfile{ID: a.BotID, AppID: a.ID, Name: a.Name, TeamID: w.Config.Team.ID}
}

// NextTS gives a timestamp that is later than every one before.
func (w *Workspace) NextTS() string {
	w.lastTS = max(time.Now().UnixMicro(), w.lastTS+1)
	return fmt.Sprintf("%d.%06d", w.lastTS/1e6, w.lastTS%1e6)
}

// NextID gives an id such as V0000001.
func (w *Workspace) NextID(prefix string) string {
	w.ids++
	return fmt.Sprintf("%s%07d", prefix, w.ids)
}

// Wake wakes whoever waits for a change.
func (w *Workspace) Wake() {
	close(w.changed)
	w.changed = make(chan struct{})
}

// Micros reads a Slack timestamp or a plain Unix time, as oldest and latest take them.
func Micros(ts string) (int64, bool) {
	sec, frac, _ := strings.Cut(ts, ".")
	s, err := strconv.ParseInt(sec, 10, 64)
	if err != nil || s < 0 {
		return 0, false
	}
	if len(frac) > 6 {
		frac = frac[:6]
	}
	var f int64
	if frac != "" {
		if f, err = strconv.ParseInt(frac+strings.Repeat("0", 6-len(frac)), 10, 64); err != nil {
			return 0, false
		}
	}
	return s*1e6 + f, true
}
