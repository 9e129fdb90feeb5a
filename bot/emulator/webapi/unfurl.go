package webapi

import (
	"encoding/json"
	"strings"

	"github.com/stationmaster/stationmaster/bot/emulator/blockkit"
	"github.com/stationmaster/stationmaster/bot/emulator/jsonvalue"
	"github.com/stationmaster/stationmaster/bot/emulator/workspace"
)

// unfurl is chat.unfurl: the app says how links in a message look.
func unfurl(c *call) (obj, *Failure) {
	c.ws.Lock()
	defer c.ws.Unlock()
	ch, m, ref := c.unfurled()
	if ref != nil {
		return nil, ref
	}
	v, ok := c.json("unfurls")
	if v == nil {
		if c.has("user_auth_message") || c.has("user_auth_required") || c.has("user_auth_url") || c.has("user_auth_blocks") {
			return nil, nil // asks the person to connect; nothing is shown in the message
		}
		return nil, refuse("missing_unfurls")
	}
	var unfurls map[string]obj
	if !ok || json.Unmarshal(v, &unfurls) != nil {
		return nil, refuse("invalid_unfurls_format")
	}
	var attachments []any
	for address, a := range unfurls {
		if !strings.Contains(m.Text, address) {
			return nil, refuse("cannot_unfurl_url")
		}
		if blocks, ok := a["blocks"]; ok {
			if errs := blockkit.CheckBlocks(blocks, "/unfurls/blocks").Words(); len(errs) > 0 {
				return nil, &Failure{"cannot_parse_attachment", obj{"response_metadata": obj{"messages": errorMessages(errs)}}}
			}
		}
		a["from_url"], a["app_unfurl_url"], a["is_app_unfurl"] = address, address, true
		attachments = append(attachments, a)
	}
	before := m
	after := c.ws.ChangeMessage(ch, m, func(m *workspace.Message) { m.Attachments = jsonvalue.Encode(attachments) })
	c.ws.Events.TellChanged(ch, before, after)
	return nil, nil
}

// unfurled finds the message that a call is about, by channel and ts or by unfurl_id and source. The caller holds the
// workspace's lock.
func (c *call) unfurled() (*workspace.Conversation, *workspace.Message, *Failure) {
	key, ts := c.Str("channel"), c.Str("ts")
	if id := c.Str("unfurl_id"); id != "" {
		key, ts, _ = strings.Cut(id, "-")
		if c.Str("source") == "" {
			return nil, nil, refuse("missing_source")
		}
	}
	switch {
	case key == "":
		return nil, nil, refuse("missing_channel")
	case ts == "":
		return nil, nil, refuse("missing_ts")
	}
	ch := c.ws.Channel(key)
	if ch == nil || ch.ID != key || ch.Kind() != workspace.PublicChannel && !ch.Has(c.cfg.App.BotUserID) {
		return nil, nil, refuse("cannot_find_channel")
	}
	m := ch.Message(ts)
	if m == nil {
		return nil, nil, refuse("cannot_find_message")
	}
	return ch, m, nil
}
