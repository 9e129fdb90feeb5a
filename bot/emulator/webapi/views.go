package webapi

import (
	"encoding/json"

	"github.com/stationmaster/stationmaster/bot/emulator/blockkit"
	"github.com/stationmaster/stationmaster/bot/emulator/jsonvalue"
	"github.com/stationmaster/stationmaster/bot/emulator/workspace"
)

// viewMax is the largest view, in bytes.
const viewMax = 250_000

// ReadView checks a view that an app sent; kind is modal or home.
func (s *API) ReadView(v json.RawMessage, ok bool, kind string) (map[string]any, *Failure) {
	if !ok || v == nil {
		return nil, invalidArguments("missing required field: view")
	}
	if len(v) > viewMax {
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

func invalidArguments(errs ...string) *Failure {
	return &Failure{"invalid_arguments", obj{"response_metadata": obj{"messages": errorMessages(errs)}}}
}

func viewsOpen(c *call) (obj, *Failure) { return c.openView(false) }

func viewsPush(c *call) (obj, *Failure) { return c.openView(true) }

func (c *call) openView(push bool) (obj, *Failure) {
	v, ok := c.json("view")
	body, ref := c.ReadView(v, ok, "modal")
	if ref != nil {
		return nil, ref
	}
	id := c.Str("trigger_id")
	if id == "" {
		id = c.Str("interactivity_pointer")
	}
	if id == "" {
		return nil, invalidArguments("missing required field: trigger_id")
	}
	c.ws.Views.Lock()
	defer c.ws.Views.Unlock()
	if c.ws.Views.ExternalIDTaken(body, nil) {
		return nil, refuse("duplicate_external_id")
	}
	tr, word := c.ws.Triggers.Use(id)
	if word != "" {
		return nil, refuse(word)
	}
	if push {
		switch n := len(c.ws.Views.Stacks[tr.User]); {
		case n == 0 || tr.ViewID == "":
			return nil, refuse("not_found")
		case n >= workspace.StackMax:
			return nil, refuse("push_limit_reached")
		}
	}
	return obj{"view": c.ws.Views.Render(c.ws.Views.Show(tr.User, c.cfg.App.ID, tr.Channel, body, push))}, nil
}

func viewsUpdate(c *call) (obj, *Failure) {
	v, ok := c.json("view")
	body, ref := c.ReadView(v, ok, "")
	if ref != nil {
		return nil, ref
	}
	c.ws.Views.Lock()
	defer c.ws.Views.Unlock()
	var old *workspace.OpenView
	switch {
	case c.Str("view_id") != "":
		old = c.ws.Views.Find(c.Str("view_id"))
	case c.Str("external_id") != "":
		old = c.ws.Views.FindExternal(c.Str("external_id"))
	default:
		return nil, invalidArguments("missing required field: view_id or external_id")
	}
	switch {
	case old == nil:
		return nil, refuse("not_found")
	case c.has("hash") && c.Str("hash") != "" && c.Str("hash") != old.Hash:
		return nil, refuse("hash_conflict")
	case jsonvalue.AsString(old.Body["type"]) != jsonvalue.AsString(body["type"]):
		return nil, invalidArguments("cannot change the type of a view [json-pointer:/view/type]")
	case c.ws.Views.ExternalIDTaken(body, old):
		return nil, refuse("duplicate_external_id")
	}
	old.Replace(body)
	c.ws.Views.Announce("view_updated", old)
	return obj{"view": c.ws.Views.Render(old)}, nil
}

func viewsPublish(c *call) (obj, *Failure) {
	if c.cfg.App.WithoutHome || c.cfg.App.ID != c.ws.Config.App.ID {
		return nil, refuse("not_enabled")
	}
	v, ok := c.json("view")
	body, ref := c.ReadView(v, ok, "home")
	if ref != nil {
		return nil, ref
	}
	c.ws.Lock()
	u := c.ws.User(c.Str("user_id"))
	id := c.ws.NextID("V")
	c.ws.Unlock()
	if u == nil || u.ID != c.Str("user_id") || u.Bot {
		return nil, invalidArguments("invalid `user_id`")
	}
	c.ws.Views.Lock()
	defer c.ws.Views.Unlock()
	home := c.ws.Views.Homes[u.ID]
	if c.ws.Views.ExternalIDTaken(body, home) {
		return nil, refuse("duplicate_external_id")
	}
	if home == nil {
		home = &workspace.OpenView{ID: id, User: u.ID, Root: id}
		c.ws.Views.Homes[u.ID] = home
	} else if h := c.Str("hash"); h != "" && h != home.Hash {
		return nil, refuse("hash_conflict")
	}
	home.Replace(body)
	c.ws.Views.Announce("view_updated", home)
	return obj{"view": c.ws.Views.Render(home)}, nil
}
