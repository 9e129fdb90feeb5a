package view

import (
	"slices"

	"github.com/stationmaster/stationmaster/deployer"
)

// The reactions on a card, by what it says: one stands there at a time. They are the
// names of emoji that every workspace has.
const (
	reactionWaits    = "hourglass_flowing_sand" // for somebody
	reactionWorks    = "gear"
	reactionDecide   = "warning" // it failed, and somebody has to decide
	reactionComplete = "white_check_mark"
	reactionShort    = "heavy_check_mark" // complete, but not proven
	reactionBack     = "rewind"
	reactionStopped  = "octagonal_sign"
)

// Reactions are all that a card can have.
var Reactions = []string{reactionWaits, reactionWorks, reactionDecide, reactionComplete, reactionShort, reactionBack, reactionStopped}

// Reaction is the one that the card of a deployment has, so that a channel reads without
// opening anything.
func Reaction(d deployer.Deployment) string {
	switch d.Status {
	case deployer.Complete:
		if short, _ := deployer.ShortOf(d); short != deployer.ShortOfNothing || d.Why != "" {
			return reactionShort
		}
		return reactionComplete
	case deployer.RolledBack:
		return reactionBack
	case deployer.Stopped, deployer.Refused:
		return reactionStopped
	case deployer.Deciding:
		return reactionDecide
	case deployer.Halting:
		if len(d.Options()) > 0 {
			return reactionDecide
		}
		return reactionWorks
	}
	if deployer.TakenOver(d) || slices.ContainsFunc(d.Current(), func(s deployer.StepState) bool { return s.Status == deployer.Active && d.AwaitsPerson(s) }) {
		return reactionWaits
	}
	return reactionWorks
}
