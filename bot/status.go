package bot

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

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
func (c commands) status(ctx context.Context, r *request) answer {
	if r.deployment.ID != "" {
		return c.cardCopy(r.deployment)
	}
	live, err := c.live(ctx, r.scope.Retailer, r.env)
	if err != nil {
		return c.refuse(err)
	}
	switch len(live) {
	case 0:
		return answer{text: "Nothing is under way for " + mrkdwn.Escape(strings.TrimSpace(r.scope.Retailer+" "+r.env), mrkdwn.NameMax) + ". What was: " +
			mrkdwn.Code(c.cfg.Command+" history", mrkdwn.NameMax)}
	case 1:
		return c.cardCopy(live[0])
	}
	return c.listLive(ctx, r.user, live)
}

// cardCopy is a deployment's card for one person. One that has ended leads to all
// that was written down about it.
func (c commands) cardCopy(d deployer.Deployment) answer {
	text, blocks := view.Card(d, c.Orders.Progress(d.ID), c.renderer, time.Now())
	if d.Status.Ended() && len(blocks) < mrkdwn.BlocksMax {
		blocks = append(blocks, slack.NewActionBlock("trail/"+mrkdwn.Plain(d.ID, mrkdwn.NameMax), view.TrailButton(d.ID)))
	}
	return answer{text: text, blocks: blocks}
}

// listLive lists what is under way.
func (c commands) listLive(ctx context.Context, user string, live []deployer.Deployment) answer {
	t := view.Home{
		Renderer: c.renderer, Me: c.people.PersonOf(user, ""), Roles: c.people.Held(user), Live: live, Now: time.Now(),
		Link: func(d deployer.Deployment) string { return c.links.to(ctx, d.Card) },
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
	foot := "One with all its buttons: " + mrkdwn.Code(c.cfg.Command+" status "+live[0].ID, mrkdwn.NameMax)
	if extra := len(live) - linesMax; extra > 0 {
		foot = fmt.Sprintf("and %d more · ", extra) + foot
	}
	return answer{text: mrkdwn.Cut(strings.Join(append(said, foot), "\n"), mrkdwn.MessageMax), blocks: append(blocks, slack.NewContextBlock("", mrkdwn.Text(foot)))}
}
