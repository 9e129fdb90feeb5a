package directory

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/slack-go/slack"
)

// However the clicks of an hour are spread, Slack is asked twenty times a minute
// at most, and what counts is never older than a turn of each group.
func TestSlackIsAskedAboutGroupsAsOftenAsItAllows(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var asked []time.Time
	now := time.Unix(1e9, 0)
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		asked = append(asked, now)
		mu.Unlock()
		_ = json.NewEncoder(w).Encode(map[string]any{"ok": true, "users": []string{"UROSA"}})
	}))
	defer h.Close()
	d := New(Config{
		API: slack.New("xoxb-local", slack.OptionAPIURL(h.URL+"/")), Roles: map[string]Role{"a": {}, "b": {}}, Log: slog.New(slog.DiscardHandler),
	})
	d.now = func() time.Time { return now }
	for role := range d.roles {
		d.groups[role] = []*group{{id: "S" + role, handle: role, asking: make(chan struct{}, 1), askedAt: now, members: []string{"UROSA"}}}
	}
	for i := range 6000 { // a hundred a minute
		now = now.Add(600 * time.Millisecond)
		if roles, err := d.Roles(context.Background(), "UROSA"); err != nil || len(roles) != 2 {
			t.Fatalf("click %d: %v, %v", i, roles, err)
		}
		for role, g := range d.groups {
			if age := now.Sub(g[0].askedAt); age > 2*askEvery+MemberFreshWithin {
				t.Fatalf("click %d: what is known of %s is %s old", i, role, age)
			}
		}
	}
	for i := range asked {
		if last := i + 20; last < len(asked) && asked[last].Sub(asked[i]) < time.Minute {
			t.Fatalf("21 calls in %s", asked[last].Sub(asked[i]))
		}
	}
	if len(asked) < 800 {
		t.Errorf("only %d calls in an hour: clicks were answered from memory that could have been asked for", len(asked))
	}
}
