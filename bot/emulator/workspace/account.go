package workspace

import (
	"slices"
	"strings"
	"time"
)

// Account is a person in the workspace, or a bot.
type Account struct {
	User
	Bot, Deleted, Away        bool
	updated                   int64
	snoozedFrom, snoozedUntil int64 // from when to when they do not want to be disturbed, as Unix times
}

// SlackbotID is the id of Slackbot, who tells people what went wrong.
const SlackbotID = "USLACKBOT"

// anyPerson is the person that acts where nobody is named.
func (w *Workspace) anyPerson() string {
	i := slices.IndexFunc(w.Users, func(u *Account) bool { return !u.Bot && !u.Deleted })
	if i < 0 {
		return SlackbotID
	}
	return w.Users[i].ID
}

// DNDStatus says whether and for how long somebody does not want to be disturbed; where they never said so it is 1 and 1,
// as in Slack.
func (u *Account) DNDStatus() map[string]any {
	if time.Now().Unix() >= u.snoozedUntil {
		return obj{"dnd_enabled": false, "next_dnd_start_ts": 1, "next_dnd_end_ts": 1}
	}
	return obj{"dnd_enabled": true, "next_dnd_start_ts": u.snoozedFrom, "next_dnd_end_ts": u.snoozedUntil}
}

// UserID gives the id of a person by name or id; what is not known comes back as it is. It takes the lock itself.
func (w *Workspace) UserID(key string) string {
	w.Lock()
	defer w.Unlock()
	if u := w.User(key); u != nil {
		return u.ID
	}
	return key
}

// Object is a person as users.info and the events show them.
func (u *Account) Object(cfg Config) map[string]any {
	bot := u.Bot && u.ID != SlackbotID
	o := obj{"id": u.ID, "team_id": u.TeamID(cfg), "name": u.Name, "real_name": u.RealName, "deleted": u.Deleted,
		"is_bot": bot, "is_app_user": false, "is_admin": false, "is_owner": false, "is_primary_owner": false,
		"is_restricted": u.Guest || u.GuestOfOne, "is_ultra_restricted": u.GuestOfOne, "is_email_confirmed": u.Email != "",
		"who_can_share_contact_card": "EVERYONE", "color": Color(u.ID), "tz": u.TZ, "tz_label": u.TZ,
		"tz_offset": offset(u.TZ), "profile": u.Profile(cfg), "updated": u.updated}
	if u.Enterprise != "" {
		o["enterprise_user"] = obj{"id": u.ID, "enterprise_id": u.Enterprise, "teams": u.Teams, "is_admin": false, "is_owner": false}
	}
	return o
}

// TeamID is the id of the workspace that somebody is of.
func (u *Account) TeamID(cfg Config) string {
	if u.Team != "" {
		return u.Team
	}
	return cfg.Team.ID
}

// Profile is the part of a person that others read.
func (u *Account) Profile(cfg Config) map[string]any {
	p := obj{"real_name": u.RealName, "display_name": u.DisplayName, "real_name_normalized": u.RealName,
		"display_name_normalized": u.DisplayName, "team": u.TeamID(cfg), "title": "", "phone": "", "skype": "",
		"status_text": "", "status_emoji": "", "status_expiration": 0, "avatar_hash": ""}
	if u.Email != "" && Granted(cfg.App, "users:read.email") {
		p["email"] = u.Email
	}
	for _, a := range cfg.Apps() {
		if u.ID == a.BotUserID {
			p["bot_id"], p["api_app_id"] = a.BotID, a.ID
		}
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

// addUser takes a person into the workspace.
func (w *Workspace) addUser(u User) *Account {
	if u.ID == "" {
		u.ID = idFor("U", u.Name)
	}
	if u.RealName == "" {
		u.RealName = u.Name
	}
	if u.TZ == "" {
		u.TZ = "Etc/UTC"
	}
	w.Users = append(w.Users, &Account{User: u})
	return w.Users[len(w.Users)-1]
}

func (w *Workspace) userIDs(names []string) []string {
	ids := make([]string, 0, len(names))
	for _, n := range names {
		if u := w.User(n); u != nil {
			n = u.ID
		}
		ids = append(ids, n)
	}
	return ids
}

// User finds a person or bot by id or name; nil when there is none.
func (w *Workspace) User(key string) *Account {
	key = strings.TrimPrefix(key, "@")
	for _, u := range w.Users {
		if u.ID == key || u.Name == key {
			return u
		}
	}
	return nil
}
