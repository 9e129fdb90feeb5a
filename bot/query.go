package bot

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/command"
	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
)

const linesMax = 15 // of a list, for a phone

const askFor = 10 * time.Second // how long a system may take to answer

const firstWithin = 800 * time.Millisecond // how long it may take before a first answer goes without it

// ask answers the subcommands that only read.
func (b *Bot) ask(ctx context.Context, c slack.SlashCommand, r command.Request) answer {
	if r.Verb == "help" {
		return b.help(ctx, c)
	}
	st, err := b.stationOf(ctx, c.ChannelID, c.ChannelName)
	if err != nil {
		return b.refuse(err)
	}
	if r.Env != "" || r.Verb == "versions" {
		if r.Env, err = b.environment(st.Retailer, r.Env); err != nil {
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
	a := answer{text: mrkdwn.Cut(strings.Join(paragraphs, "\n"), mrkdwn.MessageMax)}
	for _, p := range paragraphs {
		a.blocks = append(a.blocks, mrkdwn.Section(mrkdwn.Cut(p, mrkdwn.SectionMax)))
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
		b.out.PostEphemeral(context.WithoutCancel(ctx), c.ChannelID, c.UserID, late.text, late.blocks)
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
func (b *Bot) history(ctx context.Context, c slack.SlashCommand, st view.Scope, r command.Request) answer {
	q := deployer.Query{Retailer: st.Retailer, Environment: r.Env, Limit: linesMax}
	if len(r.Words) > 0 {
		q.Service = r.Words[0]
	}
	list, err := b.records.List(ctx, q)
	if err != nil {
		return b.refuse(err)
	}
	known := []string{"*Deployments for " + mrkdwn.Escape(strings.Join(strings.Fields(st.Retailer+" "+r.Env+" "+q.Service), " "), 200) + "*"}
	for _, s := range list {
		link := ""
		if d, err := b.records.Load(ctx, s.ID); err == nil {
			link = b.linkTo(ctx, d.Card)
		}
		known = append(known, view.Past(b.guide, s, link, s.Environment)+view.Because(s))
	}
	if len(list) == 0 {
		known = append(known, "None yet.")
	}
	if q.Service == "" {
		return lines(known)
	}
	env, err := b.environment(st.Retailer, r.Env)
	if err != nil {
		return lines(known) // which environment's is not said
	}
	return b.answerSoon(ctx, c, known, "its system what ran before", func(ctx context.Context) ([]string, error) {
		return b.revisions(ctx, st.Retailer, env, q.Service)
	})
}

func (b *Bot) revisions(ctx context.Context, retailer, env, service string) ([]string, error) {
	revisions, err := b.systems.Revisions(ctx, retailer, env, service)
	if err != nil || len(revisions) == 0 {
		return nil, err
	}
	out := []string{"*Revisions in " + mrkdwn.Escape(env, mrkdwn.NameMax) + "*"}
	for _, r := range revisions[:min(len(revisions), linesMax)] {
		failed, err := b.didNotComplete(ctx, service, r)
		if err != nil {
			return nil, err
		}
		out = append(out, view.RevisionLine(r, failed))
	}
	if !slices.ContainsFunc(revisions, func(r deployer.Revision) bool { return !r.Current }) {
		return []string{strings.Join(out, "\n")}, nil // nothing to go back to
	}
	back := "To go back: " + mrkdwn.Code(b.cfg.Command+" rollback "+service+" --to REVISION", 200)
	return []string{strings.Join(out, "\n"), back}, nil
}

// versions says what runs.
func (b *Bot) versions(ctx context.Context, st view.Scope, r command.Request) ([]string, error) {
	out := []string{"*" + mrkdwn.Escape(mrkdwn.Capital(st.Retailer)+" "+r.Env, mrkdwn.NameMax) + "*"}
	list, err := b.systems.Versions(ctx, st.Retailer, r.Env, r.Words)
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
