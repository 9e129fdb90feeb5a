package emulator

import "time"

// Snooze lets a person's notifications rest until then (dnd_updated_user); a time that has passed wakes them.
func (p *People) Snooze(user string, until time.Time) error {
	w := p.ws
	w.Lock()
	defer w.Unlock()
	u := w.user(user)
	if u == nil || u.bot {
		return Refusal("There is no user " + user + ".")
	}
	u.rest, u.woken = time.Now().Unix(), until.Unix()
	p.ws.events.event("dnd_updated_user", obj{"type": "dnd_updated_user", "user": u.ID, "dnd_status": u.resting(), "event_ts": w.nextTS()})
	return nil
}

// resting says whether and for how long somebody does not want to be disturbed; where they never said so it is 1 and 1,
// as in Slack.
func (u *user) resting() obj {
	if time.Now().Unix() >= u.woken {
		return obj{"dnd_enabled": false, "next_dnd_start_ts": 1, "next_dnd_end_ts": 1}
	}
	return obj{"dnd_enabled": true, "next_dnd_start_ts": u.rest, "next_dnd_end_ts": u.woken}
}

func dndInfo(c *call) (obj, *refusal) {
	u, ref := c.asked()
	if ref != nil {
		return nil, ref
	}
	return u.resting(), nil
}

// dndTeam tells of up to fifty people at once; those whom nobody knows are left out.
func dndTeam(c *call) (obj, *refusal) {
	ids := c.list("users")
	if len(ids) == 0 {
		return nil, refuse("no_users_provided")
	}
	users := obj{}
	for _, id := range ids[:min(len(ids), 50)] {
		if u := c.ws.user(id); u != nil && u.ID == id {
			users[id] = u.resting()
		}
	}
	return obj{"users": users}, nil
}
