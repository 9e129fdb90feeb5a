package app_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// A userGroup answers for a group whose members change while the app runs.
type userGroup struct {
	mu      sync.Mutex
	members []string
}

func (c *userGroup) set(members ...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.members = members
}

// serve answers for the group, and leaves the rest to Slack.
func (c *userGroup) serve(slack http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "/usergroups.users.list") {
			slack.ServeHTTP(w, r)
			return
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		_ = json.NewEncoder(w).Encode(map[string]any{"ok": true, "users": c.members})
	})
}

// Who may approve is asked at the click: not when the app started, and not when
// the question was put. Guards pipecd 2550.
func TestRolesAreReadAtTheClick(t *testing.T) {
	t.Parallel()
	leads := &userGroup{}
	leads.set("UBOB", "UROSA")
	tw := newAppFixture(t, plan{wrap: leads.serve})
	tw.starts("ana", "/deploy web v2")
	tw.presses("ana", "Done")
	tw.presses("eve", "Approve")
	tw.hears("eve", "Only tech-lead can decide")
	leads.set("UEVE")
	time.Sleep(2500 * time.Millisecond) // longer than an answer of Slack counts
	tw.pressed = tw.pressed[:1]
	tw.presses("bob", "Approve")
	tw.hears("bob", "Only tech-lead can decide")
	tw.pressed = tw.pressed[:1]
	tw.presses("eve", "Approve")
	tw.shows("Tech lead approves · eve")
	tw.starts("ana", "/deploy stop tangerine-1")
	d := tw.deployments()["tangerine-1"]
	if a := d.Step("approve").Approvals; len(a) != 1 || a[0].By.ID != "UEVE" {
		t.Errorf("it was approved by %+v", a)
	}
}

// hears waits until somebody alone is told something.
func (tw *appFixture) hears(user, words string) {
	tw.t.Helper()
	tw.eventually(user+" hears "+words, func() bool {
		for _, m := range slices.Backward(tw.slack.Ephemerals(user)) {
			if strings.Contains(m.Text, words) {
				return true
			}
		}
		return false
	})
}
