package emulator

import (
	"encoding/json"

	"github.com/stationmaster/stationmaster/bot/emulator/blockkit"
	"github.com/stationmaster/stationmaster/bot/emulator/jsonvalue"
)

// maxView is the largest view, in bytes.
const maxView = 250_000

// readView checks a view that an app sent; kind is modal or home.
func (s *API) readView(v json.RawMessage, ok bool, kind string) (obj, *refusal) {
	if !ok || v == nil {
		return nil, invalidArguments("missing required field: view")
	}
	if len(v) > maxView {
		return nil, refuse("view_too_large")
	}
	var body obj
	if json.Unmarshal(v, &body) != nil {
		return nil, invalidArguments("must provide an object [json-pointer:/view]")
	}
	if errs := blockkit.CheckView(body, kind, "/view").Words(); len(errs) > 0 {
		errs = append([]string{"failed to match all allowed schemas [json-pointer:/view]"}, errs...)
		return nil, invalidArguments(errs...)
	}
	blocks, _ := body["blocks"].([]any)
	body["blocks"] = blockkit.Identify(blocks)
	return body, nil
}

func invalidArguments(errs ...string) *refusal {
	return &refusal{"invalid_arguments", obj{"response_metadata": obj{"messages": marked(errs)}}}
}

func viewsOpen(c *call) (obj, *refusal) { return c.openView(false) }

func viewsPush(c *call) (obj, *refusal) { return c.openView(true) }

func (c *call) openView(push bool) (obj, *refusal) {
	v, ok := c.json("view")
	body, ref := c.readView(v, ok, "modal")
	if ref != nil {
		return nil, ref
	}
	id := c.str("trigger_id")
	if id == "" {
		id = c.str("interactivity_pointer")
	}
	if id == "" {
		return nil, invalidArguments("missing required field: trigger_id")
	}
	c.ws.views.Lock()
	defer c.ws.views.Unlock()
	if c.ws.views.taken(body, nil) {
		return nil, refuse("duplicate_external_id")
	}
	tr, ref := c.ws.trig.use(id)
	if ref != nil {
		return nil, ref
	}
	if push {
		switch n := len(c.ws.views.stacks[tr.user]); {
		case n == 0 || tr.viewID == "":
			return nil, refuse("not_found")
		case n >= maxStack:
			return nil, refuse("push_limit_reached")
		}
	}
	return obj{"view": c.ws.views.render(c.ws.views.show(tr.user, tr.channel, body, push))}, nil
}

func viewsUpdate(c *call) (obj, *refusal) {
	v, ok := c.json("view")
	body, ref := c.readView(v, ok, "")
	if ref != nil {
		return nil, ref
	}
	c.ws.views.Lock()
	defer c.ws.views.Unlock()
	var old *view
	switch {
	case c.str("view_id") != "":
		old = c.ws.views.find(c.str("view_id"))
	case c.str("external_id") != "":
		old = c.ws.views.external(c.str("external_id"))
	default:
		return nil, invalidArguments("missing required field: view_id or external_id")
	}
	switch {
	case old == nil:
		return nil, refuse("not_found")
	case c.has("hash") && c.str("hash") != "" && c.str("hash") != old.hash:
		return nil, refuse("hash_conflict")
	case jsonvalue.AsString(old.body["type"]) != jsonvalue.AsString(body["type"]):
		return nil, invalidArguments("cannot change the type of a view [json-pointer:/view/type]")
	case c.ws.views.taken(body, old):
		return nil, refuse("duplicate_external_id")
	}
	old.replace(body)
	c.ws.views.viewEvent("view_updated", old)
	return obj{"view": c.ws.views.render(old)}, nil
}

func viewsPublish(c *call) (obj, *refusal) {
	if c.cfg.App.WithoutHome {
		return nil, refuse("not_enabled")
	}
	v, ok := c.json("view")
	body, ref := c.readView(v, ok, "home")
	if ref != nil {
		return nil, ref
	}
	c.ws.Lock()
	u := c.ws.user(c.str("user_id"))
	id := c.ws.nextID("V")
	c.ws.Unlock()
	if u == nil || u.ID != c.str("user_id") || u.bot {
		return nil, invalidArguments("invalid `user_id`")
	}
	c.ws.views.Lock()
	defer c.ws.views.Unlock()
	home := c.ws.views.homes[u.ID]
	if c.ws.views.taken(body, home) {
		return nil, refuse("duplicate_external_id")
	}
	if home == nil {
		home = &view{id: id, user: u.ID, root: id}
		c.ws.views.homes[u.ID] = home
	} else if h := c.str("hash"); h != "" && h != home.hash {
		return nil, refuse("hash_conflict")
	}
	home.replace(body)
	c.ws.views.viewEvent("view_updated", home)
	return obj{"view": c.ws.views.render(home)}, nil
}
