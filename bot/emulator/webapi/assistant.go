package webapi

import (
	"encoding/json"

	"github.com/stationmaster/stationmaster/bot/emulator/workspace"
)

// promptsMax is how many prompts a thread suggests at most.
const promptsMax = 4

// assistantChannel finds the conversation and thread of a call about the app as an assistant. The caller holds the
// workspace's lock.
func (c *call) assistantChannel() (*workspace.Conversation, *Failure) {
	ch := c.ws.Channel(c.Str("channel_id"))
	if ch == nil || ch.ID != c.Str("channel_id") || !ch.Has(c.cfg.App.BotUserID) {
		return nil, refuse("channel_not_found")
	}
	if ts := c.Str("thread_ts"); ts != "" && ch.Message(ts) == nil {
		return nil, refuse("thread_not_found")
	}
	return ch, nil
}

// tellPages tells the pages of the conversation what the app says about its thread.
func (c *call) tellPages(ch *workspace.Conversation, what string, more obj) {
	e := obj{"type": what, "channel": ch.ID, "thread_ts": c.Str("thread_ts")}
	for k, v := range more {
		e[k] = v
	}
	c.ws.Feed.Publish(e, ch.Visible)
}

// threadStatus shows that the app is at work in a thread; an empty status shows nothing again.
func threadStatus(c *call) (obj, *Failure) {
	if !c.has("status") {
		return nil, invalidArguments("missing required field: status")
	}
	c.ws.Lock()
	defer c.ws.Unlock()
	ch, ref := c.assistantChannel()
	if ref != nil {
		return nil, ref
	}
	c.tellPages(ch, "assistant_status", obj{"status": c.Str("status"), "loading_messages": c.list("loading_messages")})
	return nil, nil
}

func threadTitle(c *call) (obj, *Failure) {
	c.ws.Lock()
	defer c.ws.Unlock()
	ch, ref := c.assistantChannel()
	if ref != nil {
		return nil, ref
	}
	c.tellPages(ch, "assistant_title", obj{"title": c.Str("title")})
	return nil, nil
}

func threadPrompts(c *call) (obj, *Failure) {
	v, ok := c.json("prompts")
	var prompts []struct{ Title, Message string }
	if !ok || json.Unmarshal(v, &prompts) != nil || len(prompts) == 0 || len(prompts) > promptsMax {
		return nil, invalidArguments("must provide 1 to 4 prompts [json-pointer:/prompts]")
	}
	for _, p := range prompts {
		if p.Title == "" || p.Message == "" {
			return nil, invalidArguments("missing required field: title or message [json-pointer:/prompts]")
		}
	}
	c.ws.Lock()
	defer c.ws.Unlock()
	ch, ref := c.assistantChannel()
	if ref != nil {
		return nil, ref
	}
	c.tellPages(ch, "assistant_prompts", obj{"title": c.Str("title"), "prompts": v})
	return nil, nil
}

func completeFunction(c *call) (obj, *Failure) {
	v, ok := c.json("outputs")
	var outputs obj
	if !ok || json.Unmarshal(v, &outputs) != nil {
		return nil, invalidArguments("must provide an object [json-pointer:/outputs]")
	}
	return c.complete(workspace.Execution{Done: true, Outputs: outputs})
}

func failFunction(c *call) (obj, *Failure) {
	return c.complete(workspace.Execution{Done: true, Error: c.Str("error")})
}

// complete settles an execution, once. Slack documents no word for one that it does not know.
func (c *call) complete(with workspace.Execution) (obj, *Failure) {
	c.ws.Lock()
	defer c.ws.Unlock()
	x := c.ws.Functions[c.Str("function_execution_id")]
	if x == nil || x.Done {
		return nil, refuse("invalid_arguments")
	}
	*x = with
	c.ws.Wake()
	return nil, nil
}
