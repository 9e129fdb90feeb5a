package bot

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/deployer"
)

const (
	linesMax    = 15                     // of a list, for a phone
	becauseMax  = 150                    // units of a reason in a list
	askFor      = 10 * time.Second       // how long a system may take to answer
	firstWithin = 800 * time.Millisecond // how long it may take before a first answer goes without it
)

// ask answers the subcommands that only read.
func (b *Bot) ask(ctx context.Context, c slack.SlashCommand, r request) answer {
	if r.Verb == "help" {
		return b.help(ctx, c)
	}
	st, err := b.stationOf(ctx, c.ChannelID, c.ChannelName)
	if err != nil {
		return b.refuse(err)
	}
	if r.Env != "" || r.Verb == "versions" {
		if r.Env, err = b.environment(st.retailer, r.Env); err != nil {
			return b.refuse(err)
		}
	}
	if r.Verb != "status" {
		for i, w := range r.Words {
			if r.Words[i], err = b.service(w); err != nil {
				return b.refuse(err)
			}
		}
	}
	switch r.Verb {
	case "status":
		return b.status(ctx, c.UserID, st, r)
	case "locks":
		return b.locks(ctx, st, r.Env)
	case "history":
		return b.history(ctx, c, st, r)
	}
	return b.answerSoon(ctx, c, nil, "what runs", func(ctx context.Context) ([]string, error) { return b.versions(ctx, st, r) })
}

// lines is an answer of short paragraphs, each with room around it.
func lines(paragraphs []string) answer {
	a := answer{text: cut(strings.Join(paragraphs, "\n"), messageMax)}
	for _, p := range paragraphs {
		a.blocks = append(a.blocks, section(cut(p, sectionMax)))
	}
	return a
}

// answerSoon answers with what is known and with what has to be fetched: in one where
// that is quick; otherwise what is known goes first, and the rest follows.
func (b *Bot) answerSoon(ctx context.Context, c slack.SlashCommand, known []string, what string, fetch func(context.Context) ([]string, error)) answer {
	quick, cancel := context.WithTimeout(ctx, min(firstWithin, b.quick()))
	defer cancel()
	rest, err := fetch(quick)
	if err == nil || quick.Err() == nil {
		return lines(append(known, b.fetched(rest, err)...))
	}
	a := lines(append(known, "_Asking "+what+": the answer follows in a moment._"))
	a.after = func(ctx context.Context) {
		ctx, cancel := context.WithTimeout(ctx, askFor)
		defer cancel()
		late := lines(b.fetched(fetch(ctx)))
		b.out.postEphemeral(context.WithoutCancel(ctx), c.ChannelID, c.UserID, late.text, late.blocks)
	}
	return a
}

// quick is how long a system may take to answer before the acknowledgement.
func (b *Bot) quick() time.Duration { return b.patience * 3 / 5 }

// fetched is what was fetched, or that it could not be.
func (b *Bot) fetched(rest []string, err error) []string {
	if err != nil {
		b.log.Warn("a system can't be read", "err", err)
		rest = append(rest, "The system that runs it does not answer now; the log of stationmaster says why.")
	}
	return rest
}

// history lists deployments, and for one service also what its system
// remembers.
func (b *Bot) history(ctx context.Context, c slack.SlashCommand, st scope, r request) answer {
	q := deployer.Query{Retailer: st.retailer, Environment: r.Env, Limit: linesMax}
	if len(r.Words) > 0 {
		q.Service = r.Words[0]
	}
	list, err := b.records.List(ctx, q)
	if err != nil {
		return b.refuse(err)
	}
	known := []string{"*Deployments for " + escape(strings.Join(strings.Fields(st.retailer+" "+r.Env+" "+q.Service), " "), 200) + "*"}
	for _, s := range list {
		link := ""
		if d, err := b.records.Load(ctx, s.ID); err == nil {
			link = b.linkTo(ctx, d.Card)
		}
		known = append(known, past(b.guide, s, link, s.Environment)+because(s))
	}
	if len(list) == 0 {
		known = append(known, "None yet.")
	}
	if q.Service == "" {
		return lines(known)
	}
	env, err := b.environment(st.retailer, r.Env)
	if err != nil {
		return lines(known) // which environment's is not said
	}
	return b.answerSoon(ctx, c, known, "its system what ran before", func(ctx context.Context) ([]string, error) {
		return b.revisions(ctx, st.retailer, env, q.Service)
	})
}

// past is a deployment in a list, in two short lines: what became of it, then
// where, by whom and when.
func past(g guide, s deployer.Summary, link, where string) string {
	id := escape(s.ID, nameMax)
	if link != "" {
		id = linkTo(link, id)
	}
	c := card{guide: g, d: deployer.Deployment{Status: s.Status}}
	return fmt.Sprintf("%s\n%s · *%s* · %s · %s · %s", c.signal(wanted(s.Releases)), id, ending(s), escape(where, nameMax),
		name(g.names, s.Requester), date(s.Created))
}

// because is why a deployment was asked for, and why it has not gone well.
func because(s deployer.Summary) string {
	out := ""
	if s.Reason != "" {
		out += " · “" + escape(s.Reason, becauseMax) + "”"
	}
	if s.Why != "" {
		out += " · " + shorten(s.Why, becauseMax)
	}
	return out
}

func (b *Bot) revisions(ctx context.Context, retailer, env, service string) ([]string, error) {
	revisions, err := b.systems.Revisions(ctx, retailer, env, service)
	if err != nil || len(revisions) == 0 {
		return nil, err
	}
	out := []string{"*Revisions in " + escape(env, nameMax) + "*"}
	for _, r := range revisions[:min(len(revisions), linesMax)] {
		failed, err := b.didNotComplete(ctx, service, r)
		if err != nil {
			return nil, err
		}
		out = append(out, revisionLine(r, failed))
	}
	if !slices.ContainsFunc(revisions, func(r deployer.Revision) bool { return !r.Current }) {
		return []string{strings.Join(out, "\n")}, nil // nothing to go back to
	}
	back := "To go back: " + code(b.cfg.Command+" rollback "+service+" --to REVISION", 200)
	return []string{strings.Join(out, "\n"), back}, nil
}

// versions says what runs.
func (b *Bot) versions(ctx context.Context, st scope, r request) ([]string, error) {
	out := []string{"*" + escape(capital(st.retailer)+" "+r.Env, nameMax) + "*"}
	list, err := b.systems.Versions(ctx, st.retailer, r.Env, r.Words)
	if err != nil {
		return out, err
	}
	for _, s := range list[:min(len(list), 3*linesMax)] {
		out = append(out, servingLine(s))
	}
	if len(list) == 0 {
		out = append(out, "Nothing runs there.")
	}
	return []string{cut(rest(out, len(list)), sectionMax)}, nil
}

// servingLine says what a service runs.
func servingLine(s deployer.Serving) string {
	signal := signalGood
	if s.Ready < s.Total || s.Note != "" {
		signal = signalWait
	}
	line := fmt.Sprintf("%s*%s* %s · %d of %d ready", signal, escape(s.Service, nameMax), code(s.State.Version, nameMax), s.Ready, s.Total)
	if s.Note != "" {
		line += " · " + escape(s.Note, 200)
	}
	return line
}

// revisionLine is an entry of a workload's history; failed says that its
// deployment did not complete.
func revisionLine(r deployer.Revision, failed bool) string {
	line := fmt.Sprintf("%s %s · %s", code(r.State.Revision, nameMax), code(r.State.Version, nameMax), date(r.Created))
	if r.By != "" {
		line += " · " + escape(r.By, nameMax)
	}
	if r.Current {
		line += " · *runs now*"
	}
	if failed {
		line += " · did not complete"
	}
	return line
}

// wanted is what was asked for, in short.
func wanted(wants []deployer.Release) string {
	var out []string
	for _, w := range wants {
		to := w.Tag
		if to == "" {
			to = "revision " + w.Revision
		}
		out = append(out, escape(w.Service, nameMax)+" "+code(to, nameMax))
	}
	return join(out, "and", 3)
}

// rest joins the lines of a list and says how many are not shown.
func rest(lines []string, all int) string {
	if more := all - (len(lines) - 1); more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(lines, "\n")
}

// date is a day and time, in the zone of whoever reads it.
func date(t time.Time) string {
	return fmt.Sprintf("<!date^%d^{date_short_pretty} {time}|%s UTC>", t.Unix(), t.UTC().Format("2 Jan 15:04"))
}
