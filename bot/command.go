package bot

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/command"
	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
)

// readCommand finds out what somebody typed. Orders of one channel keep their
// order; what only reads is held up by nobody.
func (b *Bot) readCommand(c slack.SlashCommand) task {
	t := task{key: "person/" + c.UserID, channel: c.ChannelID, user: c.UserID}
	r, err := command.Parse(c.Text)
	if err != nil {
		t.do = func(context.Context) answer { return b.refuse(b.explain(err)) }
		return t
	}
	by := b.people.PersonOf(c.UserID, c.UserName)
	switch r.Verb {
	case command.VerbDeploy:
		t.key, t.id = "channel/"+c.ChannelID, c.TriggerID
		t.do = func(ctx context.Context) answer { return b.deploy(ctx, c, r, by) }
	case command.VerbForm:
		t.id = c.TriggerID
		t.do = func(ctx context.Context) answer { return b.openForm(ctx, c) }
	case "rollback":
		t.id = c.TriggerID
		t.do = func(ctx context.Context) answer { return b.rollBack(ctx, c, r, by) }
	case "stop":
		t.id = c.TriggerID
		t.do = func(ctx context.Context) answer { return b.stop(ctx, c, r, by) }
	case "lock", "unlock":
		t.key, t.id = "channel/"+c.ChannelID, c.TriggerID
		t.do = func(ctx context.Context) answer { return b.setLock(ctx, c, r, by) }
	default:
		t.do = func(ctx context.Context) answer { return b.ask(ctx, c, r) }
	}
	return t
}

// explain says more about a word without a partner: it may be a subcommand
// with a typing mistake, or no service at all.
func (b *Bot) explain(err error) error {
	o, ok := errors.AsType[*command.UnpairedWord](err)
	if !ok {
		return err
	}
	if _, err := b.service(o.Word); err == nil {
		return deployer.Refuse("", "%s has no tag behind it.", o.Word).Hint("Say for example", command.VerbDeploy, o.Word, "v1.2.3")
	}
	word := mrkdwn.Clip(o.Word, 60)
	if !o.First {
		return deployer.Refuse("", "%q has no partner.", word).Hint("Every service is followed by its tag. Say for example", command.VerbDeploy, command.Examples[command.VerbDeploy])
	}
	if n := deployer.Nearest(o.Word, command.Subcommands()); n != "" {
		return deployer.Refuse("", "%q is neither a command nor a service.", word).Hint("Did you mean", deployer.Verb(n))
	}
	if n := deployer.Nearest(o.Word, slices.Sorted(maps.Keys(b.cfg.Services))); n != "" {
		return deployer.Refuse("", "There is no service %q, and no tag behind it.", word).Hint("Did you mean", command.VerbDeploy, n, "TAG")
	}
	return command.RefuseLike(command.VerbDeploy, "%q is neither a command nor a service.", word).Hint("or see", "help")
}

// deploy starts a deployment, or says what one would be.
func (b *Bot) deploy(ctx context.Context, c slack.SlashCommand, r command.Request, by deployer.Person) answer {
	st, err := b.stationOf(ctx, c.ChannelID, c.ChannelName)
	if err != nil {
		return b.refuse(err)
	}
	start, err := b.start(ctx, st, r)
	if err != nil {
		return b.refuse(err)
	}
	start.Origin = strings.Join([]string{"slack", c.TeamID, c.TriggerID}, "/")
	return b.begin(ctx, start, by, r.DryRun)
}

// begin gives the order. The card is the answer of a good one.
func (b *Bot) begin(ctx context.Context, start deployer.Start, by deployer.Person, dry bool) answer {
	if dry {
		return answer{text: b.guide.Rehearse(start, by)}
	}
	if _, err := b.order(ctx, deployer.Order{By: by, Command: start}); err != nil {
		return b.refuse(err)
	}
	return answer{}
}

// start fills an order from what was typed, from the configuration and from
// the caches.
func (b *Bot) start(ctx context.Context, st view.Scope, r command.Request) (deployer.Start, error) {
	env, err := b.environment(st.Retailer, r.Env)
	if err != nil {
		return deployer.Start{}, fieldError{view.BlockEnv, err}
	}
	wants := make([]deployer.Release, len(r.Wants))
	for i, w := range r.Wants {
		if w.Service, err = b.service(w.Service); err != nil {
			return deployer.Start{}, r.BlameLoose(err)
		}
		wants[i] = w
	}
	p, err := b.procedure(r.Procedure, wants)
	if err != nil {
		return deployer.Start{}, err
	}
	inputs, err := fillInputs(p.Inputs, r.Inputs)
	if err != nil {
		return deployer.Start{}, err
	}
	channels, err := b.channelsFor(ctx, st, p)
	if err != nil {
		return deployer.Start{}, err
	}
	for _, w := range wants {
		if w.Tag == "" {
			continue // a revision was found in the system itself
		}
		if tags := b.tags.lacks(ctx, w.Service, w.Tag); len(tags) > 0 {
			return deployer.Start{}, fieldError{view.BlockTag, noTag(w.Service, w.Tag, tags)}
		}
	}
	start := deployer.Start{
		Retailer: st.Retailer, Environment: env, TAM: b.cfg.Retailers[st.Retailer].TAM, Channels: channels,
		Procedure: b.reworded(p, st.Retailer), Releases: wants, Inputs: inputs, Reason: r.Reason,
		Lead: b.cfg.LeadTimes[inputs["risk"]],
	}
	if r.At != "" {
		if start.Planned, err = b.planned(p, r.At, st.Retailer); err != nil {
			return deployer.Start{}, fieldError{view.BlockAt, err}
		}
	}
	return start, nil
}

func noTag(service, tag string, tags []string) error {
	return unknown(service+" has no tag", tag, tags, "It has")
}

// A fieldError is an error about one field of the form.
type fieldError struct {
	block string
	error
}

func (m fieldError) Unwrap() error { return m.error }

// unknown refuses a word that is none of those known.
func unknown(what, word string, known []string, list string) error {
	hint := command.DidYouMean(word, known)
	if hint == "" && len(known) > 0 {
		hint = list + ": " + mrkdwn.Join(slices.Clone(known), "and", 8) + "."
	}
	return deployer.Refuse(hint, "%s %q.", what, mrkdwn.Clip(word, 60))
}

// matchName returns the name that a word is, or "". Phones like to begin with a
// capital.
func matchName(word string, names []string) string {
	if slices.Contains(names, word) {
		return word
	}
	for _, n := range names {
		if strings.EqualFold(n, word) {
			return n
		}
	}
	return ""
}

// service returns the configured name of a service.
func (b *Bot) service(word string) (string, error) {
	if _, ok := b.cfg.Services[word]; ok {
		return word, nil
	}
	names := slices.Sorted(maps.Keys(b.cfg.Services))
	if n := matchName(word, names); n != "" {
		return n, nil
	}
	return "", unknown("There is no service", word, names, "There are")
}

// environment returns the named one, or the retailer's default.
func (b *Bot) environment(retailer, word string) (string, error) {
	envs := b.cfg.Retailers[retailer].Environments
	names := slices.Sorted(maps.Keys(envs))
	if word != "" {
		if n := matchName(word, names); n != "" {
			return n, nil
		}
		return "", unknown(mrkdwn.Capital(retailer)+" has no environment", word, names, "There are")
	}
	if n, ok := view.DefaultEnvironment(envs); ok {
		return n, nil
	}
	return "", deployer.Refuse("Add --env with one of: "+strings.Join(names, ", ")+".", "%s has several environments and none is the default.", mrkdwn.Capital(retailer))
}

// procedure returns the named one, or the one that all the services follow.
func (b *Bot) procedure(word string, wants []deployer.Release) (deployer.Procedure, error) {
	from := ""
	for _, w := range wants {
		id := b.cfg.Services[w.Service].Procedure
		if word == "" && from != "" && id != b.cfg.Services[from].Procedure {
			return deployer.Procedure{}, deployer.Refuse("Deploy them one by one – or say which, for example: --procedure "+b.cfg.Services[from].Procedure,
				"%s and %s follow different procedures.", from, w.Service)
		}
		from = w.Service
	}
	if word == "" {
		word = b.cfg.Services[from].Procedure
	}
	if id := matchName(word, slices.Sorted(maps.Keys(b.cfg.Procedures))); id != "" {
		return b.cfg.Procedures[id], nil
	}
	return deployer.Procedure{}, unknown("There is no procedure", word, slices.Sorted(maps.Keys(b.cfg.Procedures)), "There are")
}

// fillInputs adds the defaults and notices typing mistakes in names and
// values. Whether all is there is the core's decision.
func fillInputs(known []deployer.Input, given map[string]string) (map[string]string, error) {
	out := map[string]string{}
	var ids []string
	for _, in := range known {
		ids = append(ids, in.ID)
		if in.Default != "" {
			out[in.ID] = in.Default
		}
	}
	seen := map[string]bool{}
	for _, word := range slices.Sorted(maps.Keys(given)) {
		id := matchName(word, ids)
		switch {
		case id == "":
			return nil, unknown("This procedure has no input", word, ids, "It has")
		case seen[id]:
			return nil, deployer.Refuse("Give it once.", "The input %s is there twice.", id)
		}
		seen[id], out[id] = true, given[word]
		options := known[slices.Index(ids, id)].Options
		if len(options) == 0 {
			continue
		}
		if out[id] = matchName(given[word], options); out[id] == "" {
			return nil, fieldError{view.BlockInput + id, unknown("The input "+id+" can't be", given[word], options, "It is one of")}
		}
	}
	return out, nil
}
