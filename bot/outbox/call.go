package outbox

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/slackapi"
)

// A poster calls Slack for the outbox: one call each, never repeated by
// itself, since what repeats a post posts twice.
type poster struct {
	client *slack.Client
	pace   Pace
	log    *slog.Logger
	clock  slackClock

	posts                                                             *fairLimiter // of all channels together
	edits, ephemerals, reads, replies, deletes, adds, removals, opens *Limiter     // one for each other method

	mu             sync.Mutex
	channels       map[string]*Limiter // of posts, about one a second in each
	limitedChannel string              // where Slack last said that there are too many posts
	limitedUntil   time.Time           // when the pause is over that it asked for there
	tokenError     error               // why Slack refuses the token; nil: it does not
	silentAt       time.Time           // when the last call ended to which Slack has not answered
	silentSince    time.Time           // when the first of the last calls was made to which Slack has not answered; zero: it has
}

// postBurst is how many posts in all channels together can be made at once after
// a quiet time, announcements above all. Slack names no figure, but "several
// hundred messages per minute" and "generous burst behavior"; people report that
// thirty to forty at once pass in a single channel.
const postBurst = 50

func newPoster(client *slack.Client, p Pace, log *slog.Logger) *poster {
	return &poster{
		client: client, pace: p, log: log,
		channels: map[string]*Limiter{}, posts: newFairLimiter(NewLimiter(p, p.Post/5, postBurst)), // 300 a minute
		edits: newMinuteLimiter(p, p.Edit, 10, 50), ephemerals: newMinuteLimiter(p, p.Edit/2, 20, 100),
		reads: newMinuteLimiter(p, p.Edit, 20, 50), replies: newMinuteLimiter(p, p.Edit, 20, 50), deletes: newMinuteLimiter(p, p.Edit, 10, 50),
		adds: newMinuteLimiter(p, p.Edit, 10, 50), removals: newMinuteLimiter(p, 5*p.Edit/2, 5, 20),
		opens: newMinuteLimiter(p, p.Edit, 20, 50),
	}
}

// channelLimiter is the limiter of a channel's posts.
func (p *poster) channelLimiter(id string) *Limiter {
	p.mu.Lock()
	defer p.mu.Unlock()
	l := p.channels[id]
	if l == nil {
		l = NewLimiter(p.pace, p.pace.Post, 3)
		p.channels[id] = l
	}
	return l
}

// closeChannel closes what Slack has limited. It does not tell whether a channel
// has too many posts or the workspace: where two channels in a row have, it is
// the workspace.
func (p *poster) closeChannel(channel string, wait time.Duration) {
	p.channelLimiter(channel).Close(wait)
	p.mu.Lock()
	now := time.Now()
	all := p.limitedChannel != channel && now.Before(p.limitedUntil)
	p.limitedChannel, p.limitedUntil = channel, now.Add(wait)
	p.mu.Unlock()
	if all {
		p.posts.limiter.Close(wait)
	}
}

// call makes one call that its limiter has let through. Where Slack asks for a
// pause, pause closes what is limited. The call outlives ctx by the grace, since
// one that is cut off has to be looked for.
func (p *poster) call(ctx context.Context, l *Limiter, pause func(time.Duration), do func(context.Context) error) error {
	defer l.done()
	ctx, cancel := outlive(ctx, p.pace.Grace)
	defer cancel()
	ctx, stop := context.WithTimeout(ctx, p.pace.Timeout)
	defer stop()
	asked := time.Now()
	err := do(ctx)
	outcome, wait := slackapi.OutcomeOf(err)
	p.noteToken(outcome, err)
	p.noteAnswer(outcome, asked)
	switch outcome {
	case slackapi.RateLimited:
		p.log.Warn("Slack asks for a pause", "for", wait)
		pause(wait)
	case slackapi.NotSent, slackapi.Ambiguous:
		l.failed()
	case slackapi.Unauthorized:
		for _, l := range []*Limiter{p.posts.limiter, p.edits, p.ephemerals, p.reads, p.replies, p.deletes, p.adds, p.removals, p.opens} {
			l.Close(p.pace.WaitMax)
		}
	default:
		l.succeeded()
	}
	return err
}

// Healthy returns why nothing can be sent at all, or nil.
func (p *poster) Healthy() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.tokenError
}

// SilentSince is since when Slack has answered no call of those that were made; zero:
// it has answered the last one, or none was made for a while.
func (p *poster) SilentSince() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	if time.Since(p.silentAt) > 2*p.pace.WaitMax+p.pace.Timeout { // by then what waits is tried again
		return time.Time{}
	}
	return p.silentSince
}

// noteAnswer notes whether Slack has answered at all.
func (p *poster) noteAnswer(outcome slackapi.Outcome, asked time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if outcome != slackapi.NotSent && outcome != slackapi.Ambiguous {
		p.silentSince = time.Time{}
		return
	}
	p.silentAt = time.Now()
	if p.silentSince.IsZero() {
		p.silentSince = asked
	}
}

// noteToken notes whether Slack accepts the token.
func (p *poster) noteToken(outcome slackapi.Outcome, err error) {
	var refused error
	switch outcome {
	case slackapi.Unauthorized:
		code, needed := slackapi.ErrorCode(err)
		refused = &slackapi.AuthError{Token: slackapi.BotToken, Code: code, Needed: needed}
	case slackapi.NotSent, slackapi.Ambiguous, slackapi.RateLimited:
		return // that says nothing about the token
	}
	p.mu.Lock()
	before := p.tokenError
	p.tokenError = refused
	p.mu.Unlock()
	switch {
	case before == nil && refused != nil:
		p.log.Error("nothing is sent until Slack accepts the token again; every message is kept", "err", refused)
	case before != nil && refused == nil:
		p.log.Info("Slack accepts the token again")
	}
}

// outlive returns a context that outlives ctx by the grace.
func outlive(ctx context.Context, grace time.Duration) (context.Context, context.CancelFunc) {
	out, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		select {
		case <-time.After(grace):
			cancel()
		case <-out.Done():
		}
	})
	return out, func() { stop(); cancel() }
}
