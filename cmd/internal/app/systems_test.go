package app

import (
	"testing"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/registry"
)

// A registry that the config does not name is not asked: the tag stands as it
// was typed, and nothing is suggested.
func TestRegistryThatTheConfigDoesNotNameIsNotAsked(t *testing.T) {
	t.Parallel()
	s := &systems{
		cfg:      Config{Services: map[string]Service{"web": {Image: "registry.invalid/web"}}},
		registry: registry.New(registry.Config{}),
	}
	image, err := s.image(t.Context(), deployer.Release{Service: "web", Tag: "v2"})
	if image != "registry.invalid/web:v2" || err != nil {
		t.Errorf("got the image %q (%v), want registry.invalid/web:v2", image, err)
	}
	if tags, err := s.Tags(t.Context(), "web"); len(tags) != 0 || err != nil {
		t.Errorf("got the tags %v (%v), want none", tags, err)
	}
	if _, err := s.Tags(t.Context(), "wbe"); err == nil {
		t.Error("a service that the config does not have has tags")
	}
}
