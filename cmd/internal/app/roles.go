package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/stationmaster/stationmaster/bot/directory"
	"github.com/stationmaster/stationmaster/bot/slackapi"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/launch"
	"github.com/stationmaster/stationmaster/store"
	"github.com/stationmaster/stationmaster/templates/strict"
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

// A RolePinning is what becomes of a config file whose names are replaced by the
// ids that they stand for.
type RolePinning struct {
	File          string
	Before, After []byte
	Names         map[string]string // the id that each name stands for now; of groups, the handle with an @ before it
	Wrong         []error           // entries that stand for nobody, and were left
	was           map[string]string // what the store had
}

// PinRoles asks Slack whom the names in a config file stand for, and replaces them
// by their ids. Chosen says whom some of them mean: by a name, the id. It writes
// nothing.
func PinRoles(ctx context.Context, file string, opts Options, chosen map[string]string) (RolePinning, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return RolePinning{}, fmt.Errorf("read the config: %w", err)
	}
	cfg, err := Parse(file, data)
	if err != nil {
		return RolePinning{}, err
	}
	if err := slackapi.CheckURL(opts.SlackURL); err != nil {
		return RolePinning{}, err
	}
	p := RolePinning{File: file, Before: data, Names: map[string]string{}}
	if p.was, err = store.ReadPins(ctx, cfg.Store); err != nil {
		return p, err
	}
	_, _, people := slackSide(cfg, opts, directory.Remember(p.was))
	if _, err := people.Resolve(ctx); err != nil {
		return p, err
	}
	ids, err := p.choose(ctx, cfg, people, chosen)
	if err != nil {
		return p, err
	}
	p.After, err = strict.Rewrite(data, func(path []string, value string) string {
		switch {
		case len(path) == 3 && path[0] == "roles" && (path[2] == "users" || path[2] == "groups"):
			return ids[roleEntry{path[1], value, path[2] == "groups"}]
		case len(path) == 4 && path[0] == "roles" && path[2] == "deputies" && (path[3] == "users" || path[3] == "groups"):
			return ids[roleEntry{deployer.DeputyRole(path[1]), value, path[3] == "groups"}]
		case len(path) == 3 && path[0] == "retailers" && path[2] == "tam":
			return ids[roleEntry{view.TAMRole(path[1]), value, false}]
		}
		return ""
	})
	if err != nil {
		return p, fmt.Errorf("%s: %w", file, err)
	}
	if _, err := Parse(file, p.After); err != nil {
		return p, fmt.Errorf("with the ids it would be wrong: %w", err)
	}
	return p, nil
}

// PinName is the name by which an entry of a role is pinned.
func PinName(entry string) string { return directory.PinName(entry) }

// A roleEntry is an entry of a role, among its groups or its people.
type roleEntry struct {
	role, entry string
	group       bool
}

// choose finds the id for every entry that is a name: who was chosen for it, else
// whom it stands for.
func (p *RolePinning) choose(ctx context.Context, cfg Config, people *directory.Directory, chosen map[string]string) (map[roleEntry]string, error) {
	ids, used := map[roleEntry]string{}, map[string]bool{}
	for _, e := range people.Entries() {
		name := directory.PinName(e.Entry)
		if e.Group {
			name = directory.GroupPinName(e.Entry)
		}
		if name == "" {
			if e.Why != "" {
				p.Wrong = append(p.Wrong, &directory.UnknownEntry{Role: e.Role, Entry: e.Entry, Why: e.Why})
			}
			continue
		}
		if id := chosen[name]; id != "" {
			used[name] = true
			if err := mayBeMeant(ctx, cfg, people, name, id); err != nil {
				return nil, err
			}
			e.ID, e.Why = id, ""
		}
		if e.Why != "" {
			p.Wrong = append(p.Wrong, &directory.UnknownEntry{Role: e.Role, Entry: e.Entry, Why: e.Why})
			continue
		}
		ids[roleEntry{e.Role, e.Entry, e.Group}], p.Names[name] = e.ID, e.ID
	}
	for name := range chosen {
		if !used[name] {
			return nil, fmt.Errorf("no role of %s names %q", p.File, name)
		}
	}
	return ids, nil
}

// mayBeMeant refuses an id that no name may stand for.
func mayBeMeant(ctx context.Context, cfg Config, people *directory.Directory, name, id string) error {
	if strings.HasPrefix(name, "@") {
		return fmt.Errorf("%s is a group: write its id into the file", name)
	}
	who, err := people.Who(ctx, id)
	if err != nil {
		return fmt.Errorf("look up %s: %w", id, err)
	}
	if who.Standing == deployer.Nobody {
		return fmt.Errorf("%s=%s: Slack has nobody by the id %s", name, id, id)
	}
	policy := deployer.Policy{Access: cfg.Access}
	if r := policy.Admits(deployer.Actor{ID: id}, who); r != nil {
		return fmt.Errorf("%s=%s: %s", name, id, r.Why)
	}
	return nil
}

// Diff are the lines that change, as they are and as they would be.
func (p RolePinning) Diff() string {
	var out strings.Builder
	after := bytes.Split(p.After, []byte("\n"))
	for i, line := range bytes.Split(p.Before, []byte("\n")) {
		if !bytes.Equal(line, after[i]) {
			fmt.Fprintf(&out, "%s:%d\n-%s\n+%s\n", p.File, i+1, line, after[i])
		}
	}
	return out.String()
}

// Write puts the ids into the file: all of them, or none if it is broken off.
func (p RolePinning) Write() error {
	path, err := filepath.EvalSymlinks(p.File)
	if err != nil {
		return fmt.Errorf("write the config: %w", err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("write the config: %w", err)
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return fmt.Errorf("write the config: %w", err)
	}
	_, err = f.Write(p.After)
	err = errors.Join(err, f.Chmod(info.Mode().Perm()), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("write the config: %w", errors.Join(err, os.Remove(f.Name())))
	}
	return nil
}

// Keep has the store of the config, where there is one, keep what the names stand
// for, so that it does not refuse them where they are written again. A bot that
// runs has the store for itself, which is an error.
func (p RolePinning) Keep(ctx context.Context) error {
	cfg, err := Parse(p.File, p.After)
	if err != nil {
		return err
	}
	s, err := store.OpenExisting(ctx, cfg.Store)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil
	case err != nil:
		return err
	}
	for _, name := range sorted(p.Names) {
		if id := p.Names[name]; err == nil && p.was[name] != id {
			err = store.PinsOf(s).Pin(ctx, name, p.was[name], id)
		}
	}
	return errors.Join(err, s.Close())
}
