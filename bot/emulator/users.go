package emulator

import (
	"strings"
	"time"
)

// profile is a person as users.info and the events show them.
func (w *workspace) profile(u *user) obj {
	bot := u.bot && u.ID != slackbotID
	return obj{"id": u.ID, "team_id": w.cfg.Team.ID, "name": u.Name, "real_name": u.RealName, "deleted": u.deleted,
		"is_bot": bot, "is_app_user": false, "is_admin": false, "is_owner": false, "is_primary_owner": false,
		"is_restricted": false, "is_ultra_restricted": false, "is_email_confirmed": u.Email != "",
		"who_can_share_contact_card": "EVERYONE", "color": color(u.ID), "tz": u.TZ, "tz_label": u.TZ,
		"tz_offset": offset(u.TZ), "profile": w.card(u), "updated": u.updated}
}

// card is the part of a person that others read.
func (w *workspace) card(u *user) obj {
	p := obj{"real_name": u.RealName, "display_name": u.DisplayName, "real_name_normalized": u.RealName,
		"display_name_normalized": u.DisplayName, "team": w.cfg.Team.ID, "title": "", "phone": "", "skype": "",
		"status_text": "", "status_emoji": "", "status_expiration": 0, "avatar_hash": ""}
	if u.Email != "" && w.cfg.App.granted("users:read.email") {
		p["email"] = u.Email
	}
	if u.ID == w.cfg.App.BotUserID {
		p["bot_id"], p["api_app_id"] = w.cfg.App.BotID, w.cfg.App.ID
	}
	return p
}

// offset is a time zone's distance from UTC in seconds, now.
func offset(tz string) int {
	loc, err := time.LoadLocation(tz)
	if err != nil {
		return 0
	}
	_, sec := time.Now().In(loc).Zone()
	return sec
}

// color gives every person a fixed colour out of Slack's kind of palette.
func color(id string) string {
	palette := []string{"9f69e7", "4bbe2e", "e7392d", "3c989f", "674b1b", "e96699", "e0a729", "684b6c", "5b89d5", "2b6836"}
	n := 0
	for _, r := range id {
		n = n*31 + int(r)
	}
	return palette[(n%len(palette)+len(palette))%len(palette)]
}

func userInfo(c *call) (obj, *refusal) {
	u := c.ws.user(c.str("user"))
	if u == nil || u.ID != c.str("user") {
		return nil, refuse("user_not_found")
	}
	return obj{"user": c.ws.profile(u)}, nil
}

func userList(c *call) (obj, *refusal) {
	all := []obj{}
	for _, u := range c.ws.users {
		all = append(all, c.ws.profile(u))
	}
	body, ref := page(c, "members", all, 1000)
	if ref == nil {
		body["cache_ts"] = time.Now().Unix()
	}
	return body, ref
}

func userByEmail(c *call) (obj, *refusal) {
	for _, u := range c.ws.users {
		if u.Email != "" && strings.EqualFold(u.Email, c.str("email")) {
			return obj{"user": c.ws.profile(u)}, nil
		}
	}
	return nil, refuse("users_not_found")
}

func teamInfo(c *call) (obj, *refusal) {
	t := c.cfg.Team
	if id := c.str("team"); id != "" && id != t.ID {
		return nil, refuse("team_not_found")
	}
	return obj{"team": obj{"id": t.ID, "name": t.Name, "domain": t.Domain, "email_domain": "",
		"icon": obj{"image_default": true}}}, nil
}

func botInfo(c *call) (obj, *refusal) {
	a := c.cfg.App
	if id := c.str("bot"); id != "" && id != a.BotID {
		return nil, refuse("bot_not_found")
	}
	return obj{"bot": obj{"id": a.BotID, "deleted": false, "name": a.Name, "updated": 0, "app_id": a.ID,
		"user_id": a.BotUserID, "icons": obj{}}}, nil
}
