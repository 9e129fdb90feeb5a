package launch

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/rules"
)

// windowed is a launcher whose procedure has windows, at a site of New York.
func windowed(t *testing.T, windows ...deployer.Window) Launcher {
	t.Helper()
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	return launcher(func(c *Config) {
		c.Procedures["deployment"] = deployer.Procedure{ID: "deployment", Windows: windows}
		c.Language = tongue{"inputs.calm": func(*deployer.Deployment) deployer.Value { return deployer.Value{Flag: true, Text: "yes"} }}
		c.Place = func(deployer.Site) Place {
			return Place{Zone: zone, Holidays: map[string]string{"2026-11-26": "Thanksgiving"}}
		}
	})
}

// The first window that fits counts, by the clock of the retailer.
func TestWindowsAreAskedAtTheStart(t *testing.T) {
	t.Parallel()
	night := deployer.Window{From: "18:00", To: "08:00", Is: deployer.WindowRefuse, Why: "It is night"}
	for name, c := range map[string]struct {
		windows []deployer.Window
		at      string // in New York
		warns   string
		refuses string
	}{
		"no window":                   {nil, "2026-11-23 12:00", "", ""},
		"by day":                      {[]deployer.Window{night}, "2026-11-23 12:00", "", ""},
		"over midnight":               {[]deployer.Window{night}, "2026-11-23 23:00", "", "It is night. The next time that is fine is Tue 24 Nov 2026, 08:00 EST."},
		"in the morning":              {[]deployer.Window{night}, "2026-11-23 07:59", "", "The next time that is fine is Mon 23 Nov 2026, 08:00 EST."},
		"its end":                     {[]deployer.Window{night}, "2026-11-23 08:00", "", ""},
		"the first counts":            {[]deployer.Window{{Days: []string{"mon"}, Is: deployer.WindowFine}, night}, "2026-11-23 23:00", "", ""},
		"a weekend":                   {[]deployer.Window{{Days: []string{"weekend"}, Is: deployer.WindowWarn, Why: "It is the weekend"}}, "2026-11-22 12:00", "It is the weekend.", ""},
		"the night after a friday":    {[]deployer.Window{{Days: []string{"fri"}, From: "18:00", To: "08:00", Is: deployer.WindowRefuse, Why: "No"}}, "2026-11-28 03:00", "", "No. The next time"},
		"saturday's night is not":     {[]deployer.Window{{Days: []string{"fri"}, From: "18:00", To: "08:00", Is: deployer.WindowRefuse, Why: "No"}}, "2026-11-28 23:00", "", ""},
		"a holiday":                   {[]deployer.Window{{Days: []string{"holiday", "before-holiday"}, Is: deployer.WindowRefuse, Why: "Holidays"}}, "2026-11-25 10:00", "", "Holidays. The next time that is fine is Fri 27 Nov 2026, 00:00 EST."},
		"another environment":         {[]deployer.Window{{Environments: []string{"staging"}, Is: deployer.WindowRefuse}}, "2026-11-23 12:00", "", ""},
		"a condition that holds":      {[]deployer.Window{{When: "inputs.calm", Is: deployer.WindowWarn, Why: "Calm"}}, "2026-11-23 12:00", "Calm.", ""},
		"why holds a value":           {[]deployer.Window{{Is: deployer.WindowWarn, Why: "Calm is {inputs.calm}"}}, "2026-11-23 12:00", "Calm is yes.", ""},
		"a condition nobody can tell": {[]deployer.Window{{When: "inputs.other", Is: deployer.WindowRefuse}}, "2026-11-23 12:00", "", ""},
		"a zone of its own":           {[]deployer.Window{{Zone: "Europe/Berlin", From: "18:00", Is: deployer.WindowRefuse, Why: "Berlin sleeps"}}, "2026-11-23 13:00", "", "Berlin sleeps. The next time that is fine is Mon 23 Nov 2026, 18:00 EST."},
		"never fine":                  {[]deployer.Window{{Is: deployer.WindowRefuse, Why: "Frozen"}}, "2026-11-23 13:00", "", "Frozen."},
	} {
		l := windowed(t, c.windows...)
		r := asks("web", "v2")
		var err error
		if r.Asked, err = time.ParseInLocation("2006-01-02 15:04", c.at, l.cfg.Place(deployer.Site{}).Zone); err != nil {
			t.Fatal(err)
		}
		got, err := l.Start(t.Context(), r)
		switch {
		case c.refuses != "" && (err == nil || !strings.Contains(err.Error(), c.refuses)), c.refuses == "" && err != nil:
			t.Errorf("%s: %v, want %q", name, err, c.refuses)
		case strings.Join(got.Warnings, " ") != c.warns:
			t.Errorf("%s: %q, want %q", name, got.Warnings, c.warns)
		}
	}
}

// Whoever holds the role goes on with a reason, which stands there.
func TestAWindowIsOverriddenByItsRoleWithAReason(t *testing.T) {
	t.Parallel()
	l := windowed(t, deployer.Window{Is: deployer.WindowRefuse, Why: "Frozen", Override: "lead"})
	l.ports.Holders = func(role string) deployer.Holders {
		return deployer.Holders{People: [][]string{{"U1", "U2"}}, Unknown: role != "lead"}
	}
	r := asks("web", "v2")
	r.By = "U2"
	if _, err := l.Start(t.Context(), r); err == nil || !strings.Contains(err.Error(), "Somebody of lead may start it now, with a reason") {
		t.Errorf("%v", err)
	}
	r.Reason = "it burns"
	got, err := l.Start(t.Context(), r)
	want := []deployer.Override{{Rule: "window 1", Why: "Frozen.", Role: "lead", Reason: "it burns"}}
	if err != nil || !slices.Equal(got.Overrides, want) || len(got.Warnings) > 0 {
		t.Errorf("%+v, %q, %v", got.Overrides, got.Warnings, err)
	}
	r.By = "U3"
	if _, err := l.Start(t.Context(), r); err == nil {
		t.Error("anybody may")
	}
}

// A freeze refuses what is planned for it, whenever it is asked for; who may override the
// window and not the freeze is refused.
func TestAFreezeRefusesAtThePlannedTime(t *testing.T) {
	t.Parallel()
	l := windowed(t, deployer.Window{Days: []string{"weekday"}, Is: deployer.WindowRefuse, Why: "Not today", Override: "lead"})
	place := l.cfg.Place(deployer.Site{})
	place.Groups = []string{"west"}
	from, to := time.Date(2026, 12, 20, 0, 0, 0, 0, time.UTC), time.Date(2027, 1, 5, 0, 0, 0, 0, time.UTC)
	place.Freezes = []rules.Freeze{{From: from, To: to, Why: "Holidays", Override: "operations", Groups: []string{"west"}}}
	l.cfg.Place = func(deployer.Site) Place { return place }
	l.cfg.Procedures["deployment"] = deployer.Procedure{ID: "deployment", Windows: l.cfg.Procedures["deployment"].Windows, Steps: settings().Procedures["deployment"].Steps}
	l.ports.Holders = func(role string) deployer.Holders {
		return map[string]deployer.Holders{"lead": {People: [][]string{{"U1"}}}, "operations": {People: [][]string{{"U2"}, {"U3"}}}}[role]
	}
	r := asks("web", "v2")
	r.Asked = time.Date(2026, 12, 5, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		by, planned string
		want        string
	}{
		{"U1", "", ""},                     // it is a Saturday
		{"U1", "2026-12-20T04:00:00Z", ""}, // the 19th in New York
		{"U1", "2026-12-20T05:00:00Z", "Frozen: Holidays. The next time that is fine is Sat 9 Jan 2027, 00:00 EST. – Somebody of operations may start it now, with a reason"},
		{"U2", "2026-12-20T05:00:00Z", ""},
		{"U2", "2026-12-21T12:00:00Z", "Not today."}, // which a lead may override, and U2 is none
	} {
		r.By, r.Reason, r.Planned = c.by, "it burns", nil
		if c.planned != "" {
			r.Planned = func() (time.Time, error) { return time.Parse(time.RFC3339, c.planned) }
		}
		_, err := l.Start(t.Context(), r)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s at %s: %v, want %q", c.by, c.planned, err, c.want)
		}
	}
}

// What is warned of is asked once more; what is refused, or said of other things, is not.
func TestOnlyWindowsThatWarnAreConfirmed(t *testing.T) {
	t.Parallel()
	l := windowed(t, deployer.Window{Days: []string{"mon"}, Is: deployer.WindowWarn, Why: "It is Monday"})
	monday := time.Date(2026, 11, 23, 17, 0, 0, 0, time.UTC)
	for planned, want := range map[time.Time]int{{}: 1, monday.AddDate(0, 0, 1): 0} {
		start := deployer.Start{Procedure: l.cfg.Procedures["deployment"], Planned: planned}
		if got := l.Warned(start, monday); len(got) != want || want > 0 && got[0] != "It is Monday." {
			t.Errorf("%q", got)
		}
	}
}

// runs are deployments that are over.
type runs []deployer.Deployment

func (r runs) Load(_ context.Context, id string) (deployer.Deployment, error) {
	for _, d := range r {
		if d.ID == id {
			return d, nil
		}
	}
	return deployer.Deployment{}, deployer.ErrNotFound
}

func (r runs) List(context.Context, deployer.Query) ([]deployer.Summary, error) {
	var out []deployer.Summary
	for _, d := range r {
		out = append(out, d.Summarize())
	}
	return out, nil
}

func drill(d deployer.Deployment) deployer.Deployment {
	d.Drill.On = true
	return d
}

// How long one takes is told by those that went well last, else by the estimates.
func TestAWindowThatIsTooShortIsWarnedOf(t *testing.T) {
	t.Parallel()
	began := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	run := func(id, procedure string, status deployer.Status, minutes int) deployer.Deployment {
		return deployer.Deployment{
			ID: id, Status: status, Procedure: deployer.Procedure{ID: procedure}, Releases: []deployer.Release{{Service: "web"}}, Created: began.Add(-time.Hour), Planned: began,
			Ended: began.Add(time.Duration(minutes) * time.Minute),
		}
	}
	steps := []deployer.Step{
		{ID: "a", Uses: deployer.KindConfirm, Estimate: 10 * time.Minute}, {ID: "b", Uses: deployer.KindConfirm, Estimate: 5 * time.Minute, Needs: []string{"a"}},
		{ID: "c", Uses: deployer.KindConfirm, Estimate: 20 * time.Minute, Needs: []string{"a"}},
	}
	for name, c := range map[string]struct {
		past runs
		at   string // in New York
		want string
	}{
		"by the estimates":   {nil, "17:40", "This usually takes 30 minutes, and the window has 20 minutes."},
		"time enough":        {nil, "17:30", ""},
		"by those before":    {runs{run("a", "deployment", deployer.Complete, 15), run("b", "deployment", deployer.Complete, 25), run("c", "deployment", deployer.Complete, 60)}, "17:40", "This usually takes 25 minutes, and the window has 20 minutes."},
		"drills don't count": {runs{run("a", "deployment", deployer.Complete, 15), drill(run("b", "deployment", deployer.Complete, 90))}, "17:40", ""},
		"others don't count": {runs{run("a", "deployment", deployer.Complete, 15), run("b", "hotfix", deployer.Complete, 90), run("c", "deployment", deployer.Stopped, 90)}, "17:40", ""},
	} {
		l := windowed(t, deployer.Window{From: "18:00", To: "08:00", Is: deployer.WindowRefuse, Why: "Night"})
		p := l.cfg.Procedures["deployment"]
		p.Steps = steps
		l.cfg.Procedures["deployment"], l.ports.Deployments = p, c.past
		r := asks("web", "v2")
		var err error
		if r.Asked, err = time.ParseInLocation("2006-01-02 15:04", "2026-11-23 "+c.at, l.cfg.Place(deployer.Site{}).Zone); err != nil {
			t.Fatal(err)
		}
		got, err := l.Start(t.Context(), r)
		if said := strings.Join(got.Warnings, " "); err != nil || said != c.want {
			t.Errorf("%s: %q, %v, want %q", name, said, err, c.want)
		}
	}
}
