package bot

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/deployer"
)

// readCommand finds out what somebody typed. Orders of one channel keep their
// order; what only reads is held up by nobody.
func (b *Bot) readCommand(c slack.SlashCommand) task {
	t := task{key: "person/" + c.UserID, channel: c.ChannelID, user: c.UserID}
	r, err := parse(c.Text)
	if err != nil {
		t.do = func(context.Context) answer { return b.refuse(b.explain(err)) }
		return t
	}
	by := b.people.personOf(c.UserID, c.UserName)
	switch r.Verb {
	case verbDeploy:
		t.key, t.id = "channel/"+c.ChannelID, c.TriggerID
		t.do = func(ctx context.Context) answer { return b.deploy(ctx, c, r, by) }
	case verbForm:
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
	o, ok := errors.AsType[*unpairedWord](err)
	if !ok {
		return err
	}
	if _, err := b.service(o.word); err == nil {
		return refuse("Say for example: /deploy "+o.word+" v1.2.3", "%s has no tag behind it.", o.word)
	}
	word := clip(o.word, 60)
	if !o.first {
		return refuse("Every service is followed by its tag. "+example(verbDeploy), "%q has no partner.", word)
	}
	if n := deployer.Nearest(o.word, subcommands()); n != "" {
		return refuse("Did you mean: /deploy "+n, "%q is neither a command nor a service.", word)
	}
	if n := deployer.Nearest(o.word, slices.Sorted(maps.Keys(b.cfg.Services))); n != "" {
		return refuse("Did you mean: /deploy "+n+" TAG", "There is no service %q, and no tag behind it.", word)
	}
	return refuse(example(verbDeploy)+dash+"or see: /deploy help", "%q is neither a command nor a service.", word)
}

// deploy starts a deployment, or says what one would be.
func (b *Bot) deploy(ctx context.Context, c slack.SlashCommand, r request, by deployer.Person) answer {
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
		return answer{text: b.guide.rehearse(start, by)}
	}
	if _, err := b.order(ctx, deployer.Order{By: by, Command: start}); err != nil {
		return b.refuse(err)
	}
	return answer{}
}

// start fills an order from what was typed, from the configuration and from
// the caches.
func (b *Bot) start(ctx context.Context, st scope, r request) (deployer.Start, error) {
	env, err := b.environment(st.retailer, r.Env)
	if err != nil {
		return deployer.Start{}, fieldError{blockEnv, err}
	}
	wants := make([]deployer.Release, len(r.Wants))
	for i, w := range r.Wants {
		if w.Service, err = b.service(w.Service); err != nil {
			return deployer.Start{}, r.blameLoose(err)
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
			return deployer.Start{}, fieldError{blockTag, noTag(w.Service, w.Tag, tags)}
		}
	}
	start := deployer.Start{
		Retailer: st.retailer, Environment: env, TAM: b.cfg.Retailers[st.retailer].TAM, Channels: channels,
		Procedure: b.reworded(p, st.retailer), Releases: wants, Inputs: inputs, Reason: r.Reason,
		Lead: b.cfg.LeadTimes[inputs["risk"]],
	}
	if r.At != "" {
		if start.Planned, err = b.planned(p, r.At, st.retailer); err != nil {
			return deployer.Start{}, fieldError{blockAt, err}
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
	hint := didYouMean(word, known)
	if hint == "" && len(known) > 0 {
		hint = list + ": " + join(slices.Clone(known), "and", 8) + "."
	}
	return refuse(hint, "%s %q.", what, clip(word, 60))
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
		return "", unknown(capital(retailer)+" has no environment", word, names, "There are")
	}
	if n, ok := defaultEnvironment(envs); ok {
		return n, nil
	}
	return "", refuse("Add --env with one of: "+strings.Join(names, ", ")+".", "%s has several environments and none is the default.", capital(retailer))
}

// defaultEnvironment is the one that is meant where none is named.
func defaultEnvironment(envs map[string]Environment) (string, bool) {
	for _, n := range slices.Sorted(maps.Keys(envs)) {
		if envs[n].Default || len(envs) == 1 {
			return n, true
		}
	}
	return "", false
}

// procedure returns the named one, or the one that all the services follow.
func (b *Bot) procedure(word string, wants []deployer.Release) (deployer.Procedure, error) {
	from := ""
	for _, w := range wants {
		id := b.cfg.Services[w.Service].Procedure
		if word == "" && from != "" && id != b.cfg.Services[from].Procedure {
			return deployer.Procedure{}, refuse("Deploy them one by one – or say which, for example: --procedure "+b.cfg.Services[from].Procedure,
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
			return nil, refuse("Give it once.", "The input %s is there twice.", id)
		}
		seen[id], out[id] = true, given[word]
		options := known[slices.Index(ids, id)].Options
		if len(options) == 0 {
			continue
		}
		if out[id] = matchName(given[word], options); out[id] == "" {
			return nil, fieldError{blockInput + id, unknown("The input "+id+" can't be", given[word], options, "It is one of")}
		}
	}
	return out, nil
}

// rehearse says what a deployment would be. Nothing was looked up in the
// cluster yet.
func (g guide) rehearse(s deployer.Start, by deployer.Person) string {
	var what []string
	for _, w := range s.Releases {
		to := code(w.Tag, nameMax)
		if w.Revision != "" {
			to = "revision " + code(w.Revision, nameMax)
		}
		what = append(what, "*"+escape(w.Service, nameMax)+"* to "+to)
	}
	return clip(fmt.Sprintf("*A rehearsal: nothing was started.*\n%s in %s %s, by %s:\n%s",
		strings.Join(what, ", "), escape(s.Retailer, nameMax), escape(s.Environment, nameMax),
		escape(s.Procedure.Title, titleMax), strings.Join(g.plan(s, by), "\n")), 10_000)
}

func inChannels(ids map[string]string, labels []string) string {
	var out []string
	for _, l := range labels {
		out = append(out, "<#"+ids[l]+">")
	}
	return strings.Join(out, ", ")
}
