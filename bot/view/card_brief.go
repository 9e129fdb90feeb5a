package view

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/awaited"
	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/deployer"
)

const actionOpen = "home/open" // a link to a card

// Runs is what a service runs on how many pods: of one version how many are
// ready, of several how many there are of each.
func Runs(s deployer.Serving) string {
	one := len(s.Pods) == 0 || len(s.Pods) == 1 && s.Pods[0].Version == s.State.Version
	if one {
		return fmt.Sprintf("%s · %d of %d ready", mrkdwn.Code(s.State.Version, mrkdwn.NameMax), min(s.Ready, s.Total), s.Total)
	}
	var out []string
	for i, r := range s.Pods {
		if i == spreadMax {
			out = append(out, fmt.Sprintf("%d more versions", len(s.Pods)-i))
			break
		}
		words := fmt.Sprintf("%s on %d", mrkdwn.Code(r.Version, mrkdwn.NameMax), r.Pods)
		if r.Ready < r.Pods {
			words += fmt.Sprintf(" (%d ready)", r.Ready)
		}
		out = append(out, words)
	}
	if !slices.ContainsFunc(s.Pods, func(r deployer.VersionCount) bool { return r.Version == s.State.Version }) {
		out = append(out, "none of "+mrkdwn.Code(s.State.Version, mrkdwn.NameMax))
	}
	return strings.Join(out, ", ")
}

// spreadMax is how many versions of a service stand on one line.
const spreadMax = 4

// ReleaseWords is what was asked for, in short.
func ReleaseWords(releases []deployer.Release) string {
	var out []string
	for _, w := range releases {
		to := w.Tag
		if to == "" {
			to = "revision " + w.Revision
		}
		out = append(out, mrkdwn.Escape(w.Service, mrkdwn.NameMax)+" "+mrkdwn.Code(to, mrkdwn.NameMax))
	}
	return mrkdwn.Join(out, "and", 3)
}

// ServiceList names what was wanted.
func ServiceList(releases []deployer.Release) string { return strings.Join(ServicesOf(releases), ", ") }

// ServicesOf are the services that are wanted.
func ServicesOf(releases []deployer.Release) []string {
	var out []string
	for _, w := range releases {
		out = append(out, w.Service)
	}
	return out
}

// UnderWay is a live deployment in three short lines, for whoever reads it; link leads to its card.
func UnderWay(r Renderer, d deployer.Deployment, progress map[string]deployer.Progress, reader deployer.Actor, link string, now time.Time) string {
	c := card{Renderer: r, d: d, progress: progress, now: now, cardBudget: cardBudgets[2]}
	head, _, _ := strings.Cut(c.headline(), "\n")
	signal := c.signal(head)
	if d.Status == deployer.Running && len(c.active(true)) > 0 {
		signal = signalWait + head
	}
	who := "you"
	if d.Requester.ID != reader.ID {
		who = name(r, d.Requester)
	}
	return named(c, link) + "\n" + signal + "\nAsked by " + who + " · " + mrkdwn.Date(d.Created)
}

// named is which deployment it is, and leads to its card.
func named(c card, link string) string {
	id := mrkdwn.Escape(c.d.ID, mrkdwn.NameMax)
	if link != "" {
		id = mrkdwn.Link(link, id)
	}
	what := c.change()
	if what == "" {
		what = ReleaseWords(c.d.Releases)
	}
	return c.title() + " · " + id + "\n" + what
}

// Pending is what people are awaited for at a step, with the buttons that answer it; without a step it is a
// decision. Link leads to the card.
func Pending(r Renderer, d deployer.Deployment, step *deployer.StepState, link string, now time.Time) []slack.Block {
	c := card{Renderer: r, d: d, now: now, cardBudget: cardBudgets[1]}
	lines := []string{c.title(), c.change(), c.unproved(), c.targetRemarks()}
	if len(d.Targets) > 1 {
		lines = append(lines, serviceLines{c}.services()...)
	}
	buttons := c.options()
	switch {
	case step == nil:
		lines = append(lines, signalWrong+c.state())
	case awaited.DecidedAlone(d, *step):
		words, decide := cardQuestion{c}.beside(*step)
		lines, buttons = append(lines, words), decide
	default:
		lines, buttons = append(lines, signalWait+cardQuestion{c}.question(*step)), c.buttons(*step)
		if step.Approves() && len(d.Targets) > c.cardBudget.services { // nobody approves what they can't see
			lines, buttons = append(lines, "Not all of it fits here: approve it on the card."), nil
		}
	}
	if link != "" {
		open := slack.NewButtonBlockElement(actionOpen, "open", mrkdwn.PlainText("Open the card"))
		open.URL = link
		buttons = append(buttons, open)
	}
	text := strings.Join(slices.DeleteFunc(lines, func(l string) bool { return l == "" }), "\n")
	out := []slack.Block{
		slack.NewSectionBlock(mrkdwn.Text(mrkdwn.Cut(text, mrkdwn.SectionMax)), nil, nil),
		slack.NewContextBlock("", mrkdwn.Text(c.request()+" · "+mrkdwn.Escape(d.ID, mrkdwn.NameMax))),
	}
	if len(buttons) > 0 {
		out = append(out, slack.NewActionBlock(mrkdwn.Plain(fmt.Sprintf("%s/%d/%s", d.ID, d.Seq, stepID(step)), 255), buttons...))
	}
	return out
}

func stepID(s *deployer.StepState) string {
	if s == nil {
		return "decide"
	}
	return s.ID
}

// Signal puts a deployment's signal before words about it, as on its card.
func Signal(d deployer.Deployment, words string) string { return card{d: d}.signal(words) }

// SignalGood says that all is well, by a signal before words about what is no deployment.
func SignalGood(words string) string { return signalGood + words }

// SignalWait says likewise that somebody is waited for.
func SignalWait(words string) string { return signalWait + words }

// SignalWrong says likewise that something is wrong.
func SignalWrong(words string) string { return signalWrong + words }
