package view

import (
	"slices"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/deployer"
)

// SayAll is everybody by one name.
type SayAll struct {
	bottest.PhoneBook
	Name string
}

func (s SayAll) Person(deployer.Actor) string  { return s.Name }
func (s SayAll) Renamed(deployer.Actor) string { return s.Name }
func (s SayAll) Role(role string) []deployer.Actor {
	out := slices.Clone(s.PhoneBook.Role(role))
	for i := range out {
		out[i].Name = s.Name
	}
	return out
}

// A Scene is a state of a card, for the tests that draw it with the rooms that know this one, too.
type Scene struct {
	Name       string
	Deployment deployer.Deployment
	Progress   map[string]deployer.Progress
	Now        time.Time
	Renderer   Renderer
}

// Scenes are the states that a card can be in.
func Scenes(t testing.TB) []Scene {
	var out []Scene
	for _, s := range scenes(t) {
		out = append(out, Scene{s.name, s.d, s.progress, s.now, s.renderer})
	}
	return out
}
