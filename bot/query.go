package bot

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/bot/view/overview"
	"github.com/stationmaster/stationmaster/deployer"
)

const linesMax = 15 // of a list, for a phone

const askFor = 10 * time.Second // how long a system may take to answer

const firstWithin = 800 * time.Millisecond // how long it may take before a first answer goes without it

// lines is an answer of short paragraphs, each with room around it.
func lines(paragraphs []string) answer {
	a := answer{text: mrkdwn.Cut(strings.Join(paragraphs, "\n"), mrkdwn.MessageMax)}
	for _, p := range paragraphs {
		a.blocks = append(a.blocks, mrkdwn.Section(mrkdwn.Cut(p, mrkdwn.SectionMax)))
	}
	return a
}

// answerSoon answers with what is known and with what has to be fetched: in one where
// that is quick; otherwise what is known goes first, and the rest follows.
func (c commands) answerSoon(ctx context.Context, r *request, known []string, what string, fetch func(context.Context) (found, error)) answer {
	quick, cancel := context.WithTimeout(ctx, min(firstWithin, c.quick()))
	defer cancel()
	rest, err := fetch(quick)
	if err == nil || quick.Err() == nil {
		return c.fetched(known, rest, err)
	}
	a := lines(append(known, "_Asking "+what+": the answer follows in a moment._"))
	a.after = func(ctx context.Context) {
		ctx, cancel := context.WithTimeout(ctx, askFor)
		defer cancel()
		rest, err := fetch(ctx)
		late := c.fetched(nil, rest, err)
		c.out.PostEphemeral(context.WithoutCancel(ctx), r.channel, r.user, late.text, late.blocks)
	}
	return a
}

// found is what a system was asked for, with what can be done about it.
type found struct {
	paragraphs []string
	buttons    []slack.BlockElement
}

// fetched is what was known and what was fetched, or that it could not be.
func (c commands) fetched(known []string, rest found, err error) answer {
	if err != nil {
		c.log.Warn("a system can't be read", "err", err)
		rest.paragraphs = append(rest.paragraphs, "The system that runs it does not answer now; the log of stationmaster says why.")
	}
	a := lines(append(known, rest.paragraphs...))
	if len(rest.buttons) > 0 {
		a.blocks = append(a.blocks, slack.NewActionBlock("", rest.buttons...))
	}
	return a
}

// history lists deployments, and for one service also what its system
// remembers.
func (c commands) history(ctx context.Context, r *request) answer {
	q := deployer.Query{Site: deployer.Site{Name: r.scope.Retailer, Environment: r.env}, Limit: linesMax}
	if len(r.services) > 0 {
		q.Service = r.services[0]
	}
	list, err := c.Deployments.List(ctx, q)
	if err != nil {
		return c.refuse(err)
	}
	known := []string{"*Deployments for " + mrkdwn.Escape(strings.Join(strings.Fields(r.scope.Retailer+" "+r.env+" "+q.Service), " "), 200) + "*"}
	for _, s := range list {
		link := ""
		if d, err := c.Deployments.Load(ctx, s.ID); err == nil {
			s, link = overview.Named(d), c.links.To(ctx, d.Card)
		}
		known = append(known, overview.HistoryEntry(c.renderer, s, link, s.Site.Environment)+overview.HistoryReason(s))
	}
	if len(list) == 0 {
		known = append(known, "None yet.")
	}
	if q.Service == "" {
		return lines(known)
	}
	env, err := c.environment(r.scope.Retailer, r.env)
	if err != nil {
		return lines(known) // it is not clear whose revisions are meant: a service has them in each environment
	}
	return c.answerSoon(ctx, r, known, "its system what ran before", func(ctx context.Context) (found, error) {
		return c.revisions(ctx, r.scope.Retailer, env, q.Service)
	})
}

func (c commands) revisions(ctx context.Context, retailer, env, service string) (found, error) {
	revisions, err := c.Systems.Revisions(ctx, retailer, env, service)
	if err != nil || len(revisions) == 0 {
		return found{}, err
	}
	out := []string{"*Revisions in " + mrkdwn.Escape(env, mrkdwn.NameMax) + "*"}
	for _, r := range revisions[:min(len(revisions), linesMax)] {
		failed, err := c.launcher.DidNotComplete(ctx, service, r)
		if err != nil {
			return found{}, err
		}
		out = append(out, overview.RevisionLine(r, failed))
	}
	if !slices.ContainsFunc(revisions, func(r deployer.Revision) bool { return !r.Current }) {
		return found{paragraphs: []string{strings.Join(out, "\n")}}, nil // nothing to go back to
	}
	back := "To go back: " + mrkdwn.Code(c.cfg.Command+" rollback "+service+" --to REVISION", 200)
	return found{paragraphs: []string{strings.Join(out, "\n"), back}, buttons: c.backFrom(ctx, retailer, env, service, revisions)}, nil
}

// backFrom is the button that takes a service back from what it runs, where a deployment
// has brought that whose way back is known.
func (c commands) backFrom(ctx context.Context, retailer, env, service string, revisions []deployer.Revision) []slack.BlockElement {
	now := slices.IndexFunc(revisions, func(r deployer.Revision) bool { return r.Current })
	if now < 0 || revisions[now].By == "" {
		return nil
	}
	d, err := c.Deployments.Load(ctx, revisions[now].By)
	if err != nil || d.Site.Name != retailer || d.Site.Environment != env || c.stillRuns(ctx, d, service) != nil {
		return nil
	}
	if _, err := c.launcher.RevisionBefore(d, service, revisions); err != nil {
		return nil
	}
	if back := c.renderer.TakeBackButton(d, service, time.Now()); back != nil {
		return []slack.BlockElement{back}
	}
	return nil
}

// versions says what runs.
func (c commands) versions(ctx context.Context, r *request) answer {
	return c.answerSoon(ctx, r, nil, "what runs", func(ctx context.Context) (found, error) {
		paragraphs, err := c.whatRuns(ctx, r)
		return found{paragraphs: paragraphs}, err
	})
}

// whatRuns are the lines of that.
func (c commands) whatRuns(ctx context.Context, r *request) ([]string, error) {
	out := []string{"*" + mrkdwn.Escape(mrkdwn.Capital(r.scope.Retailer)+" "+r.env, mrkdwn.NameMax) + "*"}
	list, err := c.Systems.Versions(ctx, r.scope.Retailer, r.env, r.services)
	if err != nil {
		return out, err
	}
	for _, s := range list[:min(len(list), 3*linesMax)] {
		out = append(out, overview.ServingLine(s))
	}
	if len(list) == 0 {
		out = append(out, "Nothing runs there.")
	}
	return []string{mrkdwn.Cut(overview.JoinLines(out, len(list)), mrkdwn.SectionMax)}, nil
}

// help is what can be typed, with services, tags and ids of this channel, so that
// it can be copied. It is given everywhere.
func (c commands) help(ctx context.Context, r *request) answer {
	retailer := r.scope.Retailer // "": it is about no retailer
	id := cmp.Or(retailer, cmp.Or(slices.Sorted(maps.Keys(c.cfg.Retailers))...)) + "-142"
	if list, err := c.Deployments.List(ctx, deployer.Query{Site: deployer.Site{Name: retailer}, Limit: 1}); err == nil && len(list) > 0 && retailer != "" {
		id = list[0].ID
	}
	service, other := c.twoServices()
	cmd := func(words string) string { return mrkdwn.Code(c.cfg.Command+words, 200) }
	tag := func(of string) string { return of + " " + c.anyTag(of) }
	deploy := "*Deploy* " + cmd(" "+tag(service))
	if other != "" {
		deploy += "\nseveral " + cmd(" "+tag(service)+" "+tag(other))
	}
	paragraphs := []string{
		deploy + "\nwith a form " + cmd(""),
		"*Look* " + cmd(" status") + " what is under way\n" + cmd(" history "+service) + " what was\n" +
			cmd(" versions") + " what runs\n" + cmd(" locks") + " what is locked",
		"*Go back* " + cmd(" rollback "+service) + " to what ran before\n" + cmd(" rollback "+id) + " what it brought\n" + cmd(" stop "+id) + " stops one",
		"*Keep away* " + cmd(" lock "+service+" --for 2h --reason why") + "\nuntil " + cmd(" unlock "+service),
		"*With a deployment* " + strings.Join([]string{mrkdwn.Code("--env NAME", 80), mrkdwn.Code(`--reason "orders are stuck"`, 80), mrkdwn.Code("--at 22:00", 80),
			mrkdwn.Code("--input ID=VALUE", 80), mrkdwn.Code("--procedure ID", 80), mrkdwn.Code("--dry-run", 80)}, " ") + ": only says what would happen\n" +
			mrkdwn.Code("--drill", 80) + " rehearses it with everybody and touches nothing; " + mrkdwn.Code("--fail STEP", 80) + " has a step fail in it",
		"What waits for you stands in the Home tab of the app *" + mrkdwn.Escape(c.whoAmI().Handle, mrkdwn.NameMax) + "*.",
		"Services: " + mrkdwn.Escape(mrkdwn.Join(slices.Sorted(maps.Keys(c.cfg.Services)), "and", 20), 1500),
	}
	return lines(paragraphs)
}

// twoServices are what examples are about: those with the shortest names, which
// fit on a line of a phone. One that there is not is "".
func (c commands) twoServices() (one, other string) {
	all := slices.Sorted(maps.Keys(c.cfg.Services))
	slices.SortStableFunc(all, func(a, b string) int { return len(a) - len(b) })
	all = append(all, "", "") // there may be fewer
	return all[0], all[1]
}

// anyTag is a tag that the service has, as far as is known.
func (c commands) anyTag(service string) string {
	return cmp.Or(append(slices.Clone(c.tags.LastRead(service)), "v1.2.3")...)
}

// warned puts before an answer what is wrong with all of it.
func (c commands) warned(handle func(context.Context, *request) answer) func(context.Context, *request) answer {
	return func(ctx context.Context, r *request) answer {
		a, warnings := handle(ctx, r), c.warnings(r.deployment.ID)
		if len(warnings) == 0 {
			return a
		}
		first := strings.Join(warnings, "\n")
		a.text = mrkdwn.Cut(first+"\n"+a.text, mrkdwn.MessageMax)
		if len(a.blocks) > 0 && len(a.blocks) < mrkdwn.BlocksMax {
			a.blocks = append(mrkdwn.Sections([]string{first}), a.blocks...)
		}
		return a
	}
}

// warnings are what whoever looks at a deployment, or with "" at all, has to know
// first.
func (c commands) warnings(id string) []string {
	var out []string
	if err := c.unheld.Load(); err != nil {
		out = append(out, "⛔ *The records are not those that Slack knows of:* they were changed, or an older file was put back. "+mrkdwn.Escape((*err).Error(), 300))
	}
	if c.Altered != nil {
		if err := c.Altered(); err != nil {
			out = append(out, "⛔ *The records are not what was written:* "+mrkdwn.Escape(err.Error(), 300))
		}
	}
	if c.Quarantined != nil && id != "" {
		if why, ok := c.Quarantined()[id]; ok {
			out = append(out, "⛔ *"+mrkdwn.Escape(id, mrkdwn.NameMax)+" is not carried on:* "+mrkdwn.Sentence(mrkdwn.Escape(why, 300)))
		}
	}
	return out
}
