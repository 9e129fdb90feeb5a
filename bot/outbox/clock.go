package outbox

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"
)

// lookBack is how much earlier than its message was written a post is looked for:
// our clock may have been set meanwhile. An hour more is seldom a page more.
const lookBack = time.Hour

// A slackClock knows how far Slack's clock is ahead of ours, from what Slack says.
// The zero value knows nothing, and takes them for the same.
type slackClock struct {
	mu    sync.Mutex
	ahead time.Duration
}

// note takes over what time it is now at Slack.
func (c *slackClock) note(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead = time.Until(now)
}

// notePost takes over the timestamp of a message that was posted this moment.
func (c *slackClock) notePost(ts string) {
	if at, ok := timeOf(ts); ok {
		c.note(at)
	}
}

// since is the earliest that Slack's clock can have shown at a time of ours.
func (c *slackClock) since(at time.Time) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return at.Add(min(c.ahead, 0) - lookBack)
}

// timeOf is the time of a message, by its timestamp.
func timeOf(ts string) (time.Time, bool) {
	sec, micro, _ := strings.Cut(ts, ".")
	s, err := strconv.ParseInt(sec, 10, 64)
	m, err2 := strconv.ParseInt(micro, 10, 64)
	return time.Unix(s, m*1000), err == nil && err2 == nil && s > 0
}

// timestamp is a time as Slack writes it; "" of the zero time.
func timestamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return fmt.Sprintf("%d.%06d", t.Unix(), t.Nanosecond()/1000)
}

// NoteTime takes over what time it is now at Slack, which is what posts are looked
// for by.
func (o *Outbox) NoteTime(now time.Time) { o.clock.note(now) }
