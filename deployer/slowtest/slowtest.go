// Package slowtest decides which tests run. go test ./... is over in a minute and needs Go and git alone; the
// browser, servers that lag, crowds, kills and the real control plane run where CI=true or STATIONMASTER_SLOW=1
// asks for them:
//
//	STATIONMASTER_SLOW=1 go test -timeout 60m -p 1 ./...
//
// What is left out says so by a skip that names the variable. With CI=true nothing may be missing.
package slowtest

import (
	"os"
	"os/exec"
	"strconv"
	"testing"
)

// Variable asks for the slow tests, by any value.
const Variable = "STATIONMASTER_SLOW"

// Asked reports whether somebody asks for the slow tests.
func Asked() bool { return InCI() || os.Getenv(Variable) != "" }

// InCI reports whether nothing may be missing.
func InCI() bool { return os.Getenv("CI") == "true" }

// Only leaves a test out where nobody asks for the slow ones. why says what it does that takes so long.
func Only(t testing.TB, why string) {
	t.Helper()
	if !Asked() {
		t.Skipf("%s; %s=1 runs it", why, Variable)
	}
}

// Missing leaves a test out for what this machine lacks; what says what that is. In CI nothing may lack.
func Missing(t testing.TB, what string) {
	t.Helper()
	if InCI() {
		t.Fatalf("%s, and CI=true asks for it", what)
	}
	t.Skip(what)
}

// Runs is how often something is tried: often where somebody asks for the slow tests, else few times.
func Runs(few, often int) int {
	if Asked() {
		return often
	}
	return few
}

// Size is a size that somebody asks for by a variable such as STATIONMASTER_CROWD; false if nobody does.
func Size(t testing.TB, variable string) (n int, asked bool) {
	t.Helper()
	text := os.Getenv(variable)
	if text == "" {
		return 0, false
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s: %v", variable, err)
	}
	return n, true
}

// Chromium finds the browser for a test that needs one.
func Chromium(t testing.TB) string {
	t.Helper()
	Only(t, "a browser takes long")
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	Missing(t, "no chromium or chrome is in the PATH")
	return ""
}
