package rules

import (
	"fmt"
	"testing"
	"time"
	_ "time/tzdata"

	"pgregory.net/rapid"

	"github.com/stationmaster/stationmaster/deployer"
)

func zoned(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// Whatever the windows, the next time that is fine is the first minute that is, looked
// at one by one: also in weeks in which clocks are set.
func TestTheNextFineTimeIsTheFirst(t *testing.T) {
	t.Parallel()
	zones := []*time.Location{time.UTC, zoned(t, "America/New_York"), zoned(t, "Europe/Berlin"), zoned(t, "Australia/Lord_Howe"), zoned(t, "Asia/Kathmandu")}
	clocks := []string{"00:00", "01:30", "02:00", "02:30", "03:00", "08:00", "18:00", "22:00", "23:30"}
	names := []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun", "weekday", "weekend", "holiday", "before-holiday"}
	rapid.Check(t, func(t *rapid.T) {
		var windows []deployer.Window
		for n := range rapid.IntRange(1, 3).Draw(t, "windows") {
			w := deployer.Window{Is: rapid.SampledFrom([]deployer.WindowIs{deployer.WindowFine, deployer.WindowRefuse, deployer.WindowRefuse}).Draw(t, "is"), Why: fmt.Sprint(n)}
			w.Days = rapid.SliceOfNDistinct(rapid.SampledFrom(names), 0, 3, rapid.ID).Draw(t, "days")
			if rapid.Bool().Draw(t, "hours") {
				w.From, w.To = rapid.SampledFrom(clocks).Draw(t, "from"), rapid.SampledFrom(clocks).Draw(t, "to")
			}
			if rapid.Bool().Draw(t, "zoned") {
				w.Zone = rapid.SampledFrom(zones).Draw(t, "zone").String()
			}
			windows = append(windows, w)
		}
		p := Place{Zone: rapid.SampledFrom(zones).Draw(t, "site"), Holidays: map[string]string{"2026-03-10": "x", "2026-11-02": "y"}}
		first := rapid.SampledFrom([]string{"2026-03-07 12:00", "2026-03-28 12:00", "2026-10-03 12:00", "2026-10-31 12:00"}).Draw(t, "week")
		moment, err := time.Parse("2006-01-02 15:04", first)
		if err != nil {
			t.Fatal(err)
		}
		moment = moment.Add(time.Duration(rapid.IntRange(0, 36*60).Draw(t, "minute")) * time.Minute)
		d := deployer.Deployment{Procedure: deployer.Procedure{Windows: windows}}
		a := p.asked(d, nil, moment)
		if !a.refuses(moment) {
			return
		}
		next := a.next(moment, func(t time.Time) bool { return !a.refuses(t) })
		if next.IsZero() || next.Sub(moment) > 10*24*time.Hour {
			return // it takes too long to look at each minute until then
		}
		if a.refuses(next) {
			t.Fatalf("%s is refused too", next)
		}
		for at := moment; at.Before(next); at = at.Add(time.Minute) {
			if !a.refuses(at) {
				t.Fatalf("%s is fine, and not first %s", at, next)
			}
		}
	})
}
