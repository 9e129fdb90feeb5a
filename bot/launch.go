package bot

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/bot/command"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
)

// startOf fills an order from what a request means, from the configuration and
// from the caches. What the start was given by is its caller's to say.
func (s *resolver) startOf(ctx context.Context, r *request) (deployer.Start, error) {
	p, err := s.procedure(r.typed.Procedure, r.releases)
	if err != nil {
		return deployer.Start{}, err
	}
	inputs, err := fillInputs(p.Inputs, r.typed.Inputs)
	if err != nil {
		return deployer.Start{}, err
	}
	channels, err := s.channelsFor(ctx, r.scope, p)
	if err != nil {
		return deployer.Start{}, err
	}
	for _, w := range r.releases {
		if w.Tag == "" {
			continue // a revision was found in the system itself
		}
		if tags := s.tags.lacks(ctx, w.Service, w.Tag); len(tags) > 0 {
			return deployer.Start{}, fieldError{view.BlockTag, noTag(w.Service, w.Tag, tags)}
		}
	}
	start := deployer.Start{
		Retailer: r.scope.Retailer, Environment: r.env, TAM: s.cfg.Retailers[r.scope.Retailer].TAM, Channels: channels,
		Procedure: s.reworded(p, r.scope.Retailer), Releases: r.releases, Inputs: inputs, Reason: r.typed.Reason,
		Lead: s.cfg.LeadTimes[inputs["risk"]],
	}
	if r.typed.At != "" {
		if start.Planned, err = s.planned(p, r.typed.At, r.scope.Retailer); err != nil {
			return deployer.Start{}, fieldError{view.BlockAt, err}
		}
	}
	return start, nil
}

func noTag(service, tag string, tags []string) error {
	return unknown(service+" has no tag", tag, tags, "It has")
}

// procedure returns the named one, or the one that all the services follow.
func (s *resolver) procedure(word string, wants []deployer.Release) (deployer.Procedure, error) {
	from := ""
	for _, w := range wants {
		id := s.cfg.Services[w.Service].Procedure
		if word == "" && from != "" && id != s.cfg.Services[from].Procedure {
			return deployer.Procedure{}, deployer.Refuse("Deploy them one by one – or say which, for example: --procedure "+s.cfg.Services[from].Procedure,
				"%s and %s follow different procedures.", from, w.Service)
		}
		from = w.Service
	}
	if word == "" {
		word = s.cfg.Services[from].Procedure
	}
	if id := matchName(word, slices.Sorted(maps.Keys(s.cfg.Procedures))); id != "" {
		return s.cfg.Procedures[id], nil
	}
	return deployer.Procedure{}, unknown("There is no procedure", word, slices.Sorted(maps.Keys(s.cfg.Procedures)), "There are")
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

// planned reads when a deployment starts. A procedure that would not wait for
// it is no procedure for a plan.
func (s *resolver) planned(p deployer.Procedure, at, retailer string) (time.Time, error) {
	if !view.HasPlannedStart(p) {
		return time.Time{}, deployer.Refuse("Leave the time out, or put a step into it: {id: planned-start, uses: wait, with: {until: planned}}",
			"The procedure %s does not wait for a planned start.", p.ID)
	}
	t, err := command.ParseAt(at, time.Now(), s.renderer.Zone(retailer))
	return t.UTC(), err
}

// reworded is the procedure with the words that the config has for its
// messages: those of the retailer over those for all over its own. They are
// frozen into a deployment with it.
func (s *resolver) reworded(p deployer.Procedure, retailer string) deployer.Procedure {
	p.Messages = maps.Clone(p.Messages)
	for name := range p.Messages {
		for _, over := range []map[string]string{s.cfg.Messages, s.cfg.Retailers[retailer].Messages} {
			if words, ok := over[name]; ok {
				p.Messages[name] = words
			}
		}
	}
	return p
}

// channelsFor resolves the channels that the procedure posts to.
func (s *resolver) channelsFor(ctx context.Context, at view.Scope, p deployer.Procedure) (map[string]string, error) {
	out := map[string]string{deployer.ChannelDeploys: at.Channel}
	for _, label := range posts(p) {
		if out[label] != "" {
			continue
		}
		configured, ok := s.cfg.Retailers[at.Retailer].Channels[label]
		if !ok && label == deployer.ChannelClients {
			continue // its steps say that nobody was told
		}
		if !ok {
			return nil, deployer.Refuse("Add it to the configuration, under retailers."+at.Retailer+".channels.",
				"The procedure %s posts to the channel %q, and %s has none of that name.", p.ID, label, at.Retailer)
		}
		c, ok := s.channels.Find(ctx, configured)
		if !ok {
			return nil, s.refuseUninvited("#" + strings.TrimPrefix(configured, "#") + ", where this procedure posts")
		}
		out[label] = c.ID
	}
	return out, nil
}

// posts are the names of the channels that a procedure uses.
func posts(p deployer.Procedure) []string {
	out := slices.Clone(p.Failure.To)
	for _, s := range slices.Concat(p.Steps, p.Rollback) {
		if s.Announces() {
			out = append(out, s.To()...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
