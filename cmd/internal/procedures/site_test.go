package procedures

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A page for a site has what the config sets there of the procedure's vars.
func TestAPageForASiteHasItsVars(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	if err := os.Mkdir(filepath.Join(dir, "procedures"), 0o700); err != nil {
		t.Fatal(err)
	}
	write("procedures/looks.yaml", `id: looks
title: Looks
services: one
vars: {url: "https://usual.example"}
phases: [{id: go, steps: [{id: health, uses: probe.http, with: {url: "{vars.url}/health"}}]}]
`)
	config := write("config.yaml", "procedures: "+filepath.Join(dir, "procedures")+`
clusters: {prod-1: {}}
retailers:
  tangerine:
    vars: {url: "https://{service}.tangerine.example"}
    environments: {prod: {cluster: prod-1, namespace: prod}}
services:
  web: {procedure: looks, rollout: {uses: kubernetes, workload: deployment/web, container: app, image: registry.example/web}}
`)
	l, e, err := OpenFor(config, "looks")
	if err != nil {
		t.Fatal(err)
	}
	page, err := l.page(e, Site{Services: []string{"web"}, Retailer: "tangerine"})
	if err != nil || !strings.Contains(page, "`https://web.tangerine.example/health`") {
		t.Errorf("%v\n%s", err, page)
	}
}
