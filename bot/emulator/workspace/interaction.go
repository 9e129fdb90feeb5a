package workspace

import (
	"crypto/rand"
	"strings"
	"sync"
	"time"
)

// responsesMax is how often one response_url works.
const responsesMax = 5

// ResponseURLs are the addresses that interactions carry for answers.
type ResponseURLs struct {
	life time.Duration

	mu   sync.Mutex
	base string // the address that the app used last
	byID map[string]*ResponseURL
}

// ResponseURL is one such address: whose, and where its answers go.
type ResponseURL struct {
	User, Channel string
	App           string // whose answers it takes: an app's id; "" is the first one
	Thread        string
	TS            string // of the message that was clicked on, "" for a command
	Ephemeral     bool   // that message is ephemeral
	made          time.Time
	uses          int
}

// Issue makes an address for answers to one interaction.
func (u *ResponseURLs) Issue(r ResponseURL) string {
	r.made = time.Now()
	id := rand.Text()
	u.mu.Lock()
	defer u.mu.Unlock()
	if len(u.byID) > 1000 {
		for k, old := range u.byID {
			if time.Since(old.made) > 2*u.life {
				delete(u.byID, k)
			}
		}
	}
	u.byID[id] = &r
	return u.base + "/response/" + id
}

// SetBase says under which address the app reaches this server.
func (u *ResponseURLs) SetBase(base string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.base = base
}

// Take counts one use of an address; the word says why not.
func (u *ResponseURLs) Take(id string) (r ResponseURL, word string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	found := u.byID[id]
	switch {
	case found == nil || time.Since(found.made) > u.life:
		return ResponseURL{}, "expired_url"
	case found.uses >= responsesMax:
		return ResponseURL{}, "used_url"
	}
	found.uses++
	return *found, ""
}

// Triggers are the trigger_ids that interactions carry: each opens one view, within three seconds.
type Triggers struct {
	mu   sync.Mutex
	life time.Duration
	byID map[string]*Trigger
}

// Trigger is one interaction that may open a view.
type Trigger struct {
	User    string
	made    time.Time
	used    bool
	ViewID  string // the view that the interaction came from, for views.push
	Channel string
}

// triggerRemembered is how long a dead trigger is known to have expired.
const triggerRemembered = 10 * time.Minute

// Issue gives a new trigger_id.
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
