package bot

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/deployer"
)

// help is what can be typed, with services, tags and ids of this place, so that
// it can be copied. It is given everywhere.
func (c commands) help(ctx context.Context, r *request) answer {
	retailer := r.scope.Retailer // "": it is about no retailer
	id := cmp.Or(retailer, cmp.Or(slices.Sorted(maps.Keys(c.cfg.Retailers))...)) + "-142"
	if list, err := c.Deployments.List(ctx, deployer.Query{Retailer: retailer, Limit: 1}); err == nil && len(list) > 0 && retailer != "" {
		id = list[0].ID
	}
	service, other := c.twoServices()
	cmd := func(words string) string { return mrkdwn.Code(c.cfg.Command+words, 200) }
	tag := func(of string) string { return of + " " + c.anyTag(of) }
	deploy := "*Deploy* " + cmd(" "+tag(service))
	if other != "" {
		deploy += "\nseveral " + cmd(" "+tag(service)+" "+tag(other))
	}
	paragraphs := []string{
		deploy + "\nwith a form " + cmd(""),
		"*Look* " + cmd(" status") + " what is under way\n" + cmd(" history "+service) + " what was\n" +
			cmd(" versions") + " what runs\n" + cmd(" locks") + " what is locked",
		"*Go back* " + cmd(" rollback "+service) + " to what ran before\n" + cmd(" rollback "+id) + " one that failed\n" + cmd(" stop "+id) + " stops one",
		"*Keep away* " + cmd(" lock "+service+" --for 2h --reason why") + "\nuntil " + cmd(" unlock "+service),
		"*With a deployment* " + strings.Join([]string{mrkdwn.Code("--env NAME", 80), mrkdwn.Code(`--reason "orders are stuck"`, 80), mrkdwn.Code("--at 22:00", 80),
			mrkdwn.Code("--input ID=VALUE", 80), mrkdwn.Code("--procedure ID", 80), mrkdwn.Code("--dry-run", 80)}, " ") + ": only says what would happen",
		"What waits for you stands in the Home tab of the app *" + mrkdwn.Escape(c.whoAmI().Handle, mrkdwn.NameMax) + "*.",
		"Services: " + mrkdwn.Escape(mrkdwn.Join(slices.Sorted(maps.Keys(c.cfg.Services)), "and", 20), 1500),
	}
	return lines(paragraphs)
}

// twoServices are what examples are about: those with the shortest names, which
// fit on a line of a phone. One that there is not is "".
func (c commands) twoServices() (one, other string) {
	all := slices.Sorted(maps.Keys(c.cfg.Services))
	slices.SortStableFunc(all, func(a, b string) int { return len(a) - len(b) })
	all = append(all, "", "") // there may be fewer
	return all[0], all[1]
}

// anyTag is a tag that the service has, as far as is known.
func (c commands) anyTag(service string) string {
	return cmp.Or(append(slices.Clone(c.tags.list(service).tags), "v1.2.3")...)
}
