package control

import (
	"cmp"
	"slices"
	"strings"

	"github.com/stationmaster/stationmaster/deployer"
)

// refusedOf is a refusal of the core in the words of a terminal.
func refusedOf(r *deployer.Refusal) Refused {
	out := Refused{Why: r.Why}
	for _, h := range r.Instead {
		if said := hint(h); said != "" {
			out.Instead = append(out.Instead, said)
		}
	}
	return out
}

// hint is one thing to do instead. What a terminal can't do is done in Slack. The core
// speaks of cards and buttons; here both stand in the status.
func hint(h deployer.Hint) string {
	command := ""
	switch h.Verb {
	case "":
		return forTerminal.Replace(h.Say)
	case deployer.VerbStatus:
		command = join("stationmaster status", h.Args...)
	case deployer.VerbStop, deployer.VerbRollBack:
		command = join("stationmaster act", append(slices.Clone(h.Args), string(h.Verb))...)
	default:
		command = join("/deploy "+string(h.Verb), h.Args...)
		if h.Flag.Name != "" {
			command += " --" + h.Flag.Name + " " + h.Flag.Value
		}
		return cmp.Or(h.Say, "Use") + " (in Slack): " + command
	}
	return cmp.Or(h.Say, "Use") + ": " + command
}

// forTerminal says where things are that a card has in Slack.
var forTerminal = strings.NewReplacer(
	"Look at the card again.", "Look again: stationmaster status ID.",
	"Use the buttons that the card has now.", "Use what `stationmaster status ID` says now.",
	"Press it again if you still want it.", "Give it again if you still want it.",
)

func join(command string, args ...string) string {
	return strings.Join(append([]string{command}, args...), " ")
}
