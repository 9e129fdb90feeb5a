package emulator

import (
	"encoding/json"
	"slices"
)

// maxPrompts is how many prompts a thread suggests at most.
const maxPrompts = 4

// assisted finds the conversation and thread of a call about the app as an assistant. The caller holds the
// workspace's lock.
func (c *call) assisted() (*channel, *refusal) {
	ch := c.ws.channel(c.str("channel_id"))
	if ch == nil || ch.id != c.str("channel_id") || !ch.has(c.cfg.App.BotUserID) {
		return nil, refuse("channel_not_found")
	}
	if ts := c.str("thread_ts"); ts != "" && ch.message(ts) == nil {
		return nil, refuse("thread_not_found")
	}
	return ch, nil
}

// about tells the pages of the conversation what the app says about its thread.
func (c *call) about(ch *channel, what string, more obj) {
	e := obj{"type": what, "channel": ch.id, "thread_ts": c.str("thread_ts")}
	for k, v := range more {
		e[k] = v
	}
	c.ws.hub.publish(e, ch.visible)
}

// threadStatus shows that the app is at work in a thread; an empty status shows nothing again.
func threadStatus(c *call) (obj, *refusal) {
	if !c.has("status") {
		return nil, invalidArguments("missing required field: status")
	}
	c.ws.Lock()
	defer c.ws.Unlock()
	ch, ref := c.assisted()
	if ref != nil {
		return nil, ref
	}
	c.about(ch, "assistant_status", obj{"status": c.str("status"), "loading_messages": c.list("loading_messages")})
	return nil, nil
}

func threadTitle(c *call) (obj, *refusal) {
	c.ws.Lock()
	defer c.ws.Unlock()
	ch, ref := c.assisted()
	if ref != nil {
		return nil, ref
	}
	c.about(ch, "assistant_title", obj{"title": c.str("title")})
	return nil, nil
}

func threadPrompts(c *call) (obj, *refusal) {
	v, ok := c.json("prompts")
	var prompts []struct{ Title, Message string }
	if !ok || json.Unmarshal(v, &prompts) != nil || len(prompts) == 0 || len(prompts) > maxPrompts {
		return nil, invalidArguments("must provide 1 to 4 prompts [json-pointer:/prompts]")
	}
	for _, p := range prompts {
		if p.Title == "" || p.Message == "" {
			return nil, invalidArguments("missing required field: title or message [json-pointer:/prompts]")
		}
	}
	c.ws.Lock()
	defer c.ws.Unlock()
	ch, ref := c.assisted()
	if ref != nil {
		return nil, ref
	}
	c.about(ch, "assistant_prompts", obj{"title": c.str("title"), "prompts": v})
	return nil, nil
}

// Execution is a workflow's use of one of the app's functions.
type Execution struct {
	// Done says that the app has completed it, with Outputs or, where it failed, with Error.
	Done    bool
	Error   string
	Outputs map[string]any
}

// execution is an Execution on its way.
type execution struct{ Execution }

// ExecuteFunction does what a workflow does at a step that the app provides: the app gets function_executed, if it
// subscribes to it. The id is the execution's, for Execution.
func (p *People) ExecuteFunction(callbackID string, inputs map[string]any) (id string) {
	w := p.ws
	w.Lock()
	defer w.Unlock()
	id = w.nextID("Fx")
	w.functions[id] = &execution{}
	if inputs == nil {
		inputs = obj{}
	}
	now := w.nextTS()
	p.ws.events.event("function_executed", obj{"type": "function_executed", "function": obj{"id": "Fn" + idFor("", callbackID),
		"callback_id": callbackID, "title": callbackID, "description": "", "type": "app", "input_parameters": []any{},
		"output_parameters": []any{}, "app_id": p.ws.cfg.App.ID, "date_created": 0, "date_updated": 0, "date_deleted": 0},
		"inputs": inputs, "function_execution_id": id, "workflow_execution_id": w.nextID("Wx"), "event_ts": now,
		"bot_access_token": p.ws.cfg.App.BotToken})
	return id
}

// Execution says how far an execution is.
func (r *Reader) Execution(id string) Execution {
	r.ws.Lock()
	defer r.ws.Unlock()
	if x := r.ws.functions[id]; x != nil {
		return x.Execution
	}
	return Execution{}
}

func completeFunction(c *call) (obj, *refusal) {
	v, ok := c.json("outputs")
	var outputs obj
	if !ok || json.Unmarshal(v, &outputs) != nil {
		return nil, invalidArguments("must provide an object [json-pointer:/outputs]")
	}
	return c.complete(Execution{Done: true, Outputs: outputs})
}

func failFunction(c *call) (obj, *refusal) {
	return c.complete(Execution{Done: true, Error: c.str("error")})
}

// complete settles an execution, once. Slack documents no word for one that it does not know.
func (c *call) complete(with Execution) (obj, *refusal) {
	c.ws.Lock()
	defer c.ws.Unlock()
	x := c.ws.functions[c.str("function_execution_id")]
	if x == nil || x.Done {
		return nil, refuse("invalid_arguments")
	}
	x.Execution = with
	c.ws.touch()
	return nil, nil
}

// StartAssistant does what happens when a person opens the app as an assistant: a thread begins in the direct message
// with it, and the app gets assistant_thread_started, if it subscribes to it.
func (p *People) StartAssistant(user string) (threadTS string, err error) {
	w := p.ws
	w.Lock()
	defer w.Unlock()
	u := w.user(user)
	if u == nil || u.bot {
		return "", Refusal("There is no user " + user + ".")
	}
	ch, _ := w.directMessage(u.ID)
	m := w.add(ch, &Message{User: p.ws.cfg.App.BotUserID, BotID: p.ws.cfg.App.BotID, AppID: p.ws.cfg.App.ID,
		BotProfile: w.botProfile(), Subtype: "assistant_app_thread", Text: "New Assistant Thread"}, false)
	p.ws.events.event("assistant_thread_started", obj{"type": "assistant_thread_started", "assistant_thread": obj{"user_id": u.ID,
		"context": obj{"team_id": p.ws.cfg.Team.ID, "enterprise_id": nil}, "channel_id": ch.id, "thread_ts": m.TS},
		"event_ts": m.TS})
	return m.TS, nil
}

// someone is the person that acts where nobody is named.
func (w *workspace) someone() string {
	i := slices.IndexFunc(w.users, func(u *user) bool { return !u.bot && !u.deleted })
	if i < 0 {
		return slackbotID
	}
	return w.users[i].ID
}
