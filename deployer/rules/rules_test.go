package rules_test

import (
	"errors"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/rules"
)

// A tongue knows one input.
type tongue struct{}

func (tongue) Compute(expression string, _ deployer.ParamType, _ deployer.Moment) (deployer.Value, error) {
	if expression == "inputs.calm" {
		return deployer.Value{Flag: true}, nil
	}
	return deployer.Value{}, errors.New("it can't be told")
}

func (tongue) With(deployer.Moment) (deployer.Values, error) { return nil, nil }

func (tongue) Words(string, deployer.Moment) (map[string]string, error) {
	return map[string]string{"inputs.calm": "yes"}, nil
}

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// at is a moment by the clock of a zone.
func at(t testing.TB, text string, z *time.Location) time.Time {
	t.Helper()
	moment, err := time.ParseInLocation("2006-01-02 15:04", text, z)
	if err != nil {
		t.Fatal(err)
	}
	return moment
}

func wall(t testing.TB, text string) time.Time { t.Helper(); return at(t, text, time.UTC) }

func of(windows ...deployer.Window) deployer.Deployment {
	return deployer.Deployment{
		Site: deployer.Site{Name: "tangerine", Environment: "prod"}, Releases: []deployer.Release{{Service: "web", Tag: "v2"}},
		Procedure: deployer.Procedure{ID: "deployment", Windows: windows},
	}
}

// said is what the rules say, a line for each, with the next time that is fine.
func said(all []deployer.Verdict, z *time.Location) string {
	var out []string
	for _, v := range all {
		line := string(v.Is) + ": " + v.Why
		if !v.Next.IsZero() {
			line += " → " + v.Next.In(z).Format("Mon 2 Jan 15:04 MST")
		}
		if v.Override != "" {
			line += " (" + v.Override + ")"
		}
		out = append(out, line)
	}
	return strings.Join(out, "; ")
}

func TestTheFirstWindowThatFitsCounts(t *testing.T) {
	t.Parallel()
	night := deployer.Window{From: "18:00", To: "08:00", Is: deployer.WindowRefuse, Why: "It is night", Override: "lead"}
	over := deployer.Window{From: "22:00", To: "02:00", Is: deployer.WindowRefuse, Why: "Backups"}
	friday := deployer.Window{Days: []string{"fri"}, From: "18:00", To: "08:00", Is: deployer.WindowRefuse, Why: "No"}
	for name, c := range map[string]struct {
		windows []deployer.Window
		at      string // in New York
		want    string
	}{
		"no window":                {nil, "2026-11-23 12:00", ""},
		"by day":                   {[]deployer.Window{night}, "2026-11-23 12:00", ""},
		"over midnight":            {[]deployer.Window{night}, "2026-11-23 23:00", "refuse: It is night. → Tue 24 Nov 08:00 EST (lead)"},
		"in the morning":           {[]deployer.Window{night}, "2026-11-23 07:59", "refuse: It is night. → Mon 23 Nov 08:00 EST (lead)"},
		"its end":                  {[]deployer.Window{night}, "2026-11-23 08:00", ""},
		"from 22:00":               {[]deployer.Window{over}, "2026-11-23 22:00", "refuse: Backups. → Tue 24 Nov 02:00 EST"},
		"until 02:00":              {[]deployer.Window{over}, "2026-11-24 01:59", "refuse: Backups. → Tue 24 Nov 02:00 EST"},
		"at 02:00":                 {[]deployer.Window{over}, "2026-11-24 02:00", ""},
		"before 22:00":             {[]deployer.Window{over}, "2026-11-23 21:59", ""},
		"the first counts":         {[]deployer.Window{{Days: []string{"mon"}, Is: deployer.WindowFine}, night}, "2026-11-23 23:00", ""},
		"a weekend":                {[]deployer.Window{{Days: []string{"weekend"}, Is: deployer.WindowWarn, Why: "It is the weekend"}}, "2026-11-22 12:00", "warn: It is the weekend."},
		"the night after a friday": {[]deployer.Window{friday}, "2026-11-28 03:00", "refuse: No. → Sat 28 Nov 08:00 EST"},
		"saturday's night is not":  {[]deployer.Window{friday}, "2026-11-28 23:00", ""},
		"a day of the config": {[]deployer.Window{{Days: []string{"holiday"}, Is: deployer.WindowRefuse, Why: "Holiday"}}, "2026-11-30 10:00",
			"refuse: Holiday. → Tue 1 Dec 00:00 EST"},
		"before a holiday": {[]deployer.Window{{Days: []string{"holiday", "before-holiday"}, Is: deployer.WindowRefuse, Why: "Holidays"}}, "2026-11-25 10:00",
			"refuse: Holidays. → Fri 27 Nov 00:00 EST"}, // Thanksgiving is the 26th
		"another environment":         {[]deployer.Window{{Environments: []string{"staging"}, Is: deployer.WindowRefuse}}, "2026-11-23 12:00", ""},
		"a condition that holds":      {[]deployer.Window{{When: "inputs.calm", Is: deployer.WindowWarn, Why: "Calm"}}, "2026-11-23 12:00", "warn: Calm."},
		"why holds a value":           {[]deployer.Window{{Is: deployer.WindowWarn, Why: "Calm is {inputs.calm}"}}, "2026-11-23 12:00", "warn: Calm is yes."},
		"a condition nobody can tell": {[]deployer.Window{{When: "inputs.other", Is: deployer.WindowRefuse}}, "2026-11-23 12:00", ""},
		"a zone of its own": {[]deployer.Window{{Zone: "Europe/Berlin", From: "18:00", To: "20:00", Is: deployer.WindowRefuse, Why: "Berlin eats"}}, "2026-11-23 13:00",
			"refuse: Berlin eats. → Mon 23 Nov 14:00 EST"},
		"never fine": {[]deployer.Window{{Is: deployer.WindowRefuse, Why: "Never"}}, "2026-11-23 13:00", "refuse: Never."},
		"two after each other": {[]deployer.Window{night, {Days: []string{"tue"}, Is: deployer.WindowRefuse, Why: "Tuesday"}}, "2026-11-23 19:00",
			"refuse: It is night. → Wed 25 Nov 08:00 EST (lead)"},
	} {
		z := zone(t, "America/New_York")
		p := rules.Place{Zone: z, Countries: []string{"us"}, Holidays: map[string]string{"2026-11-30": "Stocktaking"}}
		if got := said(p.Ask(of(c.windows...), tongue{}, at(t, c.at, z)), z); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// When clocks are set forward, what would end in the hour that is left out ends with it;
// when they are set back, an hour comes twice.
func TestWindowsGoByTheClockOnTheWallWhenItIsSet(t *testing.T) {
	t.Parallel()
	z := zone(t, "America/New_York")
	w := deployer.Window{From: "23:00", To: "02:30", Is: deployer.WindowRefuse, Why: "Night"}
	for _, c := range []struct{ at, want string }{
		{"2026-03-08T06:59:00Z", "refuse: Night. → Sun 8 Mar 03:00 EDT"}, // 01:59 EST, the last minute before
		{"2026-03-08T07:00:00Z", ""},                                     // 03:00 EDT
		{"2026-11-01T05:30:00Z", "refuse: Night. → Sun 1 Nov 02:30 EST"}, // 01:30 EDT, the first of two
		{"2026-11-01T06:30:00Z", "refuse: Night. → Sun 1 Nov 02:30 EST"}, // 01:30 EST, the second
	} {
		moment, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := said(rules.Place{Zone: z}.Ask(of(w), nil, moment), z); got != c.want {
			t.Errorf("%s: %q, want %q", c.at, got, c.want)
		}
	}
	freeze := rules.Freeze{From: wall(t, "2026-03-08 02:15"), To: wall(t, "2026-11-01 01:30"), Why: "Summer"}
	p := rules.Place{Zone: z, Freezes: []rules.Freeze{freeze}}
	for _, c := range []struct {
		at     string
		frozen bool
	}{{"2026-03-08T06:59:00Z", false}, {"2026-03-08T07:00:00Z", true}, {"2026-11-01T05:45:00Z", true}, {"2026-11-01T06:29:00Z", true}, {"2026-11-01T06:30:00Z", false}} {
		moment, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := len(p.Ask(of(), nil, moment)) > 0; got != c.frozen {
			t.Errorf("%s: frozen is %v", c.at, got)
		}
	}
}

func TestAFreezeIsAboutWhatItNames(t *testing.T) {
	t.Parallel()
	from, to := wall(t, "2026-12-20 00:00"), wall(t, "2027-01-05 00:00")
	freeze := func(change func(*rules.Freeze)) rules.Freeze {
		f := rules.Freeze{From: from, To: to, Why: "Holidays", Override: "operations-lead"}
		change(&f)
		return f
	}
	none := of()
	none.Releases = nil
	z := zone(t, "Asia/Tokyo")
	const frozen = "refuse: Frozen: Holidays. → Tue 5 Jan 00:00 JST (operations-lead)"
	for name, c := range map[string]struct {
		freeze rules.Freeze
		d      deployer.Deployment
		at     string
		want   string
	}{
		"all":                 {freeze(func(*rules.Freeze) {}), of(), "2026-12-24 12:00", frozen},
		"its first minute":    {freeze(func(*rules.Freeze) {}), of(), "2026-12-20 00:00", frozen},
		"before":              {freeze(func(*rules.Freeze) {}), of(), "2026-12-19 23:59", ""},
		"its last minute":     {freeze(func(*rules.Freeze) {}), of(), "2027-01-04 23:59", frozen},
		"after":               {freeze(func(*rules.Freeze) {}), of(), "2027-01-05 00:00", ""},
		"the retailer":        {freeze(func(f *rules.Freeze) { f.Retailers = []string{"tangerine"} }), of(), "2026-12-24 12:00", frozen},
		"another retailer":    {freeze(func(f *rules.Freeze) { f.Retailers = []string{"lemon"} }), of(), "2026-12-24 12:00", ""},
		"its group":           {freeze(func(f *rules.Freeze) { f.Retailers, f.Groups = []string{"lemon"}, []string{"west"} }), of(), "2026-12-24 12:00", frozen},
		"another group":       {freeze(func(f *rules.Freeze) { f.Groups = []string{"east"} }), of(), "2026-12-24 12:00", ""},
		"the environment":     {freeze(func(f *rules.Freeze) { f.Environments = []string{"prod"} }), of(), "2026-12-24 12:00", frozen},
		"another environment": {freeze(func(f *rules.Freeze) { f.Environments = []string{"staging"} }), of(), "2026-12-24 12:00", ""},
		"the service":         {freeze(func(f *rules.Freeze) { f.Services = []string{"web"} }), of(), "2026-12-24 12:00", frozen},
		"another service":     {freeze(func(f *rules.Freeze) { f.Services = []string{"api"} }), of(), "2026-12-24 12:00", ""},
		"no service":          {freeze(func(*rules.Freeze) {}), none, "2026-12-24 12:00", frozen},
		"of a service":        {freeze(func(f *rules.Freeze) { f.Services = []string{"web"} }), none, "2026-12-24 12:00", ""},
		"then a window": {freeze(func(*rules.Freeze) {}), of(deployer.Window{Days: []string{"tue"}, Is: deployer.WindowRefuse, Why: "Tuesday"}), "2026-12-24 12:00",
			"refuse: Frozen: Holidays. → Wed 6 Jan 00:00 JST (operations-lead)"},
		"and a window": {freeze(func(*rules.Freeze) {}), of(deployer.Window{Days: []string{"thu"}, Is: deployer.WindowWarn, Why: "Thursday"}), "2026-12-24 12:00", frozen + "; warn: Thursday."},
	} {
		p := rules.Place{Zone: z, Groups: []string{"west"}, Freezes: []rules.Freeze{c.freeze}}
		if got := said(p.Ask(c.d, nil, at(t, c.at, z)), z); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	if f := freeze(func(*rules.Freeze) {}); f.IsOver(to) || !f.IsOver(to.Add(48*time.Hour)) {
		t.Error("a freeze is over when it is so everywhere")
	}
}

// What somebody goes on with all the same is said, and does not count for when it would
// be fine.
func TestWhatIsOverriddenDoesNotKeepAnybodyWaiting(t *testing.T) {
	t.Parallel()
	p := rules.Place{Freezes: []rules.Freeze{{From: wall(t, "2026-12-20 00:00"), To: wall(t, "2027-01-05 00:00"), Why: "Holidays"}}}
	d := of(deployer.Window{To: "08:00", From: "18:00", Is: deployer.WindowRefuse, Why: "Night"})
	moment := wall(t, "2026-12-24 20:00")
	frozen := p.Ask(d, nil, moment)
	if got := said(frozen, time.UTC); got != "refuse: Frozen: Holidays. → Tue 5 Jan 08:00 UTC; refuse: Night. → Tue 5 Jan 08:00 UTC" {
		t.Error(got)
	}
	d.Overridden = []deployer.Override{{Rule: frozen[0].Rule}}
	if got := said(p.Ask(d, nil, moment), time.UTC); !strings.HasSuffix(got, "refuse: Night. → Fri 25 Dec 08:00 UTC") {
		t.Error(got)
	}
}

func TestHolidaysAreThoseOfTheCountries(t *testing.T) {
	t.Parallel()
	w := deployer.Window{Days: []string{"holiday"}, Is: deployer.WindowRefuse, Why: "Holiday"}
	for _, c := range []struct {
		countries, day string
		is             bool
	}{
		{"us", "2026-11-26", true}, {"de", "2026-11-26", false}, {"de us", "2026-11-26", true}, {"", "2026-12-25", false},
		{"de", "2026-10-03", true}, {"gb", "2026-12-28", true}, // Boxing Day is a Saturday, and made up for
		{"gb", "2026-10-03", false}, {"us", "2026-07-03", true}, // Independence Day is a Saturday
		{"us", "2021-12-31", true}, // New Year's Day of the year after is a Saturday
		{"au", "2026-01-26", true}, {"jp", "2026-05-05", true}, {"nl", "2026-04-27", true},
	} {
		p := rules.Place{Countries: strings.Fields(c.countries)}
		if got := len(p.Ask(of(w), nil, wall(t, c.day+" 12:00"))) > 0; got != c.is {
			t.Errorf("%s is a holiday in %q: %v", c.day, c.countries, got)
		}
	}
	for _, country := range rules.Countries() {
		p, found := rules.Place{Countries: []string{country}}, 0
		for n := range 365 {
			found += len(p.Ask(of(w), nil, wall(t, "2026-01-01 12:00").AddDate(0, 0, n)))
		}
		if found < 4 || found > 40 {
			t.Errorf("%s has %d holidays", country, found)
		}
	}
}

// Room ends where something refuses, however it comes to that.
func TestRoomIsUntilSomethingRefuses(t *testing.T) {
	t.Parallel()
	z := zone(t, "America/New_York")
	d := of(deployer.Window{From: "18:00", To: "08:00", Is: deployer.WindowRefuse})
	p := rules.Place{Zone: z, Freezes: []rules.Freeze{{From: wall(t, "2026-11-24 12:00"), To: wall(t, "2026-11-26 00:00"), Why: "Sale"}}}
	for moment, want := range map[string]time.Duration{
		"2026-11-23 17:40": 20 * time.Minute, "2026-11-24 11:30": 30 * time.Minute, "2026-11-23 18:00": 0, "2026-11-24 12:00": 0, "2026-11-27 08:00": 10 * time.Hour,
	} {
		if got := p.Room(d, nil, at(t, moment, z)); got != want {
			t.Errorf("%s: %s, want %s", moment, got, want)
		}
	}
	if got := (rules.Place{}).Room(of(), nil, at(t, "2026-11-23 17:40", z)); got != 0 {
		t.Errorf("without a rule there are %s", got)
	}
}

// begunAt is a deployment that has begun to change something at a time.
func begunAt(d deployer.Deployment, at time.Time) deployer.Deployment {
	d.Steps = []deployer.StepState{
		{Step: deployer.Step{ID: "rollout", Uses: deployer.KindRollout}, Part: deployer.PartMain, Effects: []deployer.Effect{{Key: "rollout/web", At: at}}},
	}
	return d
}

// A window that is over says what comes of what began in it; what refuses from then on
// asks where it says nothing.
func TestAWindowThatIsOverSaysWhatComesThen(t *testing.T) {
	t.Parallel()
	fine := deployer.Window{From: "10:00", To: "16:00", Is: deployer.WindowFine}
	late := deployer.Window{Is: deployer.WindowRefuse, Why: "It is late", Override: "sre"}
	friday := deployer.Window{Days: []string{"fri"}, Is: deployer.WindowRefuse, Why: "It is Friday"}
	ends := func(w deployer.Window, e deployer.WindowEnds, role string) deployer.Window {
		w.Ends, w.Override = e, role
		return w
	}
	noon, four, next := wall(t, "2026-03-05 12:00"), wall(t, "2026-03-05 16:00"), wall(t, "2026-03-06 10:00")
	const over = "The window in which it began is over."
	for name, test := range map[string]struct {
		windows []deployer.Window
		now     time.Time
		want    deployer.Verdict
	}{
		"still in it":          {[]deployer.Window{ends(fine, deployer.EndsAsk, ""), late}, noon.Add(time.Hour), deployer.Verdict{}},
		"it says nothing":      {[]deployer.Window{fine}, four, deployer.Verdict{}},
		"it finishes":          {[]deployer.Window{ends(fine, deployer.EndsFinish, ""), late}, four, deployer.Verdict{}},
		"it holds":             {[]deployer.Window{ends(fine, deployer.EndsHold, "lead")}, four, deployer.Verdict{Rule: "end of window 1", Why: over, Override: "lead", Ends: deployer.EndsHold, Next: next}},
		"it asks":              {[]deployer.Window{ends(fine, deployer.EndsAsk, "")}, four, deployer.Verdict{Rule: "end of window 1", Why: over, Ends: deployer.EndsAsk, Next: next}},
		"what comes refuses":   {[]deployer.Window{ends(fine, deployer.EndsHold, "lead"), late}, four, deployer.Verdict{Rule: "window 2", Why: "It is late.", Override: "sre", Ends: deployer.EndsHold, Next: next}},
		"only that says so":    {[]deployer.Window{fine, late}, four, deployer.Verdict{Rule: "window 2", Why: "It is late.", Override: "sre", Ends: deployer.EndsAsk, Next: next}},
		"it began in no other": {[]deployer.Window{friday}, next, deployer.Verdict{Rule: "window 1", Why: "It is Friday.", Ends: deployer.EndsAsk, Next: wall(t, "2026-03-07 00:00")}},
	} {
		d := begunAt(of(test.windows...), noon)
		got := rules.Place{Freezes: []rules.Freeze{{From: noon, To: next, Why: "Sale"}}}.Ask(d, tongue{}, test.now)
		if test.want.Rule == "" {
			if len(got) > 0 {
				t.Errorf("%s: %+v", name, got)
			}
			continue
		}
		test.want.Is = deployer.WindowRefuse
		if len(got) != 1 || !got[0].Next.Equal(test.want.Next) {
			t.Errorf("%s: %+v, want %+v", name, got, test.want)
			continue
		}
		if got[0].Next = test.want.Next; got[0] != test.want {
			t.Errorf("%s: %+v, want %+v", name, got[0], test.want)
		}
		d.Overridden = []deployer.Override{{Rule: test.want.Rule}}
		if still := d.Refusing(rules.Place{}.Ask(d, tongue{}, test.now)); still != nil {
			t.Errorf("%s: overridden, %+v holds it", name, still)
		}
	}
}
