package workspace

import (
	"sync"

	"github.com/stationmaster/stationmaster/bot/emulator/background"
)

// Workspace holds people, channels and messages under one lock. Where several locks are taken, the views' or the files'
// comes first, and the workspace's after it.
// A *Message in it is never written to again: an edit replaces it by a changed copy, so readers may keep theirs.
type Workspace struct {
	Config       Config
	Feed         *Feed   // what the pages are told
	Events       *Events // what the app is told
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
	Functions  map[string]*Execution // by id
}

// New makes a workspace as cfg describes it. Its events reach nobody before Events.OnSend.
func New(cfg Config) *Workspace {
	cfg = cfg.withDefaults()
	w := &Workspace{Config: cfg, Feed: &Feed{}, Background: background.New(),
		Triggers:     &Triggers{life: cfg.Timing.Trigger, byID: map[string]*Trigger{}},
		ResponseURLs: &ResponseURLs{life: cfg.Timing.ResponseURL, byID: map[string]*ResponseURL{}},
		Ephemerals:   map[string][]*Message{},
		changed:      make(chan struct{}), Chosen: map[string]obj{}, Functions: map[string]*Execution{}}
	w.Events, w.Views, w.Files = &Events{cfg: cfg, ws: w}, newViews(w), &Files{ws: w, ByID: map[string]*Upload{}}
	for _, a := range cfg.Apps() {
		w.Users = append(w.Users, &Account{User: User{ID: a.BotUserID, Name: a.BotName, RealName: a.Name, TZ: "Etc/UTC"}, Bot: true})
	}
	w.Users = append(w.Users, &Account{User: User{ID: SlackbotID, Name: "slackbot", RealName: "Slackbot", TZ: "Etc/UTC"}, Bot: true})
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

// BotProfileOf is how messages name an app.
func BotProfileOf(cfg Config, a App) *BotProfile {
	return &BotProfile{ID: a.BotID, AppID: a.ID, Name: a.Name, TeamID: cfg.Team.ID}
}

// Wake wakes whoever waits for a change.
func (w *Workspace) Wake() {
	close(w.changed)
	w.changed = make(chan struct{})
}
