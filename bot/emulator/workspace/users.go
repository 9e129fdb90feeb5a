package workspace

import "time"

// UserObject is a person as users.info and the events show them.
func (w *Workspace) UserObject(u *Account) obj {
	bot := u.Bot && u.ID != SlackbotID
	return obj{"id": u.ID, "team_id": w.Config.Team.ID, "name": u.Name, "real_name": u.RealName, "deleted": u.Deleted,
		"is_bot": bot, "is_app_user": false, "is_admin": false, "is_owner": false, "is_primary_owner": false,
		"is_restricted": false, "is_ultra_restricted": false, "is_email_confirmed": u.Email != "",
		"who_can_share_contact_card": "EVERYONE", "color": Color(u.ID), "tz": u.TZ, "tz_label": u.TZ,
		"tz_offset": offset(u.TZ), "profile": w.ProfileObject(u), "updated": u.updated}
}

// ProfileObject is the part of a person that others read.
func (w *Workspace) ProfileObject(u *Account) obj {
	p := obj{"real_name": u.RealName, "display_name": u.DisplayName, "real_name_normalized": u.RealName,
		"display_name_normalized": u.DisplayName, "team": w.Config.Team.ID, "title": "", "phone": "", "skype": "",
		"status_text": "", "status_emoji": "", "status_expiration": 0, "avatar_hash": ""}
	if u.Email != "" && w.Config.App.Granted("users:read.email") {
		p["email"] = u.Email
	}
	if u.ID == w.Config.App.BotUserID {
		p["bot_id"], p["api_app_id"] = w.Config.App.BotID, w.Config.App.ID
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

// Color gives every person a fixed colour out of Slack's kind of palette.
func Color(id string) string {
	palette := []string{"9f69e7", "4bbe2e", "e7392d", "3c989f", "674b1b", "e96699", "e0a729", "684b6c", "5b89d5", "2b6836"}
	n := 0
	for _, r := range id {
		n = n*31 + int(r)
	}
	return palette[(n%len(palette)+len(palette))%len(palette)]
}
