package main_test

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/slowtest"
)

// A healthServer says how it is: not well at revision 2, unless it has been cured.
type healthServer struct {
	cured atomic.Bool
	asked atomic.Int32
}

// sick is a fixture whose procedure asks the service for its health after the rollout and after the rollback.
func sick(t *testing.T) (*binaryFixture, *healthServer) {
	t.Helper()
	p := &healthServer{}
	w := newBinaryFixture(t, simulated(t), nil)
	server := httptest.NewServer(http.HandlerFunc(func(answer http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/health/web/tangerine/prod" {
			t.Errorf("asked for %s", r.URL)
		}
		p.asked.Add(1)
		if !p.cured.Load() && w.cluster.revision(t, "web") == 2 {
			http.Error(answer, "the database is away", http.StatusServiceUnavailable)
		}
	}))
	t.Cleanup(server.Close)
	ask := `uses: probe.http, each: services, retries: {times: 1, every: 50ms}, with: {url: "` + server.URL + `/health/{service}/{retailer}/{environment}"}}` + "\n"
	text := quickProcedure(t)
	for before, step := range map[string]string{
		"\n  - id: close\n":       "      - {id: health, title: It says that it is well, ",
		"    - id: rolled-back\n": "    - {id: back-health, title: It says that it is well again, ",
	} {
		if strings.Count(text, before) != 1 {
			t.Fatalf("the built-in procedure has not one line %q; change it here too", before)
		}
		text = strings.Replace(text, before, "\n"+step+ask+before, 1)
	}
	w.write("procedures/deployment.yaml", text)
	w.begin()
	return w, p
}

func (w *binaryFixture) unwell() {
	w.t.Helper()
	w.eventually("it is told that the health is not as it should be", func() bool {
		return w.has("Check again") && strings.Contains(w.scene(), "/health/web/tangerine/prod answered 503, not 200. It was tried 2 times.")
	})
}

// A health that is not 200, after a retry, stops the deployment; what it said is shown.
func TestHealthStopsTheDeployment(t *testing.T) {
	slowtest.Only(t, "several waits for a health check, in a process of its own")
	t.Parallel()
	w, p := sick(t)
	w.typed("ana", "/deploy web v2")
	w.pressed(upgrade, "Done")
	w.pressed(upgrade, "Approve")
	w.unwell()
	w.eventually("what it said is shown", func() bool {
		return slices.ContainsFunc(w.slack.Messages(deploys), func(m emulator.Message) bool {
			return kindOf(m) == deployer.MessageNote && strings.Contains(string(m.Blocks), "the database is away")
		})
	})
	w.press("ana", "Check again")
	w.eventually("it was asked again, twice", func() bool { return p.asked.Load() == 4 })
	p.cured.Store(true)
	s := upgrade
	s.answers = map[string]string{"Done": "ana", "Check again": "ana"}
	w.answer(s, func(string) bool { return true })
	w.close(deployer.Complete)
}

// A rollback is asked for its health too.
func TestRollbackIsAskedForItsHealth(t *testing.T) {
	slowtest.Only(t, "it plays a deployment in a process of its own")
	t.Parallel()
	w, _ := sick(t)
	w.typed("ana", "/deploy web v2")
	w.pressed(rollback, "Done")
	w.pressed(rollback, "Approve")
	w.unwell()
	w.answer(rollback, func(string) bool { return true })
	w.close(deployer.RolledBack)
	if s := w.deployments()[0].Step("back-health"); s.Status != deployer.Done {
		t.Errorf("%+v", s)
	}
}

// A URL that is none is told of before anything runs.
func TestHealthURLIsCheckedWhenLoaded(t *testing.T) {
	t.Parallel()
	w := newBinaryFixture(t, simulated(t), nil)
	w.write("procedures/mine.yaml", `id: mine
title: Mine
phases:
  - steps:
      - {id: health, uses: probe.http, with: {url: "https://{servce}.example/health"}}
`)
	refuses(t, w.env(), []string{"check", "--config", filepath.Join(w.dir, "config.yaml")},
		`mine.yaml:5:61: there is no {servce}; did you mean {service}?`)
}
