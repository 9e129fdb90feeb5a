package bot

import (
	"testing"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/emulator"
)

func TestHelpIsGivenEverywhereUnderTheCommandsName(t *testing.T) {
	t.Parallel()
	r := newFixture(t, func(s *setup) {
		s.slack.Commands = []emulator.Command{{Name: "/ship"}}
		s.bot.Command = "/ship"
	})
	said := r.typesIn("ana", "random", "/ship help") // help is given everywhere
	bottest.Contains(t, said, "`/ship api v1.2.3`", "--dry-run", "web", "Home tab")
	bottest.Contains(t, r.types("ana", "/ship web v2 api"), "api has no tag", "/ship api v1.2.3")
}
