package templates

import (
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/templates/strict"
)

// remind reads when those whom a step waits for are called again.
func (b *builder) remind(s *deployer.Step, times []strict.Text) {
	last, before := time.Duration(0), ""
	for _, t := range times {
		d, err := time.ParseDuration(t.Value)
		switch {
		case err != nil || d <= 0:
			b.wrong(t, "a reminder comes after a time such as 10m or 1h30m, not %q", t.Value)
			continue
		case d <= last:
			b.wrong(t, "reminders come one after the other: %s is not later than %s", t.Value, before)
		case s.Timeout > 0 && d >= s.Timeout:
			b.wrong(t, "a reminder after %s comes too late: the step fails after %s", t.Value, s.Timeout)
		}
		if d > last {
			last, before = d, t.Value
		}
		s.Remind = append(s.Remind, d)
	}
	if len(times) > 0 && s.Work() != deployer.WorkPeople && !s.ForClients() {
		b.wrong(times[0], "%s waits for nobody who could be reminded; %s and %s do, and words for clients", s.Uses, deployer.KindConfirm, deployer.KindApprove)
	}
}
