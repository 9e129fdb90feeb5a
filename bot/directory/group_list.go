package directory

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/slackapi"
	"github.com/stationmaster/stationmaster/deployer"
)

var groupID = regexp.MustCompile(`^S[A-Z0-9]{2,}$`)

// GroupPinName is the name by which an entry of a role's groups is pinned; of an id it
// is "". No handle of a person begins so.
func GroupPinName(entry string) string {
	if name := handle(entry); !groupID.MatchString(name) {
		return "@" + name
	}
	return ""
}

// A groupList is what Slack says of all groups.
type groupList struct {
	byHandle, byID map[string]*group
	none           string // why there are none; "": there are
}

// resolveGroups looks up the groups that the roles name, with their members. The
// handle of a group is tied to its id as a person's is.
func (d *Directory) resolveGroups(ctx context.Context) error {
	d.mu.Lock()
	news := d.changes
	d.mu.Unlock()
	var list *groupList
	pins, err := d.pinned.Pins(ctx)
	if err != nil {
		return fmt.Errorf("read which ids the names of roles stand for: %w", err)
	}
	held, lacks := map[string][]*group{}, map[string]string{}
	for role, r := range d.roles {
		for _, entry := range r.Groups {
			if list == nil {
				if list, err = listGroups(ctx, d.api, d.now); err != nil {
					return err
				}
			}
			g, why := list.find(entry, pins[GroupPinName(entry)])
			if why != "" {
				lacks[entry] = why
				continue
			}
			if !g.off && g.askedAt.IsZero() { // its members are not known from the list
				if err := slackapi.RetryRateLimited(ctx, func() error { return d.ask(ctx, g) }); err != nil {
					return err
				}
			}
			if name := GroupPinName(entry); name != "" && pins[name] == "" {
				if err := d.pinned.Pin(ctx, name, "", g.id); err != nil && !errors.Is(err, deployer.ErrConflict) {
					return fmt.Errorf("write down that %s is %s: %w", name, g.id, err)
				}
			}
			held[role] = append(held[role], g)
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.groups, d.lacks = held, lacks
	if news != d.changes { // the lists may be older than what an event told of them
		for _, g := range d.distinct() {
			g.askedAt = time.Time{}
		}
	}
	return nil
}

// find returns the group that an entry stands for, or why it stands for none.
func (l *groupList) find(entry, pinned string) (g *group, why string) {
	name := handle(entry)
	if g = l.byHandle[name]; g == nil {
		g = l.byID[name]
	}
	switch {
	case l.none != "":
		return nil, l.none
	case g != nil && pinned != "" && g.id != pinned:
		return nil, "it stood for another group, " + pinned + ", so nobody holds the role by it: write the id of the group that is meant"
	case g == nil && l.byID[pinned] != nil:
		return l.byID[pinned], "" // which has another handle now
	case g == nil:
		return nil, "Slack has no user group with that handle"
	}
	return g, ""
}

// listGroups reads all groups with their members, in one call: Slack gives
// twenty a minute. Where a list of members may have been cut short, the group
// is asked itself. Of two with one handle, one that is switched off is not meant.
func listGroups(ctx context.Context, api *slack.Client, now func() time.Time) (*groupList, error) {
	var list []slack.UserGroup
	var asked time.Time
	err := slackapi.RetryRateLimited(ctx, func() (err error) {
		asked = now()
		list, err = api.GetUserGroupsContext(ctx, slack.GetUserGroupsOptionIncludeUsers(true), slack.GetUserGroupsOptionIncludeCount(true),
			slack.GetUserGroupsOptionIncludeDisabled(true))
		return err
	})
	if word, _ := slackapi.ErrorCode(err); word == "plan_upgrade_required" {
		return &groupList{none: "this workspace's plan has no user groups; name users instead"}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list the user groups: %w", err)
	}
	known := &groupList{byHandle: map[string]*group{}, byID: map[string]*group{}}
	for _, s := range list {
		g := &group{id: s.ID, handle: s.Handle, asking: make(chan struct{}, 1), off: s.DateDelete != 0}
		if len(s.Users) > 0 && len(s.Users) == s.UserCount {
			g.members, g.askedAt = s.Users, asked
		}
		if g.off {
			g.members = nil
		}
		known.byID[s.ID] = g
		if other := known.byHandle[s.Handle]; other == nil || other.off {
			known.byHandle[s.Handle] = g
		}
	}
	return known, nil
}

// RolesOfGroup are the roles that the members of a group hold.
func (d *Directory) RolesOfGroup(id string) []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []string
	for role, groups := range d.groups {
		if slices.ContainsFunc(groups, func(g *group) bool { return g.id == id }) {
			out = append(out, role)
		}
	}
	slices.Sort(out)
	return out
}

// groupNamed is the one of some groups that an entry stands for, which is tied to
// an id, or nil.
func groupNamed(groups []*group, entry, pinned string) *group {
	for _, g := range groups {
		if name := handle(entry); g.id == name || g.handle == name || g.id == pinned {
			return g
		}
	}
	return nil
}
