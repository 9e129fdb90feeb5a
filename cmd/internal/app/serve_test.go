package app_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
)

// What the app answers under listen. It is healthy from the start, and ready
// once Slack has said hello, not before.
func TestAppIsReadyOnceSlackHasSaidHello(t *testing.T) {
	t.Parallel()
	var open atomic.Bool
	tw := newAppFixture(t, plan{cold: true, wrap: func(slack http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !open.Load() && strings.HasSuffix(r.URL.Path, "/apps.connections.open") {
				http.Error(w, "", http.StatusServiceUnavailable)
				return
			}
			slack.ServeHTTP(w, r)
		})
	}})
	metric := func(line string) func() bool {
		return func() bool { _, text := tw.get("/metrics"); return strings.Contains(text, "\n"+line+"\n") }
	}
	tw.eventually("it answers", func() bool { code, _ := tw.get("/healthz"); return code == http.StatusOK })
	tw.eventually("it has met Slack", func() bool { return tw.slack.CallCount("auth.test") > 0 })
	tw.eventually("only the socket is missing", func() bool {
		code, text := tw.get("/readyz")
		return code == http.StatusServiceUnavailable && strings.Contains(text, "no socket to Slack is open")
	})
	tw.eventually("that is measured", metric("stationmaster_slack_ready 0"))
	open.Store(true)
	tw.eventually("it is ready", func() bool { code, text := tw.get("/readyz"); return code == http.StatusOK && text == "ok\n" })
	tw.starts("ana", "/deploy web v2")
	tw.eventually("that is measured", metric("stationmaster_slack_ready 1"))
	tw.eventually("what is live is counted", metric("stationmaster_deployments_live 1"))
	if code, _ := tw.get("/"); code != http.StatusNotFound {
		t.Errorf("/ answers %d", code)
	}
	tw.slack.DisableSocketMode(true)
	tw.slack.CutSockets()
	tw.eventually("it is ready no more", func() bool { code, _ := tw.get("/readyz"); return code == http.StatusServiceUnavailable })
	if code, _ := tw.get("/healthz"); code != http.StatusOK {
		t.Errorf("without Slack /healthz answers %d: a restart would not help", code)
	}
}
