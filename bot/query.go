package bot

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/bot/view"
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
func (c commands) answerSoon(ctx context.Context, r *request, known []string, what string, fetch func(context.Context) ([]string, error)) answer {
	quick, cancel := context.WithTimeout(ctx, min(firstWithin, c.quick()))
	defer cancel()
	rest, err := fetch(quick)
	if err == nil || quick.Err() == nil {
		return lines(append(known, c.fetched(rest, err)...))
	}
	a := lines(append(known, "_Asking "+what+": the answer follows in a moment._"))
	a.after = func(ctx context.Context) {
		ctx, cancel := context.WithTimeout(ctx, askFor)
		defer cancel()
		late := lines(c.fetched(fetch(ctx)))
		c.out.PostEphemeral(context.WithoutCancel(ctx), r.channel, r.user, late.text, late.blocks)
	}
	return a
}

// fetched is what was fetched, or that it could not be.
func (c commands) fetched(rest []string, err error) []string {
	if err != nil {
		c.log.Warn("a system can't be read", "err", err)
		rest = append(rest, "The system that runs it does not answer now; the log of stationmaster says why.")
	}
	return rest
}

// history lists deployments, and for one service also what its system
// remembers.
func (c commands) history(ctx context.Context, r *request) answer {
	q := deployer.Query{Retailer: r.scope.Retailer, Environment: r.env, Limit: linesMax}
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
			link = c.links.to(ctx, d.Card)
		}
		known = append(known, view.Past(c.guide, s, link, s.Environment)+view.Because(s))
	}
	if len(list) == 0 {
		known = append(known, "None yet.")
	}
	if q.Service == "" {
		return lines(known)
	}
	env, err := c.environment(r.scope.Retailer, r.env)
	if err != nil {
		return lines(known) // which environment's is not said
	}
	return c.answerSoon(ctx, r, known, "its system what ran before", func(ctx context.Context) ([]string, error) {
		return c.revisions(ctx, r.scope.Retailer, env, q.Service)
	})
}

func (c commands) revisions(ctx context.Context, retailer, env, service string) ([]string, error) {
	revisions, err := c.Systems.Revisions(ctx, retailer, env, service)
	if err != nil || len(revisions) == 0 {
		return nil, err
	}
	out := []string{"*Revisions in " + mrkdwn.Escape(env, mrkdwn.NameMax) + "*"}
	for _, r := range revisions[:min(len(revisions), linesMax)] {
		failed, err := c.didNotComplete(ctx, service, r)
		if err != nil {
			return nil, err
		}
		out = append(out, view.RevisionLine(r, failed))
	}
	if !slices.ContainsFunc(revisions, func(r deployer.Revision) bool { return !r.Current }) {
		return []string{strings.Join(out, "\n")}, nil // nothing to go back to
	}
	back := "To go back: " + mrkdwn.Code(c.cfg.Command+" rollback "+service+" --to REVISION", 200)
	return []string{strings.Join(out, "\n"), back}, nil
}

// versions says what runs.
func (c commands) versions(ctx context.Context, r *request) answer {
	return c.answerSoon(ctx, r, nil, "what runs", func(ctx context.Context) ([]string, error) { return c.whatRuns(ctx, r) })
}

// whatRuns are the lines of that.
func (c commands) whatRuns(ctx context.Context, r *request) ([]string, error) {
	out := []string{"*" + mrkdwn.Escape(mrkdwn.Capital(r.scope.Retailer)+" "+r.env, mrkdwn.NameMax) + "*"}
	list, err := c.Systems.Versions(ctx, r.scope.Retailer, r.env, r.services)
	if err != nil {
		return out, err
	}
	for _, s := range list[:min(len(list), 3*linesMax)] {
		out = append(out, view.ServingLine(s))
	}
	if len(list) == 0 {
		out = append(out, "Nothing runs there.")
	}
	return []string{mrkdwn.Cut(view.Rest(out, len(list)), mrkdwn.SectionMax)}, nil
}
