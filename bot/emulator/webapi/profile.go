package webapi

import (
	"time"

	"github.com/stationmaster/stationmaster/bot/emulator/workspace"
)

// person is the person that a call is about: the app's bot where it names nobody. The caller holds the workspace's lock.
func (c *call) person() (*workspace.Account, *refusal) {
	id := c.Str("user")
	if id == "" {
		id = c.cfg.App.BotUserID
	}
	u := c.ws.User(id)
	if u == nil || u.ID != id {
		return nil, refuse("user_not_found")
	}
	return u, nil
}

func userProfile(c *call) (obj, *refusal) {
	u, ref := c.person()
	if ref != nil {
		return nil, ref
	}
	return obj{"profile": c.ws.ProfileObject(u)}, nil
}

func getPresence(c *call) (obj, *refusal) {
	u, ref := c.person()
	if ref != nil {
		return nil, ref
	}
	presence := "active"
	if u.Away {
		presence = "away"
	}
	return obj{"presence": presence}, nil
}

func setPresence(c *call) (obj, *refusal) {
	p := c.Str("presence")
	if p != "auto" && p != "away" {
		return nil, refuse("invalid_presence")
	}
	c.ws.User(c.cfg.App.BotUserID).Away = p == "away"
	return nil, nil
}

func emojiList(c *call) (obj, *refusal) {
	emoji := c.cfg.Team.Emoji
	if emoji == nil {
		emoji = map[string]string{}
	}
	return obj{"emoji": emoji, "cache_ts": time.Now().Unix()}, nil
}

// teamProfile has no fields: this workspace adds none to Slack's own.
func teamProfile(*call) (obj, *refusal) {
	return obj{"profile": obj{"fields": []any{}, "sections": []any{}}}, nil
}
