package main_test

import (
	"context"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/deployer/slowtest"
	"github.com/stationmaster/stationmaster/store"
	"github.com/stationmaster/stationmaster/store/bolt"
	"github.com/stationmaster/stationmaster/store/kv"
)

// audited is a fixture whose heads are signed, and which answers at an address.
func audited(t *testing.T) (w *binaryFixture, address string) {
	t.Helper()
	w = newBinaryFixture(t, simulated(t), nil)
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	w.write("keys/audit.pem", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address = l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	w.write("config.yaml", w.config()+"listen: "+address+"\naudit: {key: \"${FILE:"+filepath.Join(w.dir, "keys", "audit.pem")+"}\"}\n")
	return w, address
}

// headIn is the newest head that Slack knows, with its signature.
func (w *binaryFixture) headIn() string {
	head := ""
	for _, m := range w.slack.Messages(deploys) {
		if p := payload(m); p["message"] == "complete" {
			head = p["head"].(string) + "." + p["signature"].(string)
		}
	}
	return head
}

// verify runs audit verify, and returns what it says and with what it ends.
func (w *binaryFixture) verify(heads ...string) (said string, code int) {
	w.t.Helper()
	args := []string{"audit", "verify", "--config", filepath.Join(w.dir, "config.yaml")}
	for _, h := range heads {
		args = append(args, "--head", h)
	}
	p := start(w.t, nil, args...)
	code = p.exit(w.t, patience)
	return p.out.String(), code
}

// edit changes the database as a small program would. No process may run.
func (w *binaryFixture) edit(change func(context.Context, kv.KV) kv.Batch) {
	w.t.Helper()
	db, err := bolt.Open(w.database())
	if err != nil {
		w.t.Fatal(err)
	}
	if err := db.Commit(w.ctx, change(w.ctx, db)); err != nil {
		w.t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		w.t.Fatal(err)
	}
}

func (w *binaryFixture) database() string { return filepath.Join(w.dir, "stationmaster.db") }

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	b, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, b, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// keysWith are the keys of the store that have a part.
func keysWith(t *testing.T, ctx context.Context, db kv.KV, prefix, part string) []string {
	t.Helper()
	all, err := db.Scan(ctx, prefix, "", kv.ScanMax)
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, e := range all {
		if strings.Contains(e.Key, part) || strings.Contains(string(e.Value), part) {
			keys = append(keys, e.Key)
		}
	}
	return keys
}

// Whatever somebody does to the file while nobody runs is found: by itself, or with the head that Slack knows. Found
// it is also by the bot, which says so where it can be seen.
func TestAuditFindsWhatWasDoneToTheFile(t *testing.T) {
	slowtest.Only(t, "it starts a dozen processes")
	t.Parallel()
	w, address := audited(t)
	w.begin()
	w.connected()
	if said, code := w.verify(); code != 0 || !strings.HasPrefix(said, "ok\n") {
		t.Errorf("while the bot runs it ends with %d: %s", code, said)
	}
	w.play(upgrade)
	older, good := filepath.Join(w.dir, "older.db"), filepath.Join(w.dir, "good.db")
	copyFile(t, w.database(), older)
	first := w.headIn()
	w.begin()
	w.connected()
	card := w.card().TS
	w.typed("ana", "/deploy web v6")
	w.eventually("there is another card", func() bool { return w.card().TS != card })
	w.answer(upgrade, func(string) bool { return true })
	w.eventually("there is another head", func() bool { return w.headIn() != first })
	w.close(upgrade.ends)
	copyFile(t, w.database(), good)
	second := w.headIn()
	if first == second || len(second) < 120 {
		t.Fatalf("the heads are %s and %s", first, second)
	}
	said, code := w.verify(first, second)
	if code != 0 || !strings.HasPrefix(said, "ok\n") || strings.Count(said, ".") != 1 {
		t.Errorf("it ends with %d: %s", code, said)
	}
	if said, code := w.verify(first[:20]); code != 1 || !strings.Contains(said, "is no head of a store") || strings.Contains(said, "the records are not what was written") {
		t.Errorf("of a head that was cut off it says, with %d: %s", code, said)
	}

	for name, c := range map[string]struct {
		change func(context.Context, kv.KV) kv.Batch
		wants  string
	}{
		"the tail is cut off": {func(ctx context.Context, db kv.KV) kv.Batch {
			log := keysWith(t, ctx, db, kv.LogPrefix, "")
			return kv.Batch{Delete: log[len(log)-2 : len(log)-1]} // the last is the end
		}, "is missing"},
		"a deployment is erased with its index and origin": {func(ctx context.Context, db kv.KV) kv.Batch {
			var gone []string
			for _, prefix := range []string{"d/", "ix/", "origin/"} {
				gone = append(gone, keysWith(t, ctx, db, prefix, "tangerine-1")...)
			}
			return kv.Batch{Delete: gone}
		}, "the deployment tangerine-1, which it created, is missing"},
		"a record is changed": {func(ctx context.Context, db kv.KV) kv.Batch {
			got, err := db.Get(ctx, keysWith(t, ctx, db, kv.LogPrefix, "")[3])
			if err != nil {
				t.Fatal(err)
			}
			got[0].Value[len(got[0].Value)-1] ^= 1
			return kv.Batch{Put: got}
		}, "log/000000000004"},
	} {
		copyFile(t, good, w.database())
		w.edit(c.change)
		if said, code := w.verify(); code != 1 || !strings.Contains(said, c.wants) || !strings.Contains(said, "stationmaster: the records are not what was written") {
			t.Errorf("%s: it ends with %d: %s", name, code, said)
		}
	}

	copyFile(t, older, w.database())
	if said, code := w.verify(first); code != 0 {
		t.Errorf("an older file is whole by itself: %s", said)
	}
	if said, code := w.verify(second); code != 1 || !strings.Contains(said, "is older than what is known") {
		t.Errorf("an older file: it ends with %d: %s", code, said)
	}
	if said, code := w.verify(first[:len(first)-1]); code != 1 || !strings.Contains(said, "its signature is not of this store's key") {
		t.Errorf("a forged head: it ends with %d: %s", code, said)
	}
	w.doubted(address, "the records are not those that Slack knows of", "The records are not those that Slack knows of")

	// And what needs no head is found when the night's verification, which was missed, is made up for.
	copyFile(t, good, w.database())
	w.records(func(ctx context.Context, s *store.Store) {
		if _, err := store.JobsOf(s).Once(ctx, "verify", "2026-01-01 03:00"); err != nil {
			t.Fatal(err)
		}
	})
	w.edit(func(ctx context.Context, db kv.KV) kv.Batch {
		return kv.Batch{Delete: keysWith(t, ctx, db, "ix/all/", "")}
	})
	w.doubted(address, "the records are not what was written", "The records are not what was written")
}

// doubted runs the bot and wants it to say what it thinks of the records, wherever that is looked for.
func (w *binaryFixture) doubted(address, says, tells string) {
	w.t.Helper()
	w.begin()
	get := func(path string) string {
		r, err := http.Get("http://" + address + path)
		if err != nil {
			return ""
		}
		defer r.Body.Close()
		b, err := io.ReadAll(r.Body)
		if err != nil {
			return ""
		}
		return r.Status + " " + string(b)
	}
	w.eventually("it is not ready, and says why", func() bool {
		text := get("/readyz")
		return strings.HasPrefix(text, "503") && strings.Contains(text, says)
	})
	w.eventually("that is measured", func() bool { return strings.Contains(get("/metrics"), "\nstationmaster_records_sound 0\n") })
	if !strings.HasPrefix(get("/healthz"), "200") {
		w.t.Errorf("/healthz says %s: a restart would not help", get("/healthz"))
	}
	w.typed("eve", "/deploy status")
	w.told("eve", tells)
	if !strings.Contains(w.scene(), `"level":"ERROR"`) {
		w.t.Error("the log does not say it")
	}
	w.stop()
}
