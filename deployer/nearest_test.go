package deployer_test

import (
	"testing"

	"github.com/stationmaster/stationmaster/deployer"
)

func TestNearest(t *testing.T) {
	services := []string{"web", "api", "decanting-service", "picking-service"}
	for word, want := range map[string]string{
		"wbe": "web", "WEB": "web", "decanting": "decanting-service", "decantign-service": "decanting-service",
		"banana": "", "": "", "pick": "picking-service", "ap": "api",
	} {
		if got := deployer.Nearest(word, services); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", word, got, want)
		}
	}
}
