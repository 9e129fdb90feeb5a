package directory

import (
	"context"
	"slices"
)

// MembersChanged takes in that a group has changed. Who left is out at once.
// Who came is in when Slack is asked, which is done here if there is a turn: an
// event may come late, after they were taken out again.
func (d *Directory) MembersChanged(ctx context.Context, id string, left []string) {
	d.change(ctx, id, func(g *group) {
		g.members = slices.DeleteFunc(slices.Clone(g.members), func(m string) bool { return slices.Contains(left, m) })
	})
}

// GroupUpdated takes in that a group has changed in another way. One that was
// switched off has no members.
func (d *Directory) GroupUpdated(ctx context.Context, id, handle string, off bool) {
	d.change(ctx, id, func(g *group) {
		if g.off = off; off {
			g.members = nil
		}
		if handle != g.handle {
			d.wake()
		}
	})
}

// change changes what is known of a group, and has Slack asked about it.
func (d *Directory) change(ctx context.Context, id string, change func(*group)) {
	d.mu.Lock()
	d.changes++
	var changed []*group
	for _, g := range d.distinct() {
		if g.id == id {
			change(g)
			g.changes++
			g.doubted = true
			changed = append(changed, g)
		}
	}
	d.mu.Unlock()
	for _, g := range changed {
		d.membersOf(ctx, g)
	}
}
