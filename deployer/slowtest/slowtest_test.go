package slowtest

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// A record is a test that notes what becomes of it.
type record struct {
	testing.TB
	said     string
	skipped  bool
	failed   bool
	cleanups []func()
}

func (r *record) Helper()                     {}
func (r *record) Failed() bool                { return r.failed }
func (r *record) Cleanup(f func())            { r.cleanups = append(r.cleanups, f) }
func (r *record) Skip(args ...any)            { r.skipped, r.said = true, fmt.Sprint(args...); runtime.Goexit() }
func (r *record) Logf(f string, args ...any)  { r.said += fmt.Sprintf(f, args...) }
func (r *record) Skipf(f string, args ...any) { r.Skip(fmt.Sprintf(f, args...)) }
func (r *record) Fatalf(f string, args ...any) {
	r.failed, r.said = true, fmt.Sprintf(f, args...)
	runtime.Goexit()
}

// of runs something as a test of its own.
func of(do func(t testing.TB)) *record {
	r, over := &record{}, make(chan struct{})
	go func() {
		defer close(over)
		do(r)
	}()
	<-over
	for _, f := range r.cleanups {
		f()
	}
	return r
}

func TestSlowTestsRunOnlyWhereSomebodyAsks(t *testing.T) {
	for _, c := range []struct {
		ci, slow string
		runs     bool
	}{{"", "", false}, {"false", "", false}, {"true", "", true}, {"", "1", true}} {
		t.Setenv("CI", c.ci)
		t.Setenv(Variable, c.slow)
		r := of(func(t testing.TB) { Only(t, "it takes an hour") })
		if r.skipped == c.runs || r.failed {
			t.Errorf("CI=%s %s=%s: skipped %t, failed %t", c.ci, Variable, c.slow, r.skipped, r.failed)
		}
		if !c.runs && r.said != "it takes an hour; STATIONMASTER_SLOW=1 runs it" {
			t.Errorf("it is left out with the words %q", r.said)
		}
		if n := Runs(1, 9); (n == 9) != c.runs {
			t.Errorf("CI=%s %s=%s: it is tried %d times", c.ci, Variable, c.slow, n)
		}
	}
}

func TestWhatIsMissingFailsInCIAlone(t *testing.T) {
	for ci, fails := range map[string]bool{"": false, "true": true} {
		t.Setenv("CI", ci)
		r := of(func(t testing.TB) { Missing(t, "there is no node") })
		if r.failed != fails || r.skipped == fails || !strings.Contains(r.said, "there is no node") {
			t.Errorf("CI=%s: failed %t, skipped %t, with the words %q", ci, r.failed, r.skipped, r.said)
		}
	}
}

func TestSizeIsTakenFromItsVariable(t *testing.T) {
	for _, c := range []struct {
		text          string
		n             int
		asked, failed bool
	}{{"", 0, false, false}, {"40", 40, true, false}, {"many", 0, false, true}} {
		t.Setenv("STATIONMASTER_THINGS", c.text)
		var n int
		var asked bool
		r := of(func(t testing.TB) { n, asked = Size(t, "STATIONMASTER_THINGS") })
		if n != c.n || asked != c.asked || r.failed != c.failed {
			t.Errorf("%q is %d, asked for %t, failed %t: %s", c.text, n, asked, r.failed, r.said)
		}
	}
}

func TestChromiumIsFoundUnderAnyName(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("PATH", dir)
	t.Setenv("CI", "")
	t.Setenv(Variable, "1")
	find := func(t testing.TB) { t.Logf("%s", Chromium(t)) }
	if r := of(find); !r.skipped || !strings.Contains(r.said, "no chromium") {
		t.Errorf("without a browser: skipped %t, with the words %q", r.skipped, r.said)
	}
	path := filepath.Join(dir, "google-chrome")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	if r := of(find); r.said != path {
		t.Errorf("found %q, want %s", r.said, path)
	}
	t.Setenv(Variable, "")
	if r := of(find); !r.skipped || !strings.Contains(r.said, "STATIONMASTER_SLOW=1") {
		t.Errorf("where nobody asks: skipped %t, with the words %q", r.skipped, r.said)
	}
}

func TestSeedIsNamedByWhatFails(t *testing.T) {
	t.Setenv(SeedVariable, "")
	var first, second, given uint64
	of(func(t testing.TB) { first = Seed(t) })
	of(func(t testing.TB) { second = Seed(t) })
	if first == 0 || first != second {
		t.Errorf("one process draws from %d and from %d", first, second)
	}
	t.Setenv(SeedVariable, "77")
	r := of(func(t testing.TB) { given = Seed(t) })
	if given != 77 || r.said != "" {
		t.Errorf("the seed is %d, and what went well says %q", given, r.said)
	}
	r = of(func(t testing.TB) { Seed(t); t.Fatalf("it went wrong") })
	if !strings.HasSuffix(r.said, "to do this again: STATIONMASTER_SLOW=1 STATIONMASTER_SEED=77") {
		t.Errorf("what failed says %q", r.said)
	}
	t.Setenv(SeedVariable, "a lot")
	if r := of(func(t testing.TB) { Seed(t) }); !r.failed {
		t.Error("a seed that is no number is taken")
	}
}
