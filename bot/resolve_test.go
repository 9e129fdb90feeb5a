package bot

import (
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
)

func TestRefusalsNameTheMistakeAndWhatWasMeant(t *testing.T) {
	t.Parallel()
	r := newFixture(t, func(s *setup) {
		s.bot.Procedures["hotfix"] = deployer.Procedure{ID: "hotfix", Title: "Hotfix", Steps: standard().Steps[:1]}
		s.bot.Services["cron"] = view.Service{Procedure: "hotfix"}
		s.systems.tags = []string{"v2.0.1", "v2.0.0", "v1.9.9"}
	})
	for text, parts := range map[string][]string{
		"/deploy wbe v2.0.1":                        {"wbe", "Did you mean web?"},
		"/deploy zzz v2.0.1":                        {"zzz", "There are: api, cron, decanting-service and web."},
		"/deploy statsu":                            {"statsu", "Did you mean: `/deploy status`"},
		"/deploy web":                               {"web has no tag behind it", "`/deploy web v1.2.3`"},
		"/deploy web v2.0.0 v2.0.1":                 {"v2.0.1", "has no partner"},
		"/deploy web v2.0.2":                        {"web has no tag", "v2.0.2", "Did you mean v2.0.0?"},
		"/deploy web v2.0.1 --evn prod":             {"--evn", "Did you mean --env?"},
		"/deploy web v2.0.1 --env prdo":             {"prdo", "Did you mean prod?"},
		"/deploy web v2.0.1 --procedure hotfxi":     {"hotfxi", "Did you mean hotfix?"},
		"/deploy web v2.0.1 --input rsik=low":       {"rsik", "Did you mean risk?"},
		"/deploy web v2.0.1 --input risk=hgih":      {"hgih", "Did you mean high?"},
		"/deploy web v2.0.1 cron v2.0.1":            {"web and cron follow different procedures"},
		"/deploy web v2.0.1 web v2.0.1":             {"web is named twice"},
		"/deploy web v2.0.1 --at 22:00":             {"The procedure deployment does not wait for a planned start", "uses: wait"},
		"/deploy hotfix web":                        {"not in this version"},
		"/deploy stop web":                          {`There is no deployment "web".`, "nder way"},
		"/deploy stop tangerine-9":                  {"There is no deployment", "tangerine-9"},
		"/deploy rollback web":                      {"nothing to go back to"},
		"/deploy <!channel> v2.0.1":                 {"&lt;!channel&gt;"},
		"/deploy web `v2`":                          {`has no tag "v2"`},
		"/deploy web v2.0.1 --reason " + long(5000): {"5000 characters", "1000 are the most"},
		"/deploy " + long(5000):                     {"neither a command nor a service"},
		`/deploy web v2.0.1 --reason "it is`:        {"is not closed"},
	} {
		said := r.types("ana", text)
		bottest.Contains(t, said, parts...)
		if strings.Contains(said, "<!") || strings.Contains(said, "@everyone") {
			t.Errorf("%s: the answer calls people: %q", text, said)
		}
		if len(said) > 4000 {
			t.Errorf("%s: the answer has %d characters", text, len(said))
		}
	}
	if n := len(r.engine.all()); n != 0 {
		t.Errorf("%d deployments", n)
	}
}

func long(n int) string { return strings.Repeat("x", n) }
