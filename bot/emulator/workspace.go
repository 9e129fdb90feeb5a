package emulator

import (
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"
)

// workspace holds people, channels and messages under one lock.
// A *Message in it is never written to again: an edit replaces it by a changed copy, so readers may keep theirs.
type workspace struct {
	cfg    Config
	hub    *hub
	events *events
	views  *views
	files  *files
	trig   *triggers
	urls   *responseURLs
	work   *crew // what outlives the call that began it

	sync.Mutex // guards what follows
	users      []*user
	channels   []*channel
	groups     []*group
	ephemerals map[string][]*Message // by user id, oldest first
	lastTS     int64                 // microseconds
	ids        int
	changed    chan struct{}  // closed and replaced at every change
	chosen     map[string]obj // what people chose in messages, by user id and ts
	scheduled  []*scheduled
	functions  map[string]*execution
}

type user struct {
	User
	bot, deleted, away bool
	updated            int64
	rest, woken        int64 // from when to when they do not want to be disturbed, as Unix times
}

type channel struct {
	id, name   string
	private    bool
	archived   bool
	restricted string // the word that posts are refused with
	im         string // the person's id in a direct message with the app
	pair       bool   // a direct message between two people
	group      bool   // a direct message of several people
	created    int64
	creator    string
	topic      note
	purpose    note
	previous   []string // names that it had
	members    []string
	messages   []*Message // by ts, replies among them
	threads    map[string][]string
	unread     map[string]int
	read       map[string]string // by user id, the ts up to which they have read
	pins       []pin
	bookmarks  []obj
}

// note is a channel's topic or purpose.
type note struct {
	Value   string `json:"value"`
	Creator string `json:"creator"`
	LastSet int64  `json:"last_set"`
}

// The kinds of conversations, as Slack's types argument names them.
const (
	publicChannel  = "public_channel"
	privateChannel = "private_channel"
	directIM       = "im"
	groupIM        = "mpim"
)

func (c *channel) kind() string {
	switch {
	case c.im != "" || c.pair:
		return directIM
	case c.group:
		return groupIM
	case c.private:
		return privateChannel
	}
	return publicChannel
}

// scope names a scope for this kind of conversation, such as groups:read.
func (c *channel) scope(of string) string {
	return map[string]string{publicChannel: "channels", privateChannel: "groups", directIM: "im", groupIM: "mpim"}[c.kind()] +
		":" + of
}

const slackbotID = "USLACKBOT"

func newWorkspace(cfg Config) *workspace {
	w := &workspace{cfg: cfg, hub: &hub{}, work: newCrew(),
		trig:       &triggers{life: cfg.Timing.Trigger, byID: map[string]*trigger{}},
		urls:       &responseURLs{life: cfg.Timing.ResponseURL, byID: map[string]*responseURL{}},
		ephemerals: map[string][]*Message{},
		changed:    make(chan struct{}), chosen: map[string]obj{}, functions: map[string]*execution{}}
	w.events, w.views, w.files = &events{cfg: cfg, ws: w}, newViews(w), &files{ws: w, byID: map[string]*upload{}}
	w.users = append(w.users,
		&user{User: User{ID: cfg.App.BotUserID, Name: cfg.App.BotName, RealName: cfg.App.Name, TZ: "Etc/UTC"}, bot: true},
		&user{User: User{ID: slackbotID, Name: "slackbot", RealName: "Slackbot", TZ: "Etc/UTC"}, bot: true})
	for _, u := range cfg.Users {
		w.addUser(u)
	}
	for _, g := range cfg.UserGroups {
		w.addGroup(g)
	}
	for _, c := range cfg.Channels {
		w.channels = append(w.channels, w.newChannel(c))
	}
	return w
}

// addUser takes a person into the workspace.
func (w *workspace) addUser(u User) *user {
	if u.ID == "" {
		u.ID = idFor("U", u.Name)
	}
	if u.RealName == "" {
		u.RealName = u.Name
	}
	if u.TZ == "" {
		u.TZ = "Etc/UTC"
	}
	w.users = append(w.users, &user{User: u})
	return w.users[len(w.users)-1]
}

func (w *workspace) newChannel(c Channel) *channel {
	ch := emptyChannel(c.ID)
	ch.name, ch.private, ch.archived, ch.restricted = strings.TrimPrefix(c.Name, "#"), c.Private, c.Archived, c.Restricted
	if ch.id == "" {
		ch.id = idFor("C", ch.name)
	}
	if c.Members == nil {
		for _, u := range w.users {
			if !u.bot {
				ch.members = append(ch.members, u.ID)
			}
		}
	} else {
		ch.members = w.userIDs(c.Members)
	}
	bot := w.cfg.App.BotUserID
	if !c.WithoutBot && !slices.Contains(ch.members, bot) {
		ch.members = append(ch.members, bot)
	}
	return ch
}

func emptyChannel(id string) *channel {
	return &channel{id: id, created: time.Now().Unix(), threads: map[string][]string{}, unread: map[string]int{},
		read: map[string]string{}}
}

func (w *workspace) userIDs(names []string) []string {
	ids := make([]string, 0, len(names))
	for _, n := range names {
		if u := w.user(n); u != nil {
			n = u.ID
		}
		ids = append(ids, n)
	}
	return ids
}

// user finds a person or bot by id or name; nil when there is none.
func (w *workspace) user(key string) *user {
	key = strings.TrimPrefix(key, "@")
	for _, u := range w.users {
		if u.ID == key || u.Name == key {
			return u
		}
	}
	return nil
}

// channel finds a conversation by id or name, with or without the leading #; nil when there is none.
func (w *workspace) channel(key string) *channel {
	key = strings.TrimPrefix(key, "#")
	for _, c := range w.channels {
		if c.id == key || c.name == key && c.kind() != directIM {
			return c
		}
	}
	return nil
}

// directMessage is the conversation between the app and a person, opened when it is not there yet.
func (w *workspace) directMessage(userID string) (ch *channel, opened bool) {
	for _, c := range w.channels {
		if c.im == userID {
			return c, false
		}
	}
	ch = emptyChannel(idFor("D", userID))
	ch.im, ch.members = userID, []string{userID, w.cfg.App.BotUserID}
	w.channels = append(w.channels, ch)
	return ch, true
}

// botProfile is how messages name the app.
func (w *workspace) botProfile() *BotProfile {
	a := w.cfg.App
	return &BotProfile{ID: a.BotID, AppID: a.ID, Name: a.Name, TeamID: w.cfg.Team.ID}
}

// nextTS gives a timestamp that is later than every one before.
func (w *workspace) nextTS() string {
	w.lastTS = max(time.Now().UnixMicro(), w.lastTS+1)
	return fmt.Sprintf("%d.%06d", w.lastTS/1e6, w.lastTS%1e6)
}

// nextID gives an id such as V0000001.
func (w *workspace) nextID(prefix string) string {
	w.ids++
	return fmt.Sprintf("%s%07d", prefix, w.ids)
}

// touch wakes whoever waits for a change.
func (w *workspace) touch() {
	close(w.changed)
	w.changed = make(chan struct{})
}

func (c *channel) has(userID string) bool { return slices.Contains(c.members, userID) }

// visible says whether a person may read the conversation.
func (c *channel) visible(userID string) bool {
	return c.has(userID) || c.im == "" && !c.private
}

func (c *channel) index(ts string) (int, bool) {
	i := sort.Search(len(c.messages), func(i int) bool { return c.messages[i].TS >= ts })
	return i, i < len(c.messages) && c.messages[i].TS == ts
}

func (c *channel) message(ts string) *Message {
	if i, ok := c.index(ts); ok {
		return c.messages[i]
	}
	return nil
}

func (c *channel) replace(m *Message) {
	if i, ok := c.index(m.TS); ok {
		c.messages[i] = m
	}
}

// micros reads a Slack timestamp or a plain Unix time, as oldest and latest take them.
func micros(ts string) (int64, bool) {
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
