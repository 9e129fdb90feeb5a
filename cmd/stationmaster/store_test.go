package main_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/telling"
	"github.com/stationmaster/stationmaster/store"
)

// ended makes a store with a deployment that was refused at once.
func ended(t *testing.T, path string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), "bolt://"+path)
	if err != nil {
		t.Fatal(err)
	}
	d, now := deployer.Deployment{}, time.Date(2026, 1, 30, 12, 0, 0, 0, time.UTC)
	start := deployer.Start{
		Origin: "o", Site: deployer.Site{Name: "tangerine", Environment: "prod"}, Channels: map[string]string{"deploys": "C1"},
		Releases: []deployer.Release{{Service: "web", Tag: "v2"}}, Procedure: deployer.Procedure{ID: "deployment", SHA: "sha"},
	}
	for _, o := range []deployer.Order{
		{By: deployer.Actor{ID: "UANA", Name: "Ana"}, Nonce: "o", Command: start},
		{Command: deployer.RejectStart{Refusal: deployer.Refusal{Why: "No."}}},
	} {
		events, messages, err := telling.Decide(d, o, deployer.Facts{Now: now, ID: "tangerine-1"})
		if err != nil {
			t.Fatal(err)
		}
		c := deployer.Pack(d, o, events, messages)
		if err := s.Append(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		d = c.After
	}
	locks, err := deployer.Locks{Site: deployer.Site{Name: "tangerine", Environment: "prod"}}.Set(
		deployer.Lock{By: deployer.Actor{ID: "UBOB", Name: "Bob"}, Reason: "stocktaking", At: now, Until: now.Add(time.Hour)}, deployer.Person{Roles: []string{"sre"}}, nil)
	if err == nil {
		err = s.SetLocks(t.Context(), locks, deployer.Message{})
	}
	if err != nil {
		t.Fatal(err)
	}
	messages, err := s.Messages(t.Context(), "", 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range messages {
		if err := s.Discard(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func TestStoreIsBackedUpArchivedAndCompacted(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path, config := filepath.Join(dir, "s.db"), filepath.Join(dir, "config.yaml")
	text := fmt.Sprintf("store: \"bolt://%s\"\nroles: {tech-lead: {users: [bob]}}\nretailers: {tangerine: {tam: tam, channels: {change: change, support: support}, environments: {prod: {cluster: c, namespace: prod}}}}\nclusters: {c: {}}\n"+
		"services: {web: {rollout: {uses: kubernetes, workload: deployment/web, container: app, image: registry.example/web}}}\n", path)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	does := func(want string, args ...string) {
		t.Helper()
		p := start(t, nil, append(args, "--config", config)...)
		if code := p.exit(t, patience); code != 0 || !strings.Contains(p.out.String(), want) {
			t.Fatalf("%q ended with %d and does not say %q: %s", args, code, want, p.out)
		}
	}
	fails := func(args []string, parts ...string) {
		t.Helper()
		refuses(t, nil, append(args, "--config", config), parts...)
	}
	backup, archive := filepath.Join(dir, "backup.db"), filepath.Join(dir, "archive.jsonl")

	fails([]string{"backup", backup}, "s.db", "no such file")
	fails([]string{"store", "archive", archive, "--before", "2026-01-31"}, "s.db", "no such file")
	s := ended(t, path)
	does("backed up to "+backup, "backup", backup) // while somebody has it open
	fails([]string{"backup", backup}, "name another file")
	does(`"kind":"created"`, "audit", "export", "tangerine-1")
	fails([]string{"store", "compact"}, "held by another process")
	fails([]string{"store", "archive", archive, "--before", "2026-01-31"}, "held by another process")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	exported := filepath.Join(dir, "january.csv")
	does("wrote 1 deployment, 4 events, to "+exported, "audit", "export", "--since", "2026-01-30", "--until", "2026-01-30", "--format", "csv", "-o", exported)
	does("# tangerine-1: web v2 in tangerine prod\n", "audit", "export", "tangerine-1", "--format", "markdown")
	fails([]string{"audit", "export", "--since", "2026-01-30", "-o", exported}, exported, "name another file")
	fails([]string{"audit", "export", "tangerine-2", "-o", exported + "4"}, "tangerine-2", "no such deployment")
	fails([]string{"audit", "export", "tangerine-1", "--format", "yaml", "-o", exported + "4"}, "yaml", "jsonl, csv or markdown")
	fails([]string{"audit", "export"}, "tangerine-142", "--since")
	fails([]string{"audit", "export", "--since", "2026-01-30", "--until", "2026-01-29"}, "--until 2026-01-29 is before --since 2026-01-30")
	if _, err := os.Stat(exported + "4"); !os.IsNotExist(err) {
		t.Errorf("a file of an export that failed is left: %v", err)
	}
	fails([]string{"store", "archive", archive, "--before", "yesterday"}, "yesterday", "2026-01-31")
	fails([]string{"store", "archive", archive}, "before")
	does(`"kind":"created"`, "store", "show", "tangerine-1")
	fails([]string{"store", "show", "tangerine-2"}, "tangerine-2", "no such deployment")
	does(`"reason":"stocktaking"`, "store", "show", "--locks")
	fails([]string{"store", "show", "--locks", "tangerine-1"}, "tangerine-1")
	fails([]string{"store", "show"}, "name one deployment", "--locks")
	does("archived 0 deployments", "store", "archive", archive, "--before", "2026-01-30")
	does("archived 1 deployments, 2 records", "store", "archive", archive+"2", "--before", "2026-01-31")
	sum := func(file string) string {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("%x", sha256.Sum256(b))
	}
	does("into a file with SHA-256 "+sum(archive+"2")+"\n", "audit", "verify")
	does("archived 1 deployments, 2 records, at 20", "audit", "verify")
	does("not among them: 1 deployment in archives", "audit", "export", "--since", "2026-01-01")
	does("bytes became", "store", "compact")
	for file, want := range map[string]int{path: 0, backup: 1} {
		s, err := store.Open(t.Context(), "bolt://"+file)
		if err != nil {
			t.Fatal(err)
		}
		if list, err := s.List(context.Background(), deployer.Query{}); err != nil || len(list) != want {
			t.Errorf("%s lists %v, %v", file, list, err)
		}
		if err := s.VerifyAll(t.Context()); err != nil {
			t.Error(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if b, err := os.ReadFile(archive + "2"); err != nil || strings.Count(string(b), "\n") != 5 || !strings.Contains(string(b), `"tangerine-1"`) {
		t.Errorf("%s, %v", b, err)
	}
}
