// Package telling writes what is sent about a deployment: the messages that follow from
// each event, as data, and what words may say of it. Who is told what stands here; how it
// looks, and how it is sent, is the chat system's. It is as pure as the core: the same
// order on the same deployment sends the same, whoever computes it.
package telling

import (
	"slices"
	"strconv"

	"github.com/stationmaster/stationmaster/deployer"
)

// Decide says what follows from an order: events and messages that belong into one
// commit. It answers as deployer.Decide does; nothing is sent for an order that is refused.
func Decide(d deployer.Deployment, o deployer.Order, f deployer.Facts) ([]deployer.Event, []deployer.Message, error) {
	last := writer{d, f.Language, f.Members}
	var out []deployer.Message
	events, err := deployer.Decide(d, o, f, func(after deployer.Deployment, e deployer.Event) int {
		waited := last.Queued && !after.Queued
		last.Deployment = after
		said := last.follow(e)
		if waited {
			said = append([]deployer.Message{last.turn()}, said...)
		}
		out = append(out, said...)
		return len(said)
	})
	if err != nil {
		return events, nil, err
	}
	out = append(out, last.problems(d)...)
	if changesCard(events) || last.Queued {
		out = append(out, last.card())
	}
	return events, out, nil
}

// changesCard reports whether the card is to be drawn anew.
func changesCard(events []deployer.Event) bool {
	return slices.ContainsFunc(events, func(e deployer.Event) bool {
		switch e := e.(type) {
		case deployer.OrderSeen, deployer.Created, deployer.Delivered, deployer.PlacesFreed, deployer.EffectTried:
			return false
		case deployer.Ended:
			return e.Status != deployer.Refused
		}
		return true
	})
}

// A writer says what is to be sent about a deployment, as it stands after
// the event that it is sent for.
type writer struct {
	deployer.Deployment
	language deployer.Language // nil: the words have no values but those that the core knows
	members  deployer.Members  // nil: nobody is known
}

// threaded completes a message in the card's thread. Its key is the number of
// the event that it comes from, so that it is the same whoever computes it.
func (d writer) threaded(m deployer.Message) deployer.Message {
	m.Channel, m.Thread, m.DedupKey = d.Channels[deployer.ChannelDeploys], true, m.Kind+"/"+strconv.Itoa(d.Seq)
	return m
}

func (d writer) card() deployer.Message {
	return deployer.Message{Kind: deployer.MessageCard, DedupKey: deployer.CardKey(d.Deployment), Channel: d.Channels[deployer.ChannelDeploys], Receipt: d.Card.TS == ""}
}
