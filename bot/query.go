package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/deployer"
)

const (
	linesMax    = 15               // of a list, for a phone
	becauseMost = 150              // units of a reason in a list
	askFor      = 10 * time.Second // how long a system may take to answer
)

// ask answers the subcommands that only read.
func (b *Bot) ask(ctx context.Context, c slack.SlashCommand, r request) answer {
	if r.Verb == "help" {
		return answer{say: b.help()}
	}
	st, err := b.stationOf(ctx, c.ChannelID, c.ChannelName)
	if err != nil {
		return b.no(err)
	}
	if r.Env != "" || r.Verb == "versions" {
		if r.Env, err = b.environment(st.retailer, r.Env); err != nil {
			return b.no(err)
		}
	}
	if r.Verb != "status" {
		for i, w := range r.Words {
			if r.Words[i], err = b.service(w); err != nil {
				return b.no(err)
			}
		}
	}
	switch r.Verb {
	case "status":
		return b.status(ctx, st, r)
	case "locks":
		return b.locks(ctx, st, r.Env)
	case "history":
		return b.history(ctx, c, st, r)
	}
	return b.soon(ctx, c, func(ctx context.Context) (string, error) { return b.versions(ctx, st, r) })
}

// soon gives an answer that has to be fetched: at once where that is quick,
// otherwise behind a word that it is coming.
func (b *Bot) soon(ctx context.Context, c slack.SlashCommand, fetch func(context.Context) (string, error)) answer {
	quick, cancel := context.WithTimeout(ctx, b.quick())
	defer cancel()
	say, err := fetch(quick)
	if err == nil || quick.Err() == nil {
		return answer{say: b.fetched(say, err)}
	}
	return answer{say: "Asking; the answer comes in a moment.", after: func(ctx context.Context) {
		ctx, cancel := context.WithTimeout(ctx, askFor)
		defer cancel()
		b.whisper(context.WithoutCancel(ctx), c.ChannelID, c.UserID, b.fetched(fetch(ctx)))
	}}
}

// quick is how long a system may take to answer before the acknowledgement.
func (b *Bot) quick() time.Duration { return b.patience * 3 / 5 }

// fetched is what was fetched, or that it could not be.
func (b *Bot) fetched(say string, err error) string {
	if err != nil {
		b.log.Warn("a system can't be read", "err", err)
		say = strings.TrimSpace(say + "\nThe system that runs it does not answer now; the log of stationmaster says why.")
	}
	return say
}

// status shows what is under way. With one deployment, or a named one, it is
// the card with its buttons; a click makes that copy go away.
func (b *Bot) status(ctx context.Context, st station, r request) answer {
	live, err := b.live(ctx, st, r.Env)
	if err != nil {
		return b.no(err)
	}
	if len(r.Words) > 0 {
		d, err := b.records.Load(ctx, strings.ToLower(r.Words[0]))
		if errors.Is(err, deployer.ErrNotFound) {
			err = b.neither(ctx, r.Words[0])
		}
		if err != nil {
			return b.no(err)
		}
		live = []deployer.Deployment{d}
	}
	switch len(live) {
	case 0:
		return answer{say: "Nothing is under way for " + esc(strings.TrimSpace(st.retailer+" "+r.Env), nameMost) + "."}
	case 1:
		text, blocks := renderCard(live[0], b.engine.Progress(live[0].ID), b.guide(), time.Now())
		return answer{say: text, blocks: blocks}
	}
	lines := []string{fmt.Sprintf("*%d are under way* · for one with its buttons: %s", len(live), code(b.cfg.Command+" status "+live[0].ID, 80))}
	for _, d := range live[:min(len(live), linesMax)] {
		lines = append(lines, fmt.Sprintf("*%s* · %s %s · %s · since %s", esc(d.ID, nameMost), wanted(d.Wants), esc(d.Environment, nameMost),
			b.waits(d), clock(d.Created)))
	}
	return answer{say: rest(lines, len(live))}
}

func (b *Bot) live(ctx context.Context, st station, env string) ([]deployer.Deployment, error) {
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

// waits says in words what a deployment waits for.
func (b *Bot) waits(d deployer.Deployment) string {
	var out []string
	for _, s := range d.Current() {
		line := esc(s.Title, titleMost)
		if s.Uses == deployer.KindApprove || s.Uses == deployer.KindConfirm && s.Role != "" {
			line += " by " + b.who(s.Role)
		}
		out = append(out, line)
	}
	if d.Status == deployer.Deciding {
		return "*needs a decision*: " + join(out, "and", 3)
	}
	if len(out) == 0 {
		return string(d.Status)
	}
	return join(out, "and", 3)
}

// history lists deployments, and for one service also what its system
// remembers.
func (b *Bot) history(ctx context.Context, c slack.SlashCommand, st station, r request) answer {
	q := deployer.Query{Retailer: st.retailer, Environment: r.Env, Limit: linesMax}
	if len(r.Words) > 0 {
		q.Service = r.Words[0]
	}
	list, err := b.records.List(ctx, q)
	if err != nil {
		return b.no(err)
	}
	lines := []string{"*Deployments for " + esc(strings.Join(strings.Fields(st.retailer+" "+r.Env+" "+q.Service), " "), 200) + "*"}
	for _, s := range list {
		line := fmt.Sprintf("%s *%s* · %s %s · %s · %s", date(s.Created), esc(s.ID, nameMost), wanted(s.Wants),
			esc(s.Environment, nameMost), esc(b.people.Person(s.Requester), nameMost), s.Status)
		if !s.Ended.IsZero() {
			line += " after " + span(s.Ended.Sub(s.Created))
		}
		lines = append(lines, line+because(s))
	}
	if len(list) == 0 {
		lines = append(lines, "None yet.")
	}
	if q.Service == "" {
		return answer{say: strings.Join(lines, "\n")}
	}
	env, err := b.environment(st.retailer, r.Env)
	if err != nil {
		return answer{say: strings.Join(lines, "\n")} // which environment's is not said
	}
	return b.soon(ctx, c, func(ctx context.Context) (string, error) {
		more, err := b.revisions(ctx, st.retailer, env, q.Service)
		return strings.Join(slices.Concat(lines, more), "\n"), err
	})
}

// because is why a deployment was asked for, and why it has not gone well.
func because(s deployer.Summary) string {
	out := ""
	if s.Reason != "" {
		out += " · “" + esc(s.Reason, becauseMost) + "”"
	}
	if s.Why != "" {
		out += " · " + esc(s.Why, becauseMost)
	}
	return out
}

func (b *Bot) revisions(ctx context.Context, retailer, env, service string) ([]string, error) {
	revisions, err := b.systems.Revisions(ctx, retailer, env, service)
	if err != nil || len(revisions) == 0 {
		return nil, err
	}
	lines := []string{"*Revisions in " + esc(env, nameMost) + "* · to go back: " + code(b.cfg.Command+" rollback "+service+" --to REVISION", 200)}
	for _, r := range revisions[:min(len(revisions), linesMax)] {
		line := fmt.Sprintf("%s %s · %s", code(r.State.Revision, nameMost), code(r.State.Version, nameMost), date(r.Created))
		if r.By != "" {
			line += " · " + esc(r.By, nameMost)
		}
		if r.Current {
			line += " · *runs now*"
		}
		ill, err := b.ill(ctx, service, r)
		if err != nil {
			return nil, err
		}
		if ill {
			line += " · did not complete"
		}
		lines = append(lines, line)
	}
	return lines, nil
}

// versions says what runs.
func (b *Bot) versions(ctx context.Context, st station, r request) (string, error) {
	lines := []string{"*" + esc(capital(st.retailer)+" "+r.Env, nameMost) + "*"}
	list, err := b.systems.Versions(ctx, st.retailer, r.Env, r.Words)
	if err != nil {
		return lines[0], err
	}
	for _, s := range list[:min(len(list), 3*linesMax)] {
		line := fmt.Sprintf("*%s* %s · %d of %d ready", esc(s.Service, nameMost), code(s.State.Version, nameMost), s.Ready, s.Total)
		if s.Note != "" {
			line += " · " + esc(s.Note, 200)
		}
		lines = append(lines, line)
	}
	if len(list) == 0 {
		lines = append(lines, "Nothing runs there.")
	}
	return rest(lines, len(list)), nil
}

// help is what can be typed.
func (b *Bot) help() string {
	cmd := b.cfg.Command
	return strings.Join([]string{
		"*What you can type in a channel of a retailer's deployments*",
		code(cmd+" web v1.2.3", 80) + " deploys; several at once: " + code(cmd+" web v1.2.3 api:v4", 80),
		code(cmd, 80) + " alone opens a form",
		code(cmd+" status", 80) + " what is under way, with its buttons",
		code(cmd+" history [web]", 80) + " what was deployed, and which revisions there are",
		code(cmd+" versions [web]", 80) + " what runs",
		code(cmd+" rollback web [--to 12]", 80) + " goes back to what ran before",
		code(cmd+" rollback tangerine-142", 80) + " takes back one that failed",
		code(cmd+" stop tangerine-142", 80) + " stops one",
		code(cmd+" lock web --for 2h --reason why", 80) + " keeps deployments away, " + code(cmd+" unlock web", 80) + " ends it, " +
			code(cmd+" locks", 80) + " shows what is locked",
		"*With a deployment*: " + code("--env NAME", 80) + " " + code("--procedure ID", 80) + " " + code(`--reason "orders are stuck"`, 80) + " " +
			code("--input ID=VALUE", 80) + " " + code("--at tomorrow 22:00", 80) + " " + code("--dry-run", 80) + ", which only says what would happen",
		"Here are: " + esc(join(sorted(b.cfg.Services), "and", 20), 1500),
	}, "\n")
}

// wanted is what was asked for, in short.
func wanted(wants []deployer.Want) string {
	var out []string
	for _, w := range wants {
		to := w.Tag
		if to == "" {
			to = "revision " + w.Revision
		}
		out = append(out, esc(w.Service, nameMost)+" "+code(to, nameMost))
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
