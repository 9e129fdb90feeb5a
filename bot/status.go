package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/bot/view/overview"
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
		return c.cardCopy(ctx, r.deployment)
	}
	live := c.underWay(ctx, r.scope.Retailer, r.env)
	switch {
	case live.total() == 0:
		return answer{text: "Nothing is under way for " + mrkdwn.Escape(strings.TrimSpace(r.scope.Retailer+" "+r.env), mrkdwn.NameMax) + ". What was: " +
			mrkdwn.Code(c.cfg.Command+" history", mrkdwn.NameMax)}
	case live.total() == 1 && len(live.shown) == 1:
		return c.cardCopy(ctx, live.shown[0])
	}
	return c.listLive(ctx, r.user, live)
}

// A liveList is what is under way for a retailer, as far as a list shows it.
type liveList struct {
	shown      []deployer.Deployment
	more       int // what it does not show
	unread     int // of which the environment is not known yet
	unreadable []string
}

func (l liveList) total() int { return len(l.shown) + l.more + l.unread + len(l.unreadable) }

// underWay are the deployments of a retailer that have not ended, in one
// environment or in all. Only those are loaded that a list shows; which environment
// the others are in, the index knows, after a moment.
func (s *resolver) underWay(ctx context.Context, retailer, env string) liveList {
	if env != "" {
		s.inFlight.Settle(ctx, s.quick())
	}
	var out liveList
	for _, l := range s.inFlight.Of(retailer) {
		switch {
		case l.Unreadable:
			out.unreadable = append(out.unreadable, l.ID)
			continue
		case env != "" && l.Environment == "":
			out.unread++
			continue
		case env != "" && l.Environment != env:
			continue
		case len(out.shown) == linesMax:
			out.more++
			continue
		}
		switch d, err := s.Deployments.Load(ctx, l.ID); {
		case err == nil && deployer.Lives(d):
			out.shown = append(out.shown, d)
		case err != nil && !errors.Is(err, deployer.ErrNotFound):
			s.log.Error("a deployment can't be read", "deployment", l.ID, "err", err)
			out.unreadable = append(out.unreadable, l.ID)
		}
	}
	return out
}

// cardCopy is a deployment's card for one person. One that has ended leads to all
// that was written down about it.
func (c commands) cardCopy(ctx context.Context, d deployer.Deployment) answer {
	r := c.renderer
	r.LinkTo = func(p deployer.Post) string { return c.links.To(ctx, p) }
	r.PlainSteps = true // what one person sees is sent once: nothing in it may be refused
	text, blocks := view.Card(d, c.Orders.Progress(d.ID), r, time.Now())
	if d.Status.Ended() && len(blocks) < mrkdwn.BlocksMax {
		blocks = append(blocks, slack.NewActionBlock("trail/"+mrkdwn.Plain(d.ID, mrkdwn.NameMax), view.TrailButton(d)))
	}
	return answer{text: text, blocks: blocks}
}

// listLive lists what is under way.
func (c commands) listLive(ctx context.Context, user string, live liveList) answer {
	t := overview.Home{
		Renderer: c.renderer, Me: c.people.PersonOf(user, ""), Roles: c.people.Held(user), Live: live.shown, Now: time.Now(),
		Link: func(d deployer.Deployment) string { return c.links.To(ctx, d.Card) }, Progress: c.Orders.Progress,
	}
	said := []string{fmt.Sprintf("*%d are under way*", live.total())}
	if live.total() == 1 {
		said[0] = "*1 is under way*"
	}
	blocks := mrkdwn.Sections(said)
	questions := t.PendingItems()
	for _, d := range live.shown {
		said = append(said, t.UnderWay(d))
		asked := slices.DeleteFunc(slices.Clone(questions), func(m overview.PendingItem) bool { return m.Deployment.ID != d.ID })
		var more []slack.Block
		for _, m := range asked[:min(len(asked), askedMax)] {
			more = append(more, t.PendingBlocks(m)...)
		}
		if len(more) == 0 || mrkdwn.TextUnits(blocks)+mrkdwn.TextUnits(more) > mrkdwn.AllTextMax || len(blocks)+len(more) > mrkdwn.BlocksMax-linesMax-2 {
			more = mrkdwn.Sections([]string{t.UnderWay(d)})
		}
		blocks = append(blocks, more...)
	}
	if lines := overview.UnreadableLines(live.unreadable); len(lines) > 0 {
		said = append(said, lines...)
		blocks = append(blocks, mrkdwn.Sections([]string{strings.Join(lines, "\n")})...)
	}
	if queues := overview.Queues(c.renderer, live.shown); len(queues) > 0 {
		said = append(said, queues...)
		blocks = append(blocks, mrkdwn.Sections([]string{strings.Join(queues, "\n")})...)
	}
	foot := c.listFoot(live)
	return answer{text: mrkdwn.Cut(strings.Join(append(said, foot), "\n"), mrkdwn.MessageMax), blocks: append(blocks, slack.NewContextBlock("", mrkdwn.Text(foot)))}
}

// listFoot says what the list does not show, and how to see one with its buttons.
func (c commands) listFoot(live liveList) string {
	var parts []string
	if live.more > 0 {
		parts = append(parts, fmt.Sprintf("and %d more", live.more))
	}
	if live.unread > 0 {
		parts = append(parts, overview.Unread(live.unread))
	}
	id := "ID"
	if len(live.shown) > 0 {
		id = live.shown[0].ID
	}
	return strings.Join(append(parts, "One with all its buttons: "+mrkdwn.Code(c.cfg.Command+" status "+id, mrkdwn.NameMax)), " · ")
}
