package webapi

import (
	"slices"

	"github.com/stationmaster/stationmaster/bot/emulator/workspace"
)

func authTeams(c *call) (obj, *Failure) {
	return page(c, "teams", []obj{{"id": c.cfg.Team.ID, "name": c.cfg.Team.Name}}, 100)
}

func emojiList(c *call) (obj, *Failure) {
	emoji := c.cfg.Team.Emoji
	if emoji == nil {
		emoji = map[string]string{}
	}
	return obj{"emoji": emoji, "cache_ts": c.cfg.Now().Unix()}, nil
}

// teamProfile has no fields: this workspace adds none to Slack's own.
func teamProfile(*call) (obj, *Failure) {
	return obj{"profile": obj{"fields": []any{}, "sections": []any{}}}, nil
}

func teamInfo(c *call) (obj, *Failure) {
	t := c.cfg.Team
	if id := c.Str("team"); id != "" && id != t.ID {
		return nil, refuse("team_not_found")
	}
	return obj{"team": obj{"id": t.ID, "name": t.Name, "domain": t.Domain, "email_domain": "",
		"icon": obj{"image_default": true}}}, nil
}

func botInfo(c *call) (obj, *Failure) {
	a := c.cfg.App
	if id := c.Str("bot"); id != "" && id != a.BotID {
		apps := c.ws.Config.Apps()
		i := slices.IndexFunc(apps, func(a workspace.App) bool { return a.BotID == id })
		if i < 0 {
			return nil, refuse("bot_not_found")
		}
		a = apps[i]
	}
	return obj{"bot": obj{"id": a.BotID, "deleted": false, "name": a.Name, "updated": 0, "app_id": a.ID,
		"user_id": a.BotUserID, "icons": obj{}}}, nil
}
