//go:build unix

package bolt

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/deployer/slowtest"
	"github.com/stationmaster/stationmaster/store/kv"
)

// The child commits without end, from several writers. Commit n of a writer
// puts three records of n, sets the writer's count to n, and deletes the
// records of an older commit, so that pages are reused.
const (
	crashKills   = 20
	crashWriters = 4
	crashParts   = 3
	crashKeep    = 40 // commits whose records are kept
)

func init() { parts["crash"] = crashChild }

// TestKillLosesNothingThatWasAnswered kills a process that commits, at random instants, and looks each
// time that what it had answered is there, and what it hadn't is there whole
// or not at all.
func TestKillLosesNothingThatWasAnswered(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "kv.db")
	answered := make([]int, crashWriters)
	total, kills := 0, slowtest.Runs(5, crashKills)
	for kill := range kills {
		answers := 1 + rand.IntN(40)
		if kill%4 == 0 {
			answers = 0 // it is killed while it starts, perhaps
		}
		lines := runAndKill(t, path, answers, time.Duration(rand.IntN(80))*time.Millisecond)
		total += noteAnswered(t, lines, answered)
		wantIntact(t, fmt.Sprint("kill ", kill), path, answered)
	}
	if total < 2*kills {
		t.Fatalf("the children committed only %d times: nothing is proven", total)
	}
	t.Logf("%d kills, %d commits answered", kills, total)
}

// runAndKill runs a child for so long, from its start or from so many answers,
// and returns what it said.
func runAndKill(t *testing.T, path string, answers int, long time.Duration) []byte {
	t.Helper()
	var stderr bytes.Buffer
	cmd := child("crash", path)
	kill := sync.OnceFunc(func() { time.AfterFunc(long, func() { cmd.Process.Kill() }) })
	out := &listener{heard: func() {
		if answers--; answers <= 0 {
			kill()
		}
	}}
	cmd.Stdout, cmd.Stderr = out, &stderr
	starting := answers == 0
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if starting {
		kill()
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) || exit.Exited() {
		t.Fatalf("the child ended by itself: %v\n%s", err, stderr.Bytes())
	}
	return out.said.Bytes()
}

// listener keeps what is written, and calls heard each time.
type listener struct {
	said  bytes.Buffer
	heard func()
}

func (l *listener) Write(p []byte) (int, error) {
	l.heard()
	return l.said.Write(p)
}

func child(part string, args ...string) *exec.Cmd {
	exe, err := os.Executable()
	if err != nil {
		panic(err)
	}
	cmd := exec.Command(exe, args...)
	cmd.Env = append(os.Environ(), partEnv+"="+part)
	return cmd
}

// noteAnswered reads lines "WRITER N" and keeps the last N of each writer. A
// last line without an end was cut off by the kill.
func noteAnswered(t *testing.T, said []byte, answered []int) (lines int) {
	t.Helper()
	r := bufio.NewReader(bytes.NewReader(said))
	for {
		line, err := r.ReadString('\n')
		if err == io.EOF {
			return lines
		}
		var w, n int
		if _, err := fmt.Sscanf(line, "%d %d\n", &w, &n); err != nil {
			t.Fatalf("the child says %q: %v", line, err)
		}
		if n != answered[w]+1 {
			t.Fatalf("writer %d goes on with %d after %d", w, n, answered[w])
		}
		answered[w] = n
		lines++
	}
}

// wantIntact opens the store that a kill left. It corrects answered by commits
// that are there though the kill came before their answer.
func wantIntact(t *testing.T, when, path string, answered []int) {
	t.Helper()
	db := open(t, path)
	defer db.Close()
	for w := range answered {
		last := count(get(t, db, countKey(w)))
		if last != answered[w] && last != answered[w]+1 {
			t.Fatalf("%s: writer %d was answered %d, the store has %d", when, w, answered[w], last)
		}
		answered[w] = last
		want := crashEntries(w, last)
		got, err := db.Scan(t.Context(), fmt.Sprintf("r/%d/", w), "", kv.ScanMax)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != len(want) {
			t.Fatalf("%s: writer %d has %d records after commit %d, want %d", when, w, len(got), last, len(want))
		}
		for i := range got {
			if got[i].Key != want[i].Key || !bytes.Equal(got[i].Value, want[i].Value) {
				t.Fatalf("%s: writer %d: record %s is damaged", when, w, got[i].Key)
			}
		}
	}
	if err := sound(db); err != nil {
		t.Fatalf("%s: the file is damaged: %v", when, err)
	}
}

// crashEntries are the records of a writer that are there after commit n.
func crashEntries(w, n int) []kv.Entry {
	var all []kv.Entry
	for i := max(1, n-crashKeep+1); i <= n; i++ {
		all = append(all, crashRecords(w, i)...)
	}
	return all
}

// crashRecords are those of one commit, from some bytes to some pages long.
func crashRecords(w, n int) []kv.Entry {
	var records []kv.Entry
	for part := range crashParts {
		key := fmt.Sprintf("r/%d/%08d/%d", w, n, part)
		size := 10 + (n*7919+part*104729)%6000
		records = append(records, kv.Entry{Key: key, Value: bytes.Repeat([]byte(key), size/len(key)+1)})
	}
	return records
}

func crashBatch(w, n int, before kv.Entry) kv.Batch {
	b := kv.Batch{
		If:  []kv.Match{{Key: before.Key, Rev: before.Rev}},
		Put: append(crashRecords(w, n), kv.Entry{Key: countKey(w), Value: strconv.AppendInt(nil, int64(n), 10)}),
	}
	if n > crashKeep {
		for _, old := range crashRecords(w, n-crashKeep) {
			b.Delete = append(b.Delete, old.Key)
		}
	}
	return b
}

func countKey(w int) string { return fmt.Sprintf("count/%d", w) }

func count(e kv.Entry) int {
	n, _ := strconv.Atoi(string(e.Value))
	return n
}

// crashChild is the process that is killed.
func crashChild(path string) error {
	db, err := Open(path)
	if err != nil {
		return err
	}
	failed := make(chan error)
	for w := range crashWriters {
		go func() { failed <- crashWriter(db, w) }()
	}
	return <-failed
}

func crashWriter(db *DB, w int) error {
	ctx := context.Background()
	for {
		entries, err := db.Get(ctx, countKey(w))
		if err != nil {
			return err
		}
		n := count(entries[0]) + 1
		if err := db.Commit(ctx, crashBatch(w, n, entries[0])); err != nil {
			return err
		}
		if _, err := fmt.Printf("%d %d\n", w, n); err != nil {
			return err
		}
	}
}
