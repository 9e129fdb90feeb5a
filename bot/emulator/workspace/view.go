package workspace

import (
	"crypto/rand"
	"slices"
	"strings"
	"sync"

	"github.com/stationmaster/stationmaster/bot/emulator/blockkit"
	"github.com/stationmaster/stationmaster/bot/emulator/jsonvalue"
)

// View is a modal or a home tab as Slack gives it, with the values typed so far under state.
type View map[string]any

// Views holds what people have open: a stack of modals each, and their home tab.
type Views struct {
	ws         *Workspace
	sync.Mutex // guards what follows
	Stacks     map[string][]*OpenView
	Homes      map[string]*OpenView
}

// OpenView is one modal or home tab.
type OpenView struct {
	ID, Hash       string
	User           string
	App            string // the id of the app that opened it; "" is the first one
	Channel        string // where the interaction began
	Root, previous string
	Body           obj // as the app sent it, with ids
	State          obj
}

// StackMax is how many modals lie on each other at most.
const StackMax = 3

func newViews(ws *Workspace) *Views {
	return &Views{ws: ws, Stacks: map[string][]*OpenView{}, Homes: map[string]*OpenView{}}
}

func newHash() string { return "1." + strings.ToLower(rand.Text()[:8]) }

// Render is the view as it goes over the wire. The caller holds the views' lock.
func (vs *Views) Render(v *OpenView) View {
	app := vs.ws.Config.AppOf(v.App)
	out := View{"id": v.ID, "team_id": vs.ws.Config.Team.ID, "app_id": app.ID, "bot_id": app.BotID,
		"app_installed_team_id": vs.ws.Config.Team.ID, "hash": v.Hash, "root_view_id": v.Root,
		"previous_view_id": nil, "state": obj{"values": jsonvalue.Clone(v.State)}, "private_metadata": "",
		"callback_id": "", "external_id": "", "clear_on_close": false, "notify_on_close": false,
		"title": nil, "close": nil, "submit": nil}
	if v.previous != "" {
		out["previous_view_id"] = v.previous
	}
	for k, x := range v.Body {
		out[k] = jsonvalue.Clone(x)
	}
	return out
}

// Blocks are the view's blocks.
func (v *OpenView) Blocks() []any { l, _ := v.Body["blocks"].([]any); return l }

// Replace gives a view a new body. Values typed into inputs that are still there stay, as in Slack.
func (v *OpenView) Replace(body obj) {
	old := v.State
	v.Body, v.Hash = body, newHash()
	v.State = blockkit.InitialState(v.Blocks(), v.Channel)
	blockkit.Overlay(v.State, old)
}

// Find finds a view by its id; nil when it is not open.
func (vs *Views) Find(id string) *OpenView {
	for _, stack := range vs.Stacks {
		for _, v := range stack {
			if v.ID == id {
				return v
			}
		}
	}
	for _, v := range vs.Homes {
		if v.ID == id {
			return v
		}
	}
	return nil
}

// FindExternal finds a view by the id that the app gave it, which is unique in the workspace.
func (vs *Views) FindExternal(id string) *OpenView {
	if id == "" {
		return nil
	}
	for _, stack := range vs.Stacks {
		for _, v := range stack {
			if jsonvalue.AsString(v.Body["external_id"]) == id {
				return v
			}
		}
	}
	for _, v := range vs.Homes {
		if jsonvalue.AsString(v.Body["external_id"]) == id {
			return v
		}
	}
	return nil
}

// ExternalIDTaken says whether another view than v has the external_id of a body.
func (vs *Views) ExternalIDTaken(body obj, v *OpenView) bool {
	x := vs.FindExternal(jsonvalue.AsString(body["external_id"]))
	return x != nil && x != v
}

// top is the modal a person sees; nil when none is open.
func (vs *Views) top(userID string) *OpenView {
	if st := vs.Stacks[userID]; len(st) > 0 {
		return st[len(st)-1]
	}
	return nil
}

// Close takes a modal away, and whatever lies on it; all takes the whole stack.
func (vs *Views) Close(v *OpenView, all bool) (closed []*OpenView) {
	st := vs.Stacks[v.User]
	i := slices.Index(st, v)
	if i < 0 {
		return nil
	}
	if all {
		i = 0
	}
	closed = slices.Clone(st[i:])
	if i == 0 {
		delete(vs.Stacks, v.User)
	} else {
		vs.Stacks[v.User] = slices.Clone(st[:i])
	}
	return closed
}

// Show makes a modal of an app the one that a person sees. The caller holds the views' lock.
func (vs *Views) Show(userID, app, channel string, body obj, push bool) *OpenView {
	vs.ws.Lock()
	id := vs.ws.NextID("V")
	vs.ws.Unlock()
	v := &OpenView{ID: id, Hash: newHash(), User: userID, App: app, Channel: channel, Root: id, Body: body}
	v.State = blockkit.InitialState(v.Blocks(), v.Channel)
	if top := vs.top(userID); push && top != nil {
		v.Root, v.previous = top.Root, top.ID
		vs.Stacks[userID] = append(slices.Clone(vs.Stacks[userID]), v)
	} else {
		for _, old := range vs.Stacks[userID] {
			vs.Announce("view_closed", old)
		}
		vs.Stacks[userID] = []*OpenView{v}
	}
	vs.Announce("view_opened", v)
	return v
}

// Announce tells the person's pages what has become of a view. The caller holds the views' lock.
func (vs *Views) Announce(kind string, v *OpenView) {
	vs.ws.Feed.ToUser(v.User, obj{"type": kind, "view": vs.Render(v)})
	vs.ws.Lock()
	vs.ws.Wake()
	vs.ws.Unlock()
}
