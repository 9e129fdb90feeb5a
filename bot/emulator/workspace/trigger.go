package workspace

import (
	"crypto/rand"
	"strings"
	"sync"
	"time"
)

// Triggers are the trigger_ids that interactions carry: each opens one view, within three seconds.
type Triggers struct {
	mu   sync.Mutex
	life time.Duration
	byID map[string]*Trigger
}

type Trigger struct {
	User    string
	made    time.Time
	used    bool
	ViewID  string // the view that the interaction came from, for views.push
	Channel string
}

// triggerRemembered is how long a dead trigger is known to have expired.
const triggerRemembered = 10 * time.Minute

func (t *Triggers) Issue(tr Trigger) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	if len(t.byID) > 1000 {
		for id, old := range t.byID {
			if now.Sub(old.made) > triggerRemembered {
				delete(t.byID, id)
			}
		}
	}
	tr.made = now
	id := "1.2." + strings.ToLower(rand.Text())
	t.byID[id] = &tr
	return id
}

// Use exchanges a trigger_id; the word says why not.
func (t *Triggers) Use(id string) (tr Trigger, word string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	found := t.byID[id]
	switch {
	case found == nil:
		return Trigger{}, "invalid_trigger_id"
	case found.used:
		return Trigger{}, "exchanged_trigger_id"
	case time.Since(found.made) > t.life:
		return Trigger{}, "expired_trigger_id"
	}
	found.used = true
	return *found, ""
}
