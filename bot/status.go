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

	"github.com/stationmaster/stationmaster/deployer"
)

// askedMax is how many questions a list of what is under way repeats with their
// buttons.
const askedMax = 6

// status shows what is under way. One deployment is its card with the buttons;
// of several each is a few lines, with the buttons of what waits for whoever
// asks. A click makes the copy go away.
func (b *Bot) status(ctx context.Context, user string, st scope, r request) answer {
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
		return answer{text: "Nothing is under way for " + escape(strings.TrimSpace(st.retailer+" "+r.Env), nameMax) + ". What was: " +
			code(b.cfg.Command+" history", nameMax)}
	case 1:
		return b.cardCopy(live[0])
	}
	return b.listLive(ctx, user, live)
}

// cardCopy is a deployment's card for one person. One that has ended leads to all
// that was written down about it.
func (b *Bot) cardCopy(d deployer.Deployment) answer {
	text, blocks := drawCard(d, b.engine.Progress(d.ID), b.guide, time.Now())
	if d.Status.Ended() && len(blocks) < blocksMax {
		blocks = append(blocks, slack.NewActionBlock("trail/"+plain(d.ID, nameMax), trailButton(d.ID)))
	}
	return answer{text: text, blocks: blocks}
}

// listLive lists what is under way.
func (b *Bot) listLive(ctx context.Context, user string, live []deployer.Deployment) answer {
	t := homeView{
		guide: b.guide, me: b.people.personOf(user, ""), roles: b.people.held(user), live: live, now: time.Now(),
		link: func(d deployer.Deployment) string { return b.linkTo(ctx, d.Card) },
	}
	said := []string{fmt.Sprintf("*%d are under way*", len(live))}
	blocks := sections(said)
	questions := t.pendingItems()
	for _, d := range live[:min(len(live), linesMax)] {
		said = append(said, t.underWay(d))
		asked := slices.DeleteFunc(slices.Clone(questions), func(m pendingItem) bool { return m.d.ID != d.ID })
		var more []slack.Block
		for _, m := range asked[:min(len(asked), askedMax)] {
			more = append(more, t.pendingBlocks(m)...)
		}
		if len(more) == 0 || textUnits(blocks)+textUnits(more) > allTextMax || len(blocks)+len(more) > blocksMax-linesMax-1 {
			more = sections([]string{t.underWay(d)})
		}
		blocks = append(blocks, more...)
	}
	foot := "One with all its buttons: " + code(b.cfg.Command+" status "+live[0].ID, nameMax)
	if extra := len(live) - linesMax; extra > 0 {
		foot = fmt.Sprintf("and %d more · ", extra) + foot
	}
	return answer{text: cut(strings.Join(append(said, foot), "\n"), messageMax), blocks: append(blocks, slack.NewContextBlock("", markdownText(foot)))}
}

func (b *Bot) live(ctx context.Context, st scope, env string) ([]deployer.Deployment, error) {
	ids, err := b.records.Live(ctx)
	if err != nil {
		return nil, err
	}
	var out []deployer.Deployment
	for _, id := range ids {
		if !strings.HasPrefix(id, st.retailer+"-") {
			continue
		}
		d, err := b.records.Load(ctx, id)
		if err != nil {
			return nil, err
		}
		if d.Retailer == st.retailer && (env == "" || d.Environment == env) {
			out = append(out, d)
		}
	}
	return out, nil
}

// deploymentHere is the deployment that somebody means by an id typed in a channel: one
// of another retailer is dealt with in its own, where everybody sees it.
func (b *Bot) deploymentHere(ctx context.Context, st scope, verb, word string) (deployer.Deployment, error) {
	d, err := b.records.Load(ctx, strings.ToLower(word))
	if errors.Is(err, deployer.ErrNotFound) {
		return d, b.unknownDeployment(ctx, st, word)
	}
	if err != nil || d.Retailer == st.retailer {
		return d, err
	}
	where := "in the channel of " + d.Retailer + "’s deployments."
	if c, in := b.channels.known(d.Channels["deploys"]); in && !c.Private {
		where = "in #" + c.Name + ": /deploy " + verb + " " + d.ID
	}
	return deployer.Deployment{}, refuse("Type it "+where, "%s is a deployment of %s, and this channel is for %s.", d.ID, d.Retailer, st.retailer)
}

// unknownDeployment refuses a word that is no service and no deployment.
func (b *Bot) unknownDeployment(ctx context.Context, st scope, word string) error {
	live, err := b.live(ctx, st, "")
	if err != nil {
		return err
	}
	hint := didYouMean(word, slices.Sorted(maps.Keys(b.cfg.Services)))
	switch {
	case hint != "":
	case len(live) > 0:
		var ids []string
		for _, d := range live {
			ids = append(ids, d.ID)
		}
		hint = "Under way: " + join(ids, "and", 8) + "."
	default:
		hint = "Nothing is under way."
	}
	return refuse(hint, "There is no deployment %q.", clip(word, 60))
}
