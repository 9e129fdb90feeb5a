package view

import (
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/deployer"
)

// due is what goes on after the end, or is due then: what nothing has waited for, and
// what begins with the end.
func (c cardEnded) due() string {
	var lines []string
	for _, s := range c.d.Steps {
		if !outlives(s) || s.Over() || s.Status == deployer.Pending && s.Part != deployer.PartAfter || !c.d.Needed(s) {
			continue
		}
		if words := c.stillDue(s); words != "" {
			lines = append(lines, words)
		}
	}
	if lines = c.some(lines); len(lines) == 0 {
		return ""
	}
	return "\n*Still due:*\n" + strings.Join(lines, "\n")
}

// outlives reports whether a step goes on when the deployment has ended.
func outlives(s deployer.StepState) bool { return s.Part == deployer.PartAfter || s.Background }

// stillDue says of one of them when it is due, or what is wrong with it.
func (c cardEnded) stillDue(s deployer.StepState) string {
	words, at := "• "+title(s), c.dueAt(s)
	switch {
	case s.Status == deployer.StepFailed, s.Status == deployer.StepInterrupted, s.Status == deployer.Active && c.d.AwaitsPerson(s):
		return "" // it is asked below
	case s.Every > 0:
		return words + " · every " + mrkdwn.Span(s.Every) + " until " + strings.TrimPrefix(c.timely(c.d.Ended.Add(s.Lasts)), "at ")
	case at.IsZero():
		return words
	case s.Status == deployer.Pending:
		return words + " · " + c.timely(at)
	}
	return words + " · by " + strings.TrimPrefix(c.timely(at), "at ")
}

// dueAt is when a step begins that begins after the end, or by when one that has begun
// is to be done; zero: nobody says.
func (c cardEnded) dueAt(s deployer.StepState) time.Time {
	if s.Status == deployer.Pending {
		return deployer.DueAt(c.d, s)
	}
	return deadline(s)
}
