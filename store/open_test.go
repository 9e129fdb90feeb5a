package store

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"go.etcd.io/bbolt"
	"go.uber.org/goleak"

	"github.com/stationmaster/stationmaster/deployer/slowtest"
	"github.com/stationmaster/stationmaster/store/kv"
)

// holdEnv names a store that this binary, started again, holds until its input
// ends.
const holdEnv = "STATIONMASTER_STORE_TEST_HOLD"

func TestMain(m *testing.M) {
	if url := os.Getenv(holdEnv); url != "" {
		os.Exit(hold(url))
	}
	slowtest.Parallel(8) // they wait for the disk
	goleak.VerifyTestMain(m)
}

func hold(url string) int {
	s, err := Open(context.Background(), url)
	if err != nil {
		os.Stderr.WriteString(err.Error() + "\n")
		return 1
	}
	os.Stdout.WriteString("held\n")
	_, _ = io.Copy(io.Discard, os.Stdin)
	if err := s.Close(); err != nil {
		return 1
	}
	return 0
}

func wantSays(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("there is no error that says %q", parts)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("the error %q does not say %q", err, part)
		}
	}
}

// The second process is told, and the first goes on.
func TestSecondProcessIsRefusedAndTheFirstGoesOn(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "s.db")
	url := "bolt://" + path
	first := exec.CommandContext(t.Context(), os.Args[0])
	first.Env = append(os.Environ(), holdEnv+"="+url)
	first.Stderr = os.Stderr
	in, err := first.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := first.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "held\n" {
		t.Fatalf("the first one says %q, %v", line, err)
	}
	_, err = Open(t.Context(), url)
	wantErr(t, err, kv.ErrLocked)
	wantSays(t, err, path, "another process")
	in.Close()
	if err := first.Wait(); err != nil {
		t.Fatal(err)
	}
	openFile(t, path)
}

func TestStoreIsOpenedByItsURL(t *testing.T) {
	for url, says := range map[string]string{
		"stationmaster.db":                `open store: it has no scheme; write for example bolt://stationmaster.db`,
		"bolt://":                         "names no file",
		"etcd://user:hush@host:2379/path": `the scheme "etcd" is unknown; write bolt://FILE`,
		"bolt:///no/such/folder/s.db":     "/no/such/folder/s.db",
	} {
		_, err := Open(t.Context(), url)
		wantSays(t, err, says)
		if strings.Contains(err.Error(), "hush") {
			t.Errorf("the error %q tells a password", err)
		}
	}
	t.Chdir(t.TempDir())
	s, err := Open(t.Context(), "bolt://here.db")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat("here.db"); err != nil {
		t.Error(err)
	}
}

// What is no store is refused and left alone, and unlocked.
func TestForeignFileIsRefusedAndLeftAlone(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		make func(t *testing.T, path string)
		says []string
	}{
		"a text": {func(t *testing.T, path string) {
			if err := os.WriteFile(path, []byte("store: bolt://s.db\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		}, []string{"name another file"}},
		"another program's": {func(t *testing.T, path string) {
			db, err := bbolt.Open(path, 0o600, nil)
			if err != nil {
				t.Fatal(err)
			}
			err = db.Update(func(tx *bbolt.Tx) error {
				_, err := tx.CreateBucket([]byte("theirs"))
				return err
			})
			if err := errors.Join(err, db.Close()); err != nil {
				t.Fatal(err)
			}
		}, []string{"theirs"}},
		"a newer schema": {func(t *testing.T, path string) { putSchema(t, path, "3") },
			[]string{"its schema is version 3", "knows up to 2", "use the newer stationmaster"}},
		"no schema": {func(t *testing.T, path string) { putSchema(t, path, "one") },
			[]string{`its schema is "one"`, "backup"}},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "s.db")
			test.make(t, path)
			for range 2 { // the second time, too: it is not locked by the first
				_, err := Open(t.Context(), "bolt://"+path)
				wantErr(t, err, kv.ErrForeign)
				wantSays(t, err, append(test.says, path)...)
			}
		})
	}
}

func putSchema(t *testing.T, path, version string) {
	t.Helper()
	s := openFile(t, path)
	if err := s.kv.Commit(t.Context(), kv.Batch{Put: []kv.Entry{{Key: schemaKey, Value: []byte(version)}}}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// Nothing is served, and nothing hangs, after Close.
func TestClosedStoreServesNothingAndHangsNobody(t *testing.T) {
	t.Parallel()
	s := openNew(t)
	c := begin(t, s, start("o", "web"))
	arrivals, err := s.Arrivals(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for range arrivals { // ends
	}
	_, err = s.Load(t.Context(), c.d.ID)
	wantErr(t, err, kv.ErrClosed)
	if err := s.Close(); err != nil {
		t.Errorf("the second Close: %v", err)
	}
}
