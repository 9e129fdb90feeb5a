package spelling_test

import (
	"testing"

	"github.com/stationmaster/stationmaster/deployer/spelling"
)

func TestTheNearestCandidateIsSuggested(t *testing.T) {
	t.Parallel()
	known := []string{"web", "api", "worker", "decanting-service", "picking-service", "billing-api", "billing-ui"}
	for word, want := range map[string]string{
		"wbe": "web", "WEB": "web", "decanting": "decanting-service", "decantign-service": "decanting-service",
		"banana": "", "": "", "pick": "picking-service", "ap": "api", "weeb": "web", "wrker": "worker", "x": "",
		"billing-ap": "billing-api", "billing-ux": "billing-ui", "something-else": "",
	} {
		if got := spelling.Nearest(word, known); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", word, got, want)
		}
	}
	if got := spelling.Nearest("a", nil); got != "" {
		t.Errorf("nearest of none is %q", got)
	}
}
