package bot

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
)

// linkWithin is how long an answer waits for the link to a card.
const linkWithin = 300 * time.Millisecond

// A snapshot is what all the tabs are drawn from.
type snapshot struct {
	live, ended []deployer.Deployment
	locks       []deployer.Locks
}

// takeSnapshot reads what is under way and what has ended last.
func (b *Bot) takeSnapshot(ctx context.Context) (snapshot, error) {
	var out snapshot
	ids, err := b.records.Live(ctx)
	if err != nil {
		return out, fmt.Errorf("list what is under way: %w", err)
	}
	for _, id := range ids {
		d, err := b.records.Load(ctx, id)
		if err != nil {
			return out, fmt.Errorf("read what is under way: %w", err)
		}
		if !d.Status.Ended() {
			out.live = append(out.live, d)
		}
	}
	slices.SortFunc(out.live, func(a, b deployer.Deployment) int { return b.Created.Compare(a.Created) })
	list, err := b.records.List(ctx, deployer.Query{Limit: 4 * view.HomeEnded})
	if err != nil {
		return out, fmt.Errorf("list what has ended: %w", err)
	}
	for _, s := range list {
		if !s.Status.Ended() {
			continue
		}
		d, err := b.records.Load(ctx, s.ID)
		if err != nil {
			return out, fmt.Errorf("read what has ended: %w", err)
		}
		out.ended = append(out.ended, d)
	}
	if out.locks, err = b.records.AllLocks(ctx); err != nil {
		return out, fmt.Errorf("list what is locked: %w", err)
	}
	return out, nil
}

// homeViewOf is what somebody gets to see of a survey.
func (b *Bot) homeViewOf(ctx context.Context, user string, all snapshot) view.HomeView {
	roles := b.people.Held(user)
	shown := func(list []deployer.Deployment) []deployer.Deployment {
		return slices.DeleteFunc(slices.Clone(list), func(d deployer.Deployment) bool { return !b.mayRead(user, roles, d) })
	}
	t := view.HomeView{
		Guide: b.guide, Me: b.people.PersonOf(user, ""), Roles: roles, Live: shown(all.live), Ended: shown(all.ended),
		Link: func(d deployer.Deployment) string { return b.linkTo(ctx, d.Card) }, Now: time.Now(),
	}
	public := map[string]bool{}
	for _, n := range b.channels.Names() {
		retailer := b.retailerOf(n)
		if c, in := b.channels.Known(n); in && !c.Private && b.cfg.Retailers[retailer].Environments != nil {
			t.Where, public[retailer] = append(t.Where, "#"+n), true
		}
	}
	t.Locks = view.LockLines(all.locks, t.Now, func(l deployer.Locks) bool { return public[l.Retailer] })
	return t
}

// mayRead reports whether a deployment is shown to somebody who has not asked
// for it: what is posted to a private channel only to those who have a part in
// it.
func (b *Bot) mayRead(user string, roles []string, d deployer.Deployment) bool {
	if c, in := b.channels.Known(d.Channels["deploys"]); in && !c.Private {
		return true
	}
	return d.MayDecide(deployer.Person{ID: user}, roles) ||
		slices.ContainsFunc(d.Steps, func(s deployer.StepState) bool { return s.Role != "" && slices.Contains(roles, s.Role) })
}

// linkTo leads to a message. Slack is asked for the first link; the others of
// the workspace differ only in what is known. "" where there is none.
func (b *Bot) linkTo(ctx context.Context, at deployer.Post) string {
	if at.TS == "" {
		return ""
	}
	path := "/archives/" + at.Channel + "/p" + strings.ReplaceAll(at.TS, ".", "")
	b.homes.mu.Lock()
	base, mute := b.homes.base, b.homes.mute
	b.homes.mu.Unlock()
	switch {
	case base != "":
		return base + path
	case time.Now().Before(mute):
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, linkWithin)
	defer cancel()
	link, err := b.api.GetPermalinkContext(ctx, &slack.PermalinkParameters{Channel: at.Channel, Ts: at.TS})
	b.homes.mu.Lock()
	defer b.homes.mu.Unlock()
	if err != nil {
		b.log.Info("Slack gives no link to a card", "err", err)
		b.homes.mute = time.Now().Add(homeLook)
		return ""
	}
	b.homes.base, _ = strings.CutSuffix(link, path)
	if b.homes.base == link {
		b.homes.base = "" // it looks otherwise than expected
	}
	return link
}

// readHomeClick has a button of a home tab do what it does on the card. Nobody
// sees an answer there that is whispered in a channel, so a refusal opens a
// form of its own.
func (b *Bot) readHomeClick(c slack.InteractionCallback) (task, error) {
	if isPressed(c, view.HomeDeploy) {
		return task{key: "person/" + c.User.ID, id: fingerprint("shortcut", c.TriggerID), user: c.User.ID,
			do: func(ctx context.Context) answer { return b.openAnywhere(ctx, c) }}, nil
	}
	c.Container.MessageTs = c.View.ID // with it, a click is told from any other
	t, err := b.readClick(c)
	if err != nil || t.do == nil {
		return t, err
	}
	do := t.do
	t.do = func(ctx context.Context) answer {
		a := do(ctx)
		if a.text != "" {
			failed := a.failed
			a = b.open(ctx, c.TriggerID, view.Notice("Not done", a.text))
			a.failed = a.failed || failed
		}
		return a
	}
	return t, nil
}
