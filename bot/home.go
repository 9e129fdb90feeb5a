package bot

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/outbox"
	"github.com/stationmaster/stationmaster/bot/slackapi"
)

const (
	homeRest  = time.Second            // between two looks at what has changed
	homeLook  = time.Minute            // a look now and then, in case a change was not told
	homeAgain = 3 * time.Second        // after a tab could not be sent, doubled with every other time
	homeFor   = 12 * time.Hour         // a tab that was not opened for so long is left as it is
	homeEvery = 700 * time.Millisecond // views.publish is tier 4: a hundred a minute
	homeBurst = 10
)

// homeTabs are the home tabs of those who opened theirs since this process began;
// whoever opens theirs later gets it then. One goroutine publishes, always from
// the newest state, so that no older tab takes the place of a newer one; Slack's
// hash guards against an earlier call that arrives late.
type homeTabs struct {
	limiter *outbox.Limiter

	endedRead, endedFailed bool // what ended before the process began was read, or could not be; keepHomes alone touches them

	mu   sync.Mutex
	open map[string]*homeTab // by user id
}

// A homeTab is one person's tab.
type homeTab struct {
	opened, sent time.Time
	shown        string // fingerprint of what Slack has
	hash         string // Slack's, of the same
}

func newHomes(t tuning) *homeTabs {
	return &homeTabs{limiter: outbox.NewLimiter(t.pace.WithDefaults(), homeEvery, homeBurst), open: map[string]*homeTab{}}
}

// homeOpened draws the tab of somebody who looks at it.
func (b *Bot) homeOpened(ctx context.Context, h slackEvent) {
	if h.Tab == "messages" {
		return
	}
	b.people.LearnName(ctx, h.User.ID)
	b.homes.mu.Lock()
	if b.homes.open[h.User.ID] == nil {
		b.homes.open[h.User.ID] = &homeTab{}
	}
	b.homes.open[h.User.ID].opened = time.Now()
	b.homes.mu.Unlock()
	b.redrawHomes()
}

// keepHomes publishes what has changed until ctx ends.
func (b *Bot) keepHomes(ctx context.Context) {
	for wait, failures := homeLook, 0; ; {
		t := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			t.Stop()
			return
		case <-b.homesDirty:
		case <-b.inFlight.Changed():
		case <-t.C:
		}
		t.Stop()
		if err := b.publishHomes(ctx); err == nil {
			wait, failures = homeLook, 0
		} else if ctx.Err() == nil {
			b.log.Warn("home tabs are not all up to date", "err", err)
			wait = min(b.again<<min(failures, 8), homeLook)
			failures++
		}
		if !b.restHomes(ctx) {
			return
		}
	}
}

// restHomes lets changes gather, unless somebody opens their tab.
func (b *Bot) restHomes(ctx context.Context) bool {
	t := time.NewTimer(b.rest)
	defer t.Stop()
	select {
	case <-t.C:
	case <-b.homesDirty:
		b.redrawHomes() // it is seen to next
	case <-ctx.Done():
		return false
	}
	return true
}

// publishHomes publishes every open tab that looks different now. One that
// fails holds up no other.
func (b *Bot) publishHomes(ctx context.Context) error {
	users := b.homes.due(time.Now())
	if len(users) == 0 {
		return nil
	}
	all, err := b.takeSnapshot(ctx)
	if err != nil {
		return err
	}
	var failed error
	for _, user := range users {
		view := b.homeViewOf(ctx, user, all).View()
		if b.homes.shows(user, view) {
			continue
		}
		if !b.homes.limiter.Take(time.Now()) { // what is sent after a wait is as new as that
			if !b.homes.limiter.Pass(ctx) {
				return ctx.Err()
			}
			if all, err = b.takeSnapshot(ctx); err != nil {
				return err
			}
			view = b.homeViewOf(ctx, user, all).View()
		}
		if err := b.publish(ctx, user, view); err != nil {
			failed = err
		}
	}
	return failed
}

// due are those whose tabs are kept, who was served longest ago first.
func (h *homeTabs) due(now time.Time) []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var out []string
	for user, open := range h.open {
		if now.Sub(open.opened) > homeFor {
			delete(h.open, user)
			continue
		}
		out = append(out, user)
	}
	slices.SortFunc(out, func(a, b string) int {
		return cmp.Or(h.open[a].sent.Compare(h.open[b].sent), strings.Compare(a, b))
	})
	return out
}

// shows reports whether Slack has that view already.
func (h *homeTabs) shows(user string, view slack.HomeTabViewRequest) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.open[user].shown == printOf(view)
}

func printOf(view slack.HomeTabViewRequest) string {
	b, err := json.Marshal(view)
	if err != nil {
		panic("bot: a view holds only what JSON can say: " + err.Error())
	}
	return fingerprint(string(b))
}

// publish sends one tab.
func (b *Bot) publish(ctx context.Context, user string, view slack.HomeTabViewRequest) error {
	b.homes.mu.Lock()
	h := b.homes.open[user]
	hash := h.hash
	b.homes.mu.Unlock()
	request := slack.PublishViewContextRequest{UserID: user, View: view}
	if hash != "" {
		request.Hash = &hash
	}
	r, err := b.api.PublishViewContext(ctx, request)
	b.homes.mu.Lock()
	defer b.homes.mu.Unlock()
	h.sent = time.Now()
	if err == nil {
		h.shown, h.hash = printOf(view), r.View.Hash
		return nil
	}
	if limit, ok := errors.AsType[*slack.RateLimitedError](err); ok {
		b.homes.limiter.Close(limit.RetryAfter)
	}
	h.hash = "" // another call may have come through, whose answer was lost
	return fmt.Errorf("publish the home tab of %s: %w %v", user, err, slackapi.ErrorDetails(err))
}
