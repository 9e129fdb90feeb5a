package emulator

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

// views holds what people have open: a stack of modals each, and their home tab.
type views struct {
	ws         *workspace
	sync.Mutex // guards what follows
	stacks     map[string][]*view
	homes      map[string]*view
}

// view is one modal or home tab.
type view struct {
	id, hash       string
	user           string
	channel        string // where the interaction began
	root, previous string
	body           obj // as the app sent it, with ids
	state          obj
}

const maxStack = 3

func newViews(ws *workspace) *views {
	return &views{ws: ws, stacks: map[string][]*view{}, homes: map[string]*view{}}
}

func newHash() string { return "1." + strings.ToLower(rand.Text()[:8]) }

// render is the view as it goes over the wire. The caller holds the views' lock.
func (vs *views) render(v *view) View {
	out := View{"id": v.id, "team_id": vs.ws.cfg.Team.ID, "app_id": vs.ws.cfg.App.ID, "bot_id": vs.ws.cfg.App.BotID,
		"app_installed_team_id": vs.ws.cfg.Team.ID, "hash": v.hash, "root_view_id": v.root,
		"previous_view_id": nil, "state": obj{"values": jsonvalue.Clone(v.state)}, "private_metadata": "",
		"callback_id": "", "external_id": "", "clear_on_close": false, "notify_on_close": false,
		"title": nil, "close": nil, "submit": nil}
	if v.previous != "" {
		out["previous_view_id"] = v.previous
	}
	for k, x := range v.body {
		out[k] = jsonvalue.Clone(x)
	}
	return out
}

func (v *view) blocks() []any { l, _ := v.body["blocks"].([]any); return l }

// replace gives a view a new body. Values typed into inputs that are still there stay, as in Slack.
func (v *view) replace(body obj) {
	old := v.state
	v.body, v.hash = body, newHash()
	v.state = blockkit.InitialState(v.blocks(), v.channel)
	blockkit.Overlay(v.state, old)
}

func (vs *views) find(id string) *view {
	for _, stack := range vs.stacks {
		for _, v := range stack {
			if v.id == id {
				return v
			}
		}
	}
	for _, v := range vs.homes {
		if v.id == id {
			return v
		}
	}
	return nil
}

// external finds a view by the id that the app gave it, which is unique in the workspace.
func (vs *views) external(id string) *view {
	if id == "" {
		return nil
	}
	for _, stack := range vs.stacks {
		for _, v := range stack {
			if jsonvalue.AsString(v.body["external_id"]) == id {
				return v
			}
		}
	}
	for _, v := range vs.homes {
		if jsonvalue.AsString(v.body["external_id"]) == id {
			return v
		}
	}
	return nil
}

// taken says whether another view than v has the external_id of a body.
func (vs *views) taken(body obj, v *view) bool {
	x := vs.external(jsonvalue.AsString(body["external_id"]))
	return x != nil && x != v
}

// top is the modal a person sees; nil when none is open.
func (vs *views) top(userID string) *view {
	if st := vs.stacks[userID]; len(st) > 0 {
		return st[len(st)-1]
	}
	return nil
}

// close takes a modal away, and whatever lies on it; all takes the whole stack.
func (vs *views) close(v *view, all bool) (closed []*view) {
	st := vs.stacks[v.user]
	i := slices.Index(st, v)
	if i < 0 {
		return nil
	}
	if all {
		i = 0
	}
	closed = slices.Clone(st[i:])
	if i == 0 {
		delete(vs.stacks, v.user)
	} else {
		vs.stacks[v.user] = slices.Clone(st[:i])
	}
	return closed
}

// show makes a modal the one that a person sees. The caller holds the views' lock.
func (vs *views) show(userID, channel string, body obj, push bool) *view {
	vs.ws.Lock()
	id := vs.ws.nextID("V")
	vs.ws.Unlock()
	v := &view{id: id, hash: newHash(), user: userID, channel: channel, root: id, body: body}
	v.state = blockkit.InitialState(v.blocks(), v.channel)
	if top := vs.top(userID); push && top != nil {
		v.root, v.previous = top.root, top.id
		vs.stacks[userID] = append(slices.Clone(vs.stacks[userID]), v)
	} else {
		for _, old := range vs.stacks[userID] {
			vs.viewEvent("view_closed", old)
		}
		vs.stacks[userID] = []*view{v}
	}
	vs.viewEvent("view_opened", v)
	return v
}

func (vs *views) viewEvent(kind string, v *view) {
	vs.ws.hub.toUser(v.user, obj{"type": kind, "view": vs.render(v)})
	vs.ws.Lock()
	vs.ws.touch()
	vs.ws.Unlock()
}

// Views lists the modals that a person has open, the one in front last, and then their home tab if there is one.
func (r *Reader) Views(user string) []View {
	id := r.UserID(user)
	r.ws.views.Lock()
	defer r.ws.views.Unlock()
	out := []View{}
	for _, v := range r.ws.views.stacks[id] {
		out = append(out, r.ws.views.render(v))
	}
	if h := r.ws.views.homes[id]; h != nil {
		out = append(out, r.ws.views.render(h))
	}
	return out
}
