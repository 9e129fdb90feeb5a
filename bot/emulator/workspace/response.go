package workspace

import (
	"crypto/rand"
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

type ResponseURL struct {
	User, Channel string
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

// Take counts one use of an address.
func (u *ResponseURLs) Take(id string) (ResponseURL, string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	r := u.byID[id]
	switch {
	case r == nil || time.Since(r.made) > u.life:
		return ResponseURL{}, "expired_url"
	case r.uses >= responsesMax:
		return ResponseURL{}, "used_url"
	}
	r.uses++
	return *r, ""
}
