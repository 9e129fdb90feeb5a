package bot

import (
	"context"
	"time"

	"github.com/stationmaster/stationmaster/bot/directory"
	"github.com/stationmaster/stationmaster/deployer"
)

// A Terminal is where somebody of Slack gives orders when Slack is away: by the same
// rules as there, and recognized by what it said last, where it can't be asked.
type Terminal struct{ *Bot }

// awayAfter is how long Slack is out of reach before it counts as away: a socket that
// is renewed, or a call that fails, is nothing.
const awayAfter = time.Minute

// Away is since when Slack has been out of reach: it was never met, no socket is open,
// or it answers nothing. Zero: it is there, or not gone for long.
func (b *Bot) Away() time.Time {
	now := time.Now
	if b.cfg.Now != nil {
		now = b.cfg.Now
	}
	var away, unmet time.Time
	if !b.met.Load() {
		unmet = b.made
	}
	for _, since := range []time.Time{unmet, b.outages.Since(), b.out.SilentSince()} {
		if !since.IsZero() && now().Sub(since) >= awayAfter && (away.IsZero() || since.Before(away)) {
			away = since
		}
	}
	return away
}

// Recognize says who somebody is. Orders that are given in the context that it returns
// count by the roles that Slack says they have or, where it can't be asked, by those
// that it said they had; knownAt is when that was, and zero where Slack was asked.
func (t Terminal) Recognize(ctx context.Context, id string) (in context.Context, who deployer.Actor, knownAt time.Time, err error) {
	who = t.people.PersonOf(id, "")
	if t.Away().IsZero() {
		_, err := t.people.Who(ctx, id)
		if ctx.Err() != nil {
			return ctx, who, knownAt, ctx.Err()
		}
		if err == nil && len(t.people.UnknownGroups()) == 0 {
			return ctx, t.people.PersonOf(id, ""), knownAt, nil
		}
	}
	in = directory.LastKnown(ctx)
	if _, err := t.people.Who(in, id); err != nil {
		t.log.Warn("somebody at a terminal is not known", "user", id, "err", err)
		return ctx, who, knownAt, deployer.Refuse("Try again when Slack can be reached. A process that began without Slack knows nobody.", "Slack can't be asked who you are, and has not said so before.")
	}
	return in, who, t.people.KnownAt(id), nil
}

// Lists reports whether a deployment is shown to somebody who was recognized and has
// not asked for it.
func (t Terminal) Lists(id string, d deployer.Deployment) bool {
	return t.admits(id, d) == nil && t.reader(id).MayRead(d)
}

// Sees refuses somebody who was recognized and gives no orders, or may not see a
// deployment.
func (t Terminal) Sees(ctx context.Context, id string, d deployer.Deployment) error {
	if err := t.admits(id, d); err != nil {
		return err
	}
	if t.reader(id).MayRead(d) {
		return nil
	}
	return t.mustSee(ctx, id, d.Channels[deployer.ChannelDeploys])
}

// admits refuses whoever gives no orders at all.
func (t Terminal) admits(id string, d deployer.Deployment) error {
	if t.cfg.Policy == nil {
		return nil
	}
	p := t.cfg.Policy(d.Site)
	if r := p.Admits(deployer.Actor{ID: id}, t.people.Known(id)); r != nil {
		return r
	}
	return nil
}

// Order carries out an order of a person.
func (t Terminal) Order(ctx context.Context, o deployer.Order) (deployer.Deployment, error) {
	d, err := t.order(ctx, o)
	if err != nil {
		t.out.Dirty(o.Deployment) // as with a click
	}
	return d, err
}
