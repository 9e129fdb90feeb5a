package directory

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/slackapi"
)

// Slack's own ids are in capitals, which no handle is.
var userID = regexp.MustCompile(`^[UW][A-Z0-9]{2,}$`)

// An UnknownEntry is an entry of a role that Slack does not know.
type UnknownEntry struct{ Role, Entry, Why string }

// Resolve looks up everybody that the roles name. Entries that Slack does not
// know come back as UnknownEntry; they hold nothing. An error means that Slack
// could not be asked.
//
// A name is the handle, never the display name: everybody can give themselves
// any display name, and with it the role.
func (d *Directory) Resolve(ctx context.Context) ([]error, error) {
	d.mu.Lock()
	news := d.changes
	d.mu.Unlock()
	byHandle, err := d.handles(ctx)
	if err != nil {
		return nil, err
	}
	var unknown []error
	users, held, known := map[string]map[string]bool{}, map[string][]*group{}, map[string]*group{}
	for role, r := range d.roles {
		users[role] = map[string]bool{}
		for _, entry := range r.Users {
			id, why, err := d.findUser(ctx, entry, byHandle)
			if err != nil {
				return nil, err
			}
			if why != "" {
				unknown = append(unknown, &UnknownEntry{role, entry, why})
				continue
			}
			users[role][id] = true
		}
		for _, entry := range r.Groups {
			g, err := d.findGroup(ctx, entry, known)
			if err != nil {
				return nil, err
			}
			if g == nil {
				unknown = append(unknown, &UnknownEntry{role, entry, "Slack has no user group with that handle"})
				continue
			}
			held[role] = append(held[role], g)
		}
	}
	d.mu.Lock()
	d.users, d.groups = users, held
	if news != d.changes { // the lists may be older than what an event told of them
		for _, g := range d.distinct() {
			g.askedAt = time.Time{}
		}
	}
	d.mu.Unlock()
	return unknown, d.learnMemberNames(ctx)
}

// handles reads the list of users as far as the roles need it: a large
// workspace has hundreds of pages, and Slack gives twenty a minute.
func (d *Directory) handles(ctx context.Context) (map[string]slack.User, error) {
	missing := map[string]bool{}
	for _, r := range d.roles {
		for _, entry := range r.Users {
			if name := handle(entry); !strings.Contains(name, "@") && !userID.MatchString(name) {
				missing[name] = true
			}
		}
	}
	found := map[string]slack.User{}
	if len(missing) == 0 {
		return found, nil
	}
	pages := d.api.GetUsersPaginated(slack.GetUsersOptionLimit(500))
	for len(missing) > 0 {
		next := pages
		err := slackapi.RetryRateLimited(ctx, func() (err error) { next, err = pages.Next(ctx); return err })
		if pages.Done(err) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("list the users: %w", err)
		}
		pages = next
		for _, u := range pages.Users {
			if missing[u.Name] {
				found[u.Name] = u
				delete(missing, u.Name)
			}
		}
	}
	return found, nil
}

// handle takes the @ off a name; an e-mail address stays as it is.
func handle(entry string) string { return strings.TrimPrefix(strings.TrimSpace(entry), "@") }

// findUser returns the id of a user, or why there is none.
func (d *Directory) findUser(ctx context.Context, entry string, byHandle map[string]slack.User) (id, why string, err error) {
	name := handle(entry)
	u, ok := byHandle[name]
	switch {
	case ok:
	case userID.MatchString(name), strings.Contains(name, "@"):
		found, err := d.lookUp(ctx, name)
		switch word, _ := slackapi.ErrorCode(err); {
		case word == "user_not_found" || word == "users_not_found" || word == "user_not_visible":
			return "", "Slack knows no such user", nil
		case err != nil:
			return "", "", fmt.Errorf("look up the user %s: %w", name, err)
		}
		u = *found
	default:
		return "", "Slack has no user with that name; the name is the one under Account settings, not the display name (an id or an e-mail address will do as well)", nil
	}
	switch {
	case u.Deleted:
		return "", "that account is deactivated", nil
	case u.IsBot:
		return "", "that is an app, not a person", nil
	}
	d.name(u)
	return u.ID, "", nil
}

func (d *Directory) lookUp(ctx context.Context, name string) (u *slack.User, err error) {
	err = slackapi.RetryRateLimited(ctx, func() error {
		if strings.Contains(name, "@") {
			u, err = d.api.GetUserByEmailContext(ctx, name)
		} else {
			u, err = d.api.GetUserInfoContext(ctx, name)
		}
		return err
	})
	return u, err
}

// findGroup returns a user group with its members, or nil.
func (d *Directory) findGroup(ctx context.Context, entry string, known map[string]*group) (*group, error) {
	if len(known) == 0 {
		if err := d.listGroups(ctx, known); err != nil {
			return nil, err
		}
	}
	g := known[handle(entry)]
	if g == nil || !g.askedAt.IsZero() {
		return g, nil
	}
	return g, slackapi.RetryRateLimited(ctx, func() error { return d.ask(ctx, g) })
}

// listGroups reads all groups with their members, in one call: Slack gives
// twenty a minute. Where a list of members may have been cut short, the group
// is asked itself.
func (d *Directory) listGroups(ctx context.Context, known map[string]*group) error {
	var list []slack.UserGroup
	var asked time.Time
	err := slackapi.RetryRateLimited(ctx, func() (err error) {
		asked = d.now()
		list, err = d.api.GetUserGroupsContext(ctx, slack.GetUserGroupsOptionIncludeUsers(true), slack.GetUserGroupsOptionIncludeCount(true))
		return err
	})
	if word, _ := slackapi.ErrorCode(err); word == "plan_upgrade_required" {
		return errors.New("list the user groups: this workspace's plan has none; name users instead of groups under roles")
	}
	if err != nil {
		return fmt.Errorf("list the user groups: %w", err)
	}
	for _, s := range list {
		g := &group{id: s.ID, handle: s.Handle, asking: make(chan struct{}, 1)}
		if len(s.Users) > 0 && len(s.Users) == s.UserCount {
			g.members, g.askedAt = s.Users, asked
		}
		known[s.Handle], known[s.ID] = g, g
	}
	return nil
}

// learnMemberNames learns the names of some members of each group, for the card; more
// than that nobody reads there.
func (d *Directory) learnMemberNames(ctx context.Context) error {
	const some = 6
	d.mu.Lock()
	var ids []string
	for _, g := range d.distinct() {
		for _, id := range g.members[:min(some, len(g.members))] {
			if _, ok := d.namedAt[id]; !ok && !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	d.mu.Unlock()
	for _, id := range ids {
		u, err := d.lookUp(ctx, id)
		if err != nil {
			return fmt.Errorf("look up the user %s: %w", id, err)
		}
		d.name(*u)
	}
	return nil
}
