package app_test

import (
	"fmt"
	"testing"

	"github.com/stationmaster/stationmaster/deployer/slowtest"
)

// Every message that the bot posts carries what it can be found by, once.
func TestEveryMessageCanBeFoundByItsMetadata(t *testing.T) {
	t.Parallel()
	t.Run("of what completes", func(t *testing.T) {
		t.Parallel()
		tw := newAppFixture(t, plan{})
		tw.upgrade("web v2 api v2")
		tw.carries(map[string]int{
			deploys + " card": 1, deploys + " starting": 1, "change starting": 1, deploys + " complete": 1, "change complete": 1,
			deploys + " failed": 0, "change failed": 0, "support failed": 0,
		})
	})
	t.Run("of what is rolled back", func(t *testing.T) {
		slowtest.Only(t, "a rollout that is retried, and its way back")
		t.Parallel()
		tw := newAppFixture(t, plan{})
		tw.starts("ana", "/deploy web v3-crash")
		tw.presses("ana", "Done")
		tw.presses("bob", "Approve")
		tw.presses("bob", "Retry")
		tw.presses("bob", "Roll back")
		tw.presses("ana", "Done")
		tw.shows("Rolled back.")
		tw.carries(map[string]int{
			deploys + " card": 1, deploys + " starting": 1, "change starting": 1,
			deploys + " rolled-back": 1, "change rolled-back": 1, "support rolled-back": 1,
			"change failed": 1, "support failed": 1, deploys + " decide": 2, // with the line in its thread
			deploys + " failed": 0, deploys + " complete": 0, "change complete": 0,
		})
	})
	t.Run("of what is stopped", func(t *testing.T) {
		t.Parallel()
		tw := newAppFixture(t, plan{})
		tw.starts("ana", "/deploy web v4-missing")
		tw.presses("ana", "Done")
		tw.presses("bob", "Approve")
		tw.shows("The rollout failed")
		tw.presses("ana", "Stop")
		tw.shows("Stopped by ana.")
		tw.carries(map[string]int{
			deploys + " card": 1, deploys + " starting": 1, "change starting": 1, deploys + " complete": 0, "change complete": 0,
			"change failed": 1, "support failed": 1, deploys + " decide": 2, deploys + " failed": 0,
			deploys + " stopped": 1, "change stopped": 1, "support stopped": 1,
		})
	})
}

// carries wants so many messages of each kind in each channel, and on each what it can be found by, once.
func (tw *appFixture) carries(want map[string]int) {
	tw.t.Helper()
	tw.eventually("every channel was told what it should be", func() bool {
		kinds := tw.kinds()
		for kind, n := range want {
			if kinds[kind] < n {
				return false
			}
		}
		return true
	})
	tw.quiet()
	for kind, n := range want {
		if got := tw.kinds()[kind]; got != n {
			tw.t.Errorf("%d messages %s, want %d", got, kind, n)
		}
	}
	seen := map[string]bool{}
	for _, channel := range []string{deploys, "change", "support"} {
		for _, m := range tw.slack.Messages(channel) {
			if m.Metadata == nil || m.Metadata.EventType != "stationmaster" {
				tw.t.Errorf("#%s: %q carries %+v", channel, shown(m), m.Metadata)
				continue
			}
			p := map[string]string{}
			for _, name := range []string{"deployment", "message", "key"} {
				if p[name], _ = m.Metadata.EventPayload[name].(string); p[name] == "" {
					tw.t.Errorf("#%s: %q has no %s: %v", channel, shown(m), name, m.Metadata.EventPayload)
				}
			}
			if once := channel + " " + p["deployment"] + " " + p["key"]; seen[once] {
				tw.t.Errorf("%s is there twice", once)
			} else {
				seen[once] = true
			}
		}
	}
}

// kinds counts the messages of every channel by what they are.
func (tw *appFixture) kinds() map[string]int {
	kinds := map[string]int{}
	for _, channel := range []string{deploys, "change", "support"} {
		for _, m := range tw.slack.Messages(channel) {
			if m.Metadata != nil {
				kinds[fmt.Sprintf("%s %v", channel, m.Metadata.EventPayload["message"])]++
			}
		}
	}
	return kinds
}
