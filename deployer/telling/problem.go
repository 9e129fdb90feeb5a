package telling

import (
	"slices"

	"github.com/stationmaster/stationmaster/deployer"
)

// A problem breaks out of the card's thread once: by a message in the channel, which is
// edited as it goes on. That it is over stands in the thread of that message, too, since
// an edit notifies nobody.

// problems are the messages about those that began, went on or ended since a deployment
// stood as it did before.
func (d writer) problems(before deployer.Deployment) []deployer.Message {
	var out []deployer.Message
	changes := 0
	for i, p := range d.Problems {
		var was deployer.Problem
		if i < len(before.Problems) {
			was = before.Problems[i]
		}
		switch {
		case said(p) == said(was) && (p.Ended != 0 || slices.Equal(d.Decision.Views, before.Decision.Views)):
			continue
		case was.Number != 0 && p.Ended == 0:
			if changes++; changes > changesMax {
				continue // what comes of that changes it again
			}
		}
		out = append(out, d.problem(p, was.Number == 0))
		if p.Ended != 0 && was.Ended == 0 && was.Number != 0 {
			m := d.threaded(deployer.Message{Kind: deployer.MessageDecide})
			m.DedupKey = p.OverKey()
			out = append(out, m)
		}
	}
	return out
}

// changesMax is how many problems that last are told anew at once, where one order is
// about many.
const changesMax = 8

// said is what people are told of a problem, apart from where it is told.
func said(p deployer.Problem) deployer.Problem {
	p.Post, p.Lost = deployer.Post{}, false
	return p
}

// problem is the message about one: the first is posted, every other one changes it.
func (d writer) problem(p deployer.Problem, first bool) deployer.Message {
	return deployer.Message{Kind: deployer.MessageDecide, DedupKey: p.Key(), Channel: d.Channels[deployer.ChannelDeploys], Receipt: first}
}

// toRequester is the id of whoever asked for a deployment, where somebody else has ended
// it or taken it over; else "".
func (d writer) toRequester(e deployer.Answered) string {
	ends := []deployer.Choice{deployer.ChoiceStop, deployer.ChoiceReject, deployer.ChoiceTakeOver}
	if e.By.ID == d.Requester.ID || !slices.Contains(ends, e.Choice) {
		return ""
	}
	return d.Requester.ID
}
