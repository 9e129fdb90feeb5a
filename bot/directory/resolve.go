package directory

import (
	"context"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/stationmaster/stationmaster/bot/slackapi"
)

// Slack's own ids are in capitals, which no handle is.
var userID = regexp.MustCompile(`^[UW][A-Z0-9]{2,}$`)

// handle takes the @ off a name; an e-mail address stays as it is.
func handle(entry string) string { return strings.TrimPrefix(strings.TrimSpace(entry), "@") }

// Resolve looks up everybody that the roles name. Entries that stand for nobody
// come back as UnknownEntry; they hold nothing. An error means that Slack could
// not be asked, or that a new pin could not be kept.
//
// A name is the handle, never the display name: everybody can give themselves
// any display name, and with it the role.
func (d *Directory) Resolve(ctx context.Context) ([]error, error) {
	if err := d.accounts.list(ctx); err != nil {
		return nil, err
	}
	if err := d.accounts.lookUpNamed(ctx, d.roles); err != nil {
		return nil, err
	}
	if err := d.resolveGroups(ctx); err != nil {
		return nil, err
	}
	if err := d.pin(ctx); err != nil {
		return nil, err
	}
	d.nameHolders()
	d.mu.Lock()
	d.resolved = true
	d.mu.Unlock()
	var unknown []error
	for _, e := range d.Entries() {
		if e.Why != "" {
			unknown = append(unknown, &UnknownEntry{e.Role, e.Entry, e.Why})
		}
	}
	return unknown, nil
}

// lookUpNamed looks up those whose ids the roles name and the list does not have:
// people of other workspaces.
func (a *accounts) lookUpNamed(ctx context.Context, roles map[string]Role) error {
	for _, role := range slices.Sorted(maps.Keys(roles)) {
		for _, entry := range roles[role].Users {
			id := handle(entry)
			if _, fresh, _ := a.known(id); PinName(entry) != "" || fresh {
				continue
			}
			if err := slackapi.RetryRateLimited(ctx, func() error { _, err := a.askAbout(ctx, id, false); return err }); err != nil {
				return err
			}
		}
	}
	return nil
}

// nameHolders learns how those are called who are named by roles, and some members
// of each group, for the card; more than that nobody reads there.
func (d *Directory) nameHolders() {
	const some = 6
	d.mu.Lock()
	var ids []string
	for _, e := range d.entries {
		ids = append(ids, e.ID)
	}
	for _, g := range d.distinct() {
		ids = append(ids, g.members[:min(some, len(g.members))]...)
	}
	d.mu.Unlock()
	for _, id := range ids {
		if one := d.accounts.get(id); one.id != "" {
			d.name(one.user())
		}
	}
}
