package emulator_test

import (
	"testing"
	"time"
)

// Somebody does not want to be disturbed for a while, which the app hears of and may ask about.
func TestSnoozeIsToldAndAnswered(t *testing.T) {
	w := start(t, everyEvent)
	e := w.listen()
	until := time.Now().Add(time.Hour)
	got := e.hear("snooze", func() error { return w.Snooze("bob", until) }, "dnd_updated_user")
	if s := got["dnd_updated_user"]["dnd_status"].(o); got["dnd_updated_user"]["user"] != "UBOB" || s["dnd_enabled"] != true || s["next_dnd_end_ts"] != float64(until.Unix()) {
		t.Errorf("event: %v", got)
	}
	team, err := w.api.GetDNDTeamInfo([]string{"UALICE", "UBOB", "UNOPE"})
	w.must(err)
	if len(team) != 2 || !team["UBOB"].Enabled || team["UALICE"].Enabled || team["UALICE"].NextStartTimestamp != 1 {
		t.Errorf("team: %+v", team)
	}
	var out outcome
	if w.ask("/control/snooze", o{"user": "bob", "seconds": 0}, &out); !out.OK {
		t.Errorf("wake bob: %+v", out)
	}
	bob := "UBOB"
	if info, err := w.api.GetDNDInfo(&bob); err != nil || info.Enabled {
		t.Errorf("awake: %+v, %v", info, err)
	}
	w.refuse([]refusal{
		{"dnd.info", []string{"user", "UNOPE"}, "user_not_found"},
		{"dnd.info", nil, ""},
		{"dnd.teamInfo", nil, "no_users_provided"},
		// What only a person's own token may do.
		{"dnd.setSnooze", []string{"num_minutes", "5"}, "not_allowed_token_type"},
		{"files.upload", []string{"content", "x"}, "method_deprecated"}, // switched off; old examples have it
		{"search.messages", []string{"query", "x"}, "not_allowed_token_type"},
	})
	if err := w.Snooze("nobody", until); err == nil {
		t.Error("nobody rests")
	}
}
