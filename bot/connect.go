package bot

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/slackapi"
	"github.com/stationmaster/stationmaster/bot/socketmode"
	"github.com/stationmaster/stationmaster/deployer"
)

// identify finds out who the bot is and whether its token may do what the bot does.
func (b *Bot) identify(ctx context.Context) (identity, error) {
	r, err := b.api.AuthTestContext(ctx)
	if err != nil {
		return identity{}, fmt.Errorf("ask Slack who the bot is: %w", err)
	}
	lacks := lacking(r.Header.Get("X-OAuth-Scopes"))
	if missing := names(lacks, ""); len(missing) > 0 {
		return identity{}, &slackapi.AuthError{Token: slackapi.BotToken, Code: "missing_scope", Needed: strings.Join(missing, ", ")}
	}
	if now, err := http.ParseTime(r.Header.Get("Date")); err == nil {
		b.out.NoteTime(now)
	}
	me := identity{ID: r.UserID, BotID: r.BotID, Handle: r.User, TeamID: r.TeamID, Lacks: lacks}
	me.AppID, err = b.appOf(ctx, me)
	return me, err
}

// lacking are the scopes that a token does not have; granted is how Slack lists those that
// it has, or "" where it does not say.
func lacking(granted string) []scope {
	if granted == "" {
		return nil
	}
	has := strings.FieldsFunc(granted, func(c rune) bool { return c == ',' || c == ' ' })
	return slices.DeleteFunc(slices.Clone(scopes), func(s scope) bool { return slices.Contains(has, s.name) })
}

// names are those of the scopes that are for a kind of steps.
func names(all []scope, kind string) []string {
	var out []string
	for _, s := range all {
		if s.kind == kind {
			out = append(out, s.name)
		}
	}
	return out
}

// checkKinds says which procedures that are followed have steps for which the bot's token
// lacks a scope.
func (b *Bot) checkKinds() (found []error) {
	followed := map[string]bool{}
	for _, s := range b.cfg.Services {
		followed[s.Procedure] = true
	}
	for _, r := range b.cfg.Retailers {
		for _, e := range r.Environments {
			for _, id := range e.Follows {
				followed[id] = true
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(followed)) {
		p := b.cfg.Procedures[id]
		for _, s := range slices.Concat(p.Steps, p.Rollback, p.Failure.Steps, p.After) {
			if lacks := names(b.whoAmI().Lacks, s.Uses); len(lacks) > 0 {
				found = append(found, fmt.Errorf("the step %s of the procedure %s needs the scope %s, which the %s lacks: add it under OAuth & Permissions, and install the app again",
					s.ID, id, strings.Join(lacks, " and "), slackapi.BotToken))
			}
		}
		if lacks := names(b.whoAmI().Lacks, kindDirect); len(lacks) > 0 && tellsDirectly(p) {
			found = append(found, fmt.Errorf("the procedure %s tells people directly and needs the scope %s, which the %s lacks: add it under OAuth & Permissions, and install the app again",
				id, strings.Join(lacks, " and "), slackapi.BotToken))
		}
	}
	return found
}

// tellsDirectly reports whether a procedure tells people something by direct messages.
func tellsDirectly(p deployer.Procedure) bool {
	return len(p.Failure.People) > 0 || slices.ContainsFunc(slices.Concat(p.Steps, p.Rollback, p.Failure.Steps, p.After),
		func(s deployer.Step) bool { return len(s.Addressed()) > 0 })
}

// appOf is the app that the bot belongs to, "" where Slack does not say.
func (b *Bot) appOf(ctx context.Context, me identity) (string, error) {
	bot, err := b.api.GetBotInfoContext(ctx, slack.GetBotInfoParameters{Bot: me.BotID, TeamID: me.TeamID})
	if err == nil {
		return bot.AppID, nil
	}
	if outcome, _ := slackapi.OutcomeOf(err); outcome != slackapi.Rejected {
		return "", fmt.Errorf("ask Slack which app the bot is of: %w", err)
	}
	b.log.Warn("Slack does not say which app the bot is of; it is not compared with that of the app-level token", "err", err)
	return "", nil
}

// warm fills the caches, so that a command waits for nobody. It tries until it
// succeeds, ctx ends, or Slack refuses the token.
func (b *Bot) warm(ctx context.Context) error {
	for tries := 1; ; tries++ {
		strangers, err := b.fillCaches(ctx)
		if err == nil {
			b.people.LogUnknown(strangers)
			return nil
		}
		if refusal := slackapi.FinalError(err, slackapi.BotToken); refusal != nil {
			return refusal
		}
		if _, ok := errors.AsType[*slackapi.AuthError](err); ok {
			return err
		}
		delay := socketmode.Pause(err, tries)
		b.log.Warn("Slack can't be reached", "err", err, "again in", delay)
		if !slackapi.Sleep(ctx, delay) {
			return ctx.Err()
		}
	}
}

func (b *Bot) fillCaches(ctx context.Context) ([]error, error) {
	me, err := b.identify(ctx)
	if err != nil {
		return nil, err
	}
	b.identity.Store(&me)
	b.peers.Expect(me.AppID)
	strangers, err := b.people.Resolve(ctx)
	if err != nil {
		return nil, err
	}
	if err := b.channels.Refresh(ctx); err != nil {
		return nil, err
	}
	b.scopes(ctx) // which remembers, before anybody types, which channels bear the retailers' names
	return strangers, nil
}

// Check asks Slack whether what the configuration says is so: the tokens, their
// scopes and who else uses them, the people and groups of the roles, the retailers' channels.
// It starts nothing, and may be called without Run.
func (b *Bot) Check(ctx context.Context) []error {
	hello, err := socketmode.Greet(ctx, b.client)
	if err != nil {
		if refusal := slackapi.FinalError(err, slackapi.AppToken); refusal != nil {
			err = refusal
		}
		return []error{fmt.Errorf("check Slack: %w", err)}
	}
	found, err := b.fillCaches(ctx)
	if err != nil {
		if refusal := slackapi.FinalError(err, slackapi.BotToken); refusal != nil {
			err = refusal
		}
		return append(found, fmt.Errorf("check Slack: %w", err))
	}
	if err := socketmode.Compare(hello, b.whoAmI().AppID, 1+socketmode.PerProcess); err != nil { // one process may run
		found = append(found, fmt.Errorf("check Slack: %w", err))
	}
	for _, name := range slices.Sorted(maps.Keys(b.cfg.Retailers)) {
		for _, label := range slices.Sorted(maps.Keys(b.cfg.Retailers[name].Channels)) {
			ch := b.cfg.Retailers[name].Channels[label]
			c, ok := b.channels.Known(ch)
			if ok && c.ID != ch && label != deployer.ChannelDeploys {
				if err := b.hold(ctx, c, "retailers."+name+".channels."+label); err != nil {
					found = append(found, fmt.Errorf("check the channel %s: %w", c.ID, err))
				}
			}
			if !ok {
				found = append(found, fmt.Errorf("retailers.%s.channels.%s: the bot is not in %q, or there is no such channel: type /invite @%s in it",
					name, label, ch, b.whoAmI().Handle))
			}
		}
	}
	if lacks := names(b.whoAmI().Lacks, forReactions); len(lacks) > 0 {
		found = append(found, fmt.Errorf("%s need the scope %s, which the %s lacks, so that there are none: add it under OAuth & Permissions, and install the app again",
			forReactions, strings.Join(lacks, " and "), slackapi.BotToken))
	}
	return append(append(found, b.checkKinds()...), b.checkScopes(ctx)...)
}

// checkScopes says which channels that look like a retailer's take no commands.
func (b *Bot) checkScopes(ctx context.Context) (found []error) {
	for _, name := range b.channels.Names() {
		c, in := b.channels.Known(name)
		retailer := b.pinnedTo(c.ID)
		if retailer == "" {
			retailer = b.retailerOf(c.Name)
		}
		if _, ok := b.cfg.Retailers[retailer]; !in || !ok {
			continue
		}
		if _, err := b.retailerIn(ctx, c); err != nil {
			found = append(found, fmt.Errorf("check the channel %s: %w", c.ID, err))
		}
	}
	return found
}

// redrawCards has every card looked at that something may still change on: while nobody
// ran it may have been deleted, or the app made anew, and the buttons of an earlier
// version do not count. That has time: nothing else waits for it, however many there
// are.
func (b *Bot) redrawCards(ctx context.Context) {
	if !slackapi.Sleep(ctx, redrawAfter) {
		return
	}
	for _, id := range b.inFlight.IDs() {
		b.out.Dirty(id)
		if !slackapi.Sleep(ctx, redrawEvery) {
			return
		}
	}
}

const (
	redrawAfter = time.Minute
	redrawEvery = 4 * time.Second // of the fifty edits a minute that Slack gives
)

// CheckHead holds the records against the heads that Slack shows: where a file was
// changed, or put back, the error says so, and so do the log and the command that
// says where things stand, until it is asked again and is not so. That Slack can't
// be read is in the log alone; before Slack was met, no head is known.
func (b *Bot) CheckHead(ctx context.Context) error {
	if b.Holds == nil {
		return nil
	}
	var channels []string
	scopes, _ := b.scopes(ctx)
	for _, at := range scopes {
		channels = append(channels, at.Channel)
	}
	heads, err := b.out.Heads(ctx, channels)
	if err != nil && ctx.Err() == nil {
		b.log.Warn("the records are not held against all that Slack knows of them", "err", err)
	}
	if len(heads) == 0 {
		return nil
	}
	switch err := b.Holds(ctx, heads); {
	case ctx.Err() != nil: // it can't be told
	case err == nil:
		b.unheld.Store(nil)
	default:
		b.log.Error("the records are not those that Slack knows of", "heads", heads[:min(len(heads), 5)], "err", err)
		b.unheld.Store(&err)
	}
	return b.Unheld()
}

// Unheld says why the records are not those that Slack knows of; nil: they are, as
// far as is known.
func (b *Bot) Unheld() error {
	if err := b.unheld.Load(); err != nil {
		return fmt.Errorf("the records are not those that Slack knows of: %w", *err)
	}
	return nil
}
