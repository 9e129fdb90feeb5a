package view

import (
	"github.com/stationmaster/stationmaster/deployer"
)

// The signals: what a card shows before the first word is read.
const (
	signalWork  = "🔵 " // nobody has to do anything
	signalWait  = "🟡 " // somebody is waited for
	signalWrong = "🔴 " // it failed, and somebody has to decide
	signalGood  = "🟢 " // complete
	signalEnded = "⚪ " // ended in another way
)

// signal puts the deployment's signal before the words about its state.
func (c card) signal(words string) string {
	if words == "" {
		return ""
	}
	switch c.d.Status {
	case deployer.Complete:
		return signalGood + words
	case deployer.RolledBack, deployer.Stopped, deployer.Refused:
		return signalEnded + words
	case deployer.Deciding:
		return signalWrong + words
	case deployer.Halting:
		if len(c.d.Options()) > 0 {
			return signalWrong + words
		}
	}
	return signalWork + words
}
