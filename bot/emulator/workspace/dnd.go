package workspace

import "time"

// Snooze lets a person's notifications rest until then (dnd_updated_user); a time that has passed wakes them.
func (p *People) Snooze(user string, until time.Time) error {
	w := p.ws
	w.Lock()
	defer w.Unlock()
	u := w.User(user)
	if u == nil || u.Bot {
		return Refusal("There is no user " + user + ".")
	}
	u.snoozedFrom, u.snoozedUntil = time.Now().Unix(), until.Unix()
	p.ws.Events.Send("dnd_updated_user", obj{"type": "dnd_updated_user", "user": u.ID, "dnd_status": u.DNDStatus(), "event_ts": w.NextTS()})
	return nil
}

// DNDStatus says whether and for how long somebody does not want to be disturbed; where they never said so it is 1 and 1,
// as in Slack.
func (u *Account) DNDStatus() obj {
	if time.Now().Unix() >= u.snoozedUntil {
		return obj{"dnd_enabled": false, "next_dnd_start_ts": 1, "next_dnd_end_ts": 1}
	}
	return obj{"dnd_enabled": true, "next_dnd_start_ts": u.snoozedFrom, "next_dnd_end_ts": u.snoozedUntil}
}
