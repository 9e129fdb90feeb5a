package launch

import (
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/stationmaster/stationmaster/deployer"
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
	if want := "Frozen. It starts all the same, by the role lead: it burns."; err != nil || len(got.Warnings) != 1 || got.Warnings[0] != want {
		t.Errorf("%q, %v", got.Warnings, err)
	}
	r.By = "U3"
	if _, err := l.Start(t.Context(), r); err == nil {
		t.Error("anybody may")
	}
}
