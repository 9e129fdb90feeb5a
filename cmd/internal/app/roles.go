package app

import (
	"context"
	"fmt"
	"slices"

	"github.com/stationmaster/stationmaster/bot/directory"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/launch"
	"github.com/stationmaster/stationmaster/store"
)

// pinsOf are the pins of a config's store, in memory: what is pinned by looking is
// not kept.
func pinsOf(ctx context.Context, cfg Config) (directory.Pins, error) {
	all, err := store.ReadPins(ctx, cfg.Store)
	if err != nil {
		return nil, fmt.Errorf("see which ids the names of roles stood for: %w", err)
	}
	return directory.Remember(all), nil
}

// roleLines say in a line each whom every entry of a role stands for.
func roleLines(entries []directory.Entry) []string {
	var out []string
	for _, e := range entries {
		if e.Why != "" {
			continue // which is an error of its own
		}
		line := fmt.Sprintf("%s: %s is %s", e.Role, e.Entry, e.ID)
		switch {
		case e.Group:
			line += fmt.Sprintf(", %s with %s", e.Name, deployer.Count(e.Members, "member"))
		default:
			line += ", " + e.Name
		}
		if e.Standing != deployer.Member {
			line += ", " + kinds[e.Standing]
		}
		out = append(out, line)
	}
	return out
}

// kinds are the standings of those who hold a role, and count only where access
// lets them in.
var kinds = map[deployer.Standing]string{
	deployer.Guest:     "a guest, who counts only under access: [guest]",
	deployer.Stranger:  "of another organization, who counts only under access: [stranger]",
	deployer.OtherTeam: "of another workspace, who counts only under access: [other-team]",
}

// unanswerable finds the questions that nobody can answer, in the procedures that
// may be followed anywhere.
func unanswerable(cfg Config, people *directory.Directory) []error {
	used := map[string]bool{}
	for _, retailer := range sorted(cfg.Retailers) {
		for env := range cfg.Retailers[retailer].Environments {
			for _, service := range cfg.has(retailer) {
				for _, id := range cfg.followed(cfg.who(deployer.Site{Name: retailer, Environment: env}, service)) {
					used[id] = true
				}
			}
		}
	}
	var found []error
	for _, id := range sorted(used) {
		p := cfg.Procedures[id]
		asks := cfg.wants(p)
		holders := func(role string) deployer.Holders {
			if !slices.Contains(asks, role) { // it is done without: see wants
				return deployer.Holders{Unknown: true}
			}
			return people.Holders(role)
		}
		for _, why := range launch.Unanswerable(p, "", holders) {
			found = append(found, fmt.Errorf("the procedure %s: %s", id, why))
		}
	}
	return found
}

// checkPeople says whom the roles stand for, and finds what nobody can answer.
func checkPeople(cfg Config, people *directory.Directory) (who []string, found []error) {
	entries := people.Entries()
	if len(entries) == 0 {
		return nil, nil
	}
	return slices.Compact(roleLines(entries)), unanswerable(cfg, people)
}
