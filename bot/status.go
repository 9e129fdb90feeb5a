package bot

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/command"
	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
)

// askedMax is how many questions a list of what is under way repeats with their
// buttons.
const askedMax = 6

// status shows what is under way. One deployment is its card with the buttons;
// of several each is a few lines, with the buttons of what waits for whoever
// asks. A click makes the copy go away.
func (b *Bot) status(ctx context.Context, user string, st view.Scope, r command.Request) answer {
	if len(r.Words) > 0 {
		d, err := b.deploymentHere(ctx, st, "status", r.Words[0])
		if err != nil {
			return b.refuse(err)
		}
		return b.cardCopy(d)
	}
	live, err := b.live(ctx, st, r.Env)
	if err != nil {
		return b.refuse(err)
	}
	switch len(live) {
	case 0:
		return answer{text: "Nothing is under way for " + mrkdwn.Escape(strings.TrimSpace(st.Retailer+" "+r.Env), mrkdwn.NameMax) + ". What was: " +
			mrkdwn.Code(b.cfg.Command+" history", mrkdwn.NameMax)}
	case 1:
		return b.cardCopy(live[0])
	}
	return b.listLive(ctx, user, live)
}

// cardCopy is a deployment's card for one person. One that has ended leads to all
// that was written down about it.
func (b *Bot) cardCopy(d deployer.Deployment) answer {
	text, blocks := view.Card(d, b.engine.Progress(d.ID), b.guide, time.Now())
	if d.Status.Ended() && len(blocks) < mrkdwn.BlocksMax {
		blocks = append(blocks, slack.NewActionBlock("trail/"+mrkdwn.Plain(d.ID, mrkdwn.NameMax), view.TrailButton(d.ID)))
	}
	return answer{text: text, blocks: blocks}
}

// listLive lists what is under way.
func (b *Bot) listLive(ctx context.Context, user string, live []deployer.Deployment) answer {
	t := view.HomeView{
		Guide: b.guide, Me: b.people.PersonOf(user, ""), Roles: b.people.Held(user), Live: live, Now: time.Now(),
		Link: func(d deployer.Deployment) string { return b.linkTo(ctx, d.Card) },
	}
	said := []string{fmt.Sprintf("*%d are under way*", len(live))}
	blocks := mrkdwn.Sections(said)
	questions := t.PendingItems()
	for _, d := range live[:min(len(live), linesMax)] {
		said = append(said, t.UnderWay(d))
		asked := slices.DeleteFunc(slices.Clone(questions), func(m view.PendingItem) bool { return m.Deployment.ID != d.ID })
		var more []slack.Block
		for _, m := range asked[:min(len(asked), askedMax)] {
			more = append(more, t.PendingBlocks(m)...)
		}
		if len(more) == 0 || mrkdwn.TextUnits(blocks)+mrkdwn.TextUnits(more) > mrkdwn.AllTextMax || len(blocks)+len(more) > mrkdwn.BlocksMax-linesMax-1 {
			more = mrkdwn.Sections([]string{t.UnderWay(d)})
		}
		blocks = append(blocks, more...)
	}
	foot := "One with all its buttons: " + mrkdwn.Code(b.cfg.Command+" status "+live[0].ID, mrkdwn.NameMax)
	if extra := len(live) - linesMax; extra > 0 {
		foot = fmt.Sprintf("and %d more · ", extra) + foot
	}
	return answer{text: mrkdwn.Cut(strings.Join(append(said, foot), "\n"), mrkdwn.MessageMax), blocks: append(blocks, slack.NewContextBlock("", mrkdwn.Text(foot)))}
}

func (b *Bot) live(ctx context.Context, st view.Scope, env string) ([]deployer.Deployment, error) {
	ids, err := b.records.Live(ctx)
	if err != nil {
		return nil, err
	}
	var out []deployer.Deployment
	for _, id := range ids {
		if !strings.HasPrefix(id, st.Retailer+"-") {
			continue
		}
		d, err := b.records.Load(ctx, id)
		if err != nil {
			return nil, err
		}
		if d.Retailer == st.Retailer && (env == "" || d.Environment == env) {
			out = append(out, d)
		}
	}
	return out, nil
}

// deploymentHere is the deployment that somebody means by an id typed in a channel: one
// of another retailer is dealt with in its own, where everybody sees it.
func (b *Bot) deploymentHere(ctx context.Context, st view.Scope, verb, word string) (deployer.Deployment, error) {
	d, err := b.records.Load(ctx, strings.ToLower(word))
	if errors.Is(err, deployer.ErrNotFound) {
		return d, b.unknownDeployment(ctx, st, word)
	}
	if err != nil || d.Retailer == st.Retailer {
		return d, err
	}
	r := deployer.Refuse("", "%s is a deployment of %s, and this channel is for %s.", d.ID, d.Retailer, st.Retailer)
	if c, in := b.channels.Known(d.Channels["deploys"]); in && !c.Private {
		return deployer.Deployment{}, r.Hint("Type it in #"+c.Name, deployer.Verb(verb), d.ID)
	}
	return deployer.Deployment{}, r.Hint("Type it in the channel of "+d.Retailer+"’s deployments.", "")
}

// unknownDeployment refuses a word that is no service and no deployment.
func (b *Bot) unknownDeployment(ctx context.Context, st view.Scope, word string) error {
	live, err := b.live(ctx, st, "")
	if err != nil {
		return err
	}
	hint := command.DidYouMean(word, slices.Sorted(maps.Keys(b.cfg.Services)))
	switch {
	case hint != "":
	case len(live) > 0:
		var ids []string
		for _, d := range live {
			ids = append(ids, d.ID)
		}
		hint = "Under way: " + mrkdwn.Join(ids, "and", 8) + "."
	default:
		hint = "Nothing is under way."
	}
	return deployer.Refuse(hint, "There is no deployment %q.", mrkdwn.Clip(word, 60))
}
