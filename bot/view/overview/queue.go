package overview

import (
	"slices"
	"strings"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
)

// Queues are a line for each place for which somebody waits, among those under way: who
// is there, and who comes next.
func Queues(r view.Renderer, live []deployer.Deployment) []string {
	var places []string
	waiting := deployer.Facts{Holders: map[string]deployer.Deployment{}, Queue: live}
	for _, d := range live {
		for _, place := range d.Places() {
			if deployer.HoldsPlaces(d) {
				waiting.Holders[place] = d
			} else if deployer.Queueing(d) && !slices.Contains(places, place) {
				places = append(places, place)
			}
		}
	}
	slices.Sort(places)
	var out []string
	for _, place := range places {
		out = append(out, queue(r, place, waiting))
	}
	return out
}

// queue is the line of one place.
func queue(r view.Renderer, place string, f deployer.Facts) string {
	var words []string
	n := 1
	if h, ok := f.Holders[place]; ok {
		words = append(words, mrkdwn.Escape(h.ID, mrkdwn.NameMax)+" ("+r.Called(h.Requester)+", "+mrkdwn.Escape(deployer.Doing(h), mrkdwn.NameMax)+")")
		n++
	}
	for _, d := range deployer.QueueOf([]string{place}, f.Queue) {
		words = append(words, mrkdwn.Escape(d.ID, mrkdwn.NameMax)+" ("+r.Called(d.Requester)+", "+view.Ordinal(n)+")")
		n++
	}
	i := strings.LastIndexByte(place, '/')
	site, what := place[:i], strings.TrimPrefix(place[i+1:], ":") // a procedure without services has a place of its own
	return "*Queue for " + mrkdwn.Escape(what+" in "+strings.ReplaceAll(site, "/", " "), mrkdwn.NameMax) + ":* " + strings.Join(words, ", then ")
}
