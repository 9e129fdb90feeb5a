package emulator

import (
	"crypto/rand"
	"strings"
	"sync"
	"time"
)

// triggers are the trigger_ids that interactions carry: each opens one view, within three seconds.
type triggers struct {
	mu   sync.Mutex
	life time.Duration
	byID map[string]*trigger
}

type trigger struct {
	user    string
	made    time.Time
	used    bool
	viewID  string // the view that the interaction came from, for views.push
	channel string
}

// remembered is how long a dead trigger is known to have expired.
const remembered = 10 * time.Minute

func (t *triggers) issue(tr trigger) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	if len(t.byID) > 1000 {
		for id, old := range t.byID {
			if now.Sub(old.made) > remembered {
				delete(t.byID, id)
			}
		}
	}
	tr.made = now
	id := "1.2." + strings.ToLower(rand.Text())
	t.byID[id] = &tr
	return id
}

// use exchanges a trigger_id.
func (t *triggers) use(id string) (trigger, *refusal) {
	t.mu.Lock()
	defer t.mu.Unlock()
	tr := t.byID[id]
	switch {
	case tr == nil:
		return trigger{}, refuse("invalid_trigger_id")
	case tr.used:
		return trigger{}, refuse("exchanged_trigger_id")
	case time.Since(tr.made) > t.life:
		return trigger{}, refuse("expired_trigger_id")
	}
	tr.used = true
	return *tr, nil
}
