package bot

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/command"
	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/deployer"
)

// rollBack takes a live deployment back, or a service to what it ran before.
func (b *Bot) rollBack(ctx context.Context, c slack.SlashCommand, r command.Request, by deployer.Person) answer {
	if len(r.Words) == 0 {
		return b.refuse(command.RefuseLike("rollback", "What should be rolled back?").Hint("or, for one under way", deployer.VerbRollBack, "tangerine-142"))
	}
	service, unknownService := b.service(r.Words[0])
	if unknownService == nil {
		return b.rollBackService(ctx, c, r, by, service)
	}
	st, err := b.stationOf(ctx, c.ChannelID, c.ChannelName)
	if err != nil {
		return b.refuse(err)
	}
	d, err := b.deploymentHere(ctx, st, "rollback", r.Words[0])
	switch {
	case err != nil:
		return b.refuse(err)
	case d.Status.Ended():
		return b.refuse(deployer.Refuse("", "%s has ended: %s.", d.ID, d.Status).Hint("To go back now, say", deployer.VerbRollBack, d.Releases[0].Service))
	case r.To != "" || r.Env != "" || r.Procedure != "" || len(r.Inputs) > 0 || r.DryRun:
		return b.refuse(deployer.Refuse("", "%s goes back to what it found; there is nothing to choose.", d.ID).Hint("Say only", deployer.VerbRollBack, d.ID))
	}
	return b.carryOut(ctx, deployer.Order{
		Deployment: d.ID, By: by, Nonce: fingerprint("command", c.TeamID, c.TriggerID), Command: deployer.RollBack{Reason: r.Reason},
	})
}

// stop stops a live deployment.
func (b *Bot) stop(ctx context.Context, c slack.SlashCommand, r command.Request, by deployer.Person) answer {
	if len(r.Words) == 0 {
		return b.refuse(command.RefuseLike("stop", "Which deployment should be stopped?").Hint("the ids are in", deployer.VerbStatus))
	}
	st, err := b.stationOf(ctx, c.ChannelID, c.ChannelName)
	if err != nil {
		return b.refuse(err)
	}
	d, err := b.deploymentHere(ctx, st, "stop", r.Words[0])
	if err != nil {
		return b.refuse(err)
	}
	return b.carryOut(ctx, deployer.Order{
		Deployment: d.ID, By: by, Nonce: fingerprint("command", c.TeamID, c.TriggerID), Command: deployer.Stop{Reason: r.Reason},
	})
}

// carryOut gives an order about a deployment; the card shows what came of it.
func (b *Bot) carryOut(ctx context.Context, o deployer.Order) answer {
	if _, err := b.order(ctx, o); err != nil {
		a := b.refuse(err)
		a.text += b.unknownGroups(err)
		b.Dirty(o.Deployment) // whoever pressed a stale button gets to see a fresh one
		return a
	}
	return answer{}
}

// unknownGroups adds to a refusal that some groups count as empty, because Slack does
// not say who is in them.
func (b *Bot) unknownGroups(err error) string {
	groups := b.people.Unknown()
	if _, ok := errors.AsType[*deployer.Refusal](err); !ok || len(groups) == 0 {
		return ""
	}
	return "\nSlack does not say now who is in " + mrkdwn.Escape(strings.Join(groups, ", "), 300) + ", so nobody counts as a member. Try again in a minute."
}

// rollBackService starts a deployment of a revision that the service ran before.
func (b *Bot) rollBackService(ctx context.Context, c slack.SlashCommand, r command.Request, by deployer.Person, service string) answer {
	st, err := b.stationOf(ctx, c.ChannelID, c.ChannelName)
	if err != nil {
		return b.refuse(err)
	}
	env, err := b.environment(st.Retailer, r.Env)
	if err != nil {
		return b.refuse(err)
	}
	asking, cancel := context.WithTimeout(ctx, b.quick())
	defer cancel()
	revisions, err := b.systems.Revisions(asking, st.Retailer, env, service)
	if errors.Is(err, context.DeadlineExceeded) {
		return b.refuse(deployer.Refuse("Try again in a minute.", "The system that runs %s does not answer, so what ran before is not known.", service))
	}
	if err != nil {
		return b.refuse(err)
	}
	rev, err := b.choose(ctx, revisions, service, r.To)
	if err != nil {
		return b.refuse(err)
	}
	r.Env, r.Wants = env, []deployer.Release{{Service: service, Revision: rev.State.Revision}}
	start, err := b.start(ctx, st, r)
	if err != nil {
		return b.refuse(err)
	}
	start.Origin = strings.Join([]string{"slack", c.TeamID, c.TriggerID}, "/")
	return b.begin(ctx, start, by, r.DryRun)
}

// choose picks the revision to go back to: the named one, or the newest that
// ran another version before the current, and ran it well.
func (b *Bot) choose(ctx context.Context, revisions []deployer.Revision, service, to string) (deployer.Revision, error) {
	if to != "" {
		return byNumber(revisions, service, to)
	}
	current := slices.IndexFunc(revisions, func(r deployer.Revision) bool { return r.Current })
	for i, r := range revisions {
		if current < 0 || i <= current || r.State.Image == revisions[current].State.Image {
			continue // to go back is to run something older, and something else
		}
		ill, err := b.didNotComplete(ctx, service, r)
		if err != nil || !ill {
			return r, err
		}
	}
	return deployer.Revision{}, deployer.Refuse("", "%s has nothing to go back to: no other version that ran well before.", service).
		Hint("To choose one by yourself, see", "history", service)
}

func byNumber(revisions []deployer.Revision, service, to string) (deployer.Revision, error) {
	var known []string
	for _, r := range revisions {
		if r.State.Revision == to && r.Current {
			return r, deployer.Refuse("", "%s runs revision %s already. Nothing was done.", service, to)
		}
		if r.State.Revision == to {
			return r, nil
		}
		known = append(known, r.State.Revision)
	}
	return deployer.Revision{}, unknown(service+" has no revision", to, known, "It has")
}

// didNotComplete reports whether a revision is what a deployment has brought that did not
// complete: one to go back to only by name (samson 2366). What it went back to
// is in the history under its id as well.
func (b *Bot) didNotComplete(ctx context.Context, service string, r deployer.Revision) (bool, error) {
	if r.By == "" {
		return false, nil
	}
	d, err := b.records.Load(ctx, r.By)
	if errors.Is(err, deployer.ErrNotFound) {
		return false, nil // another stationmaster's, or a mark that is none
	}
	if err != nil {
		return false, err
	}
	t := d.Target(service)
	return d.Status != deployer.Complete && t != nil && t.After.Image == r.State.Image, nil
}
