package record

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/goldentest"
)

// golden compares a record with its file. What stands there is in people's
// stores: if it differs, the format needs an upgrade, and the old file a test.
func golden(t *testing.T, name string, record []byte) {
	t.Helper()
	var b bytes.Buffer
	if err := json.Indent(&b, record, "", "  "); err != nil {
		t.Fatal(err)
	}
	b.WriteByte('\n')
	goldentest.Compare(t, filepath.Join("testdata", name+".json"), b.Bytes())
}

// filled is a value with every field set, always the same.
func filled[T any](v T) T {
	p := reflect.New(reflect.TypeOf(v)).Elem()
	n := 0
	fill(p, "", &n)
	return p.Interface().(T)
}

func TestRecordsAreAsPeopleHaveThem(t *testing.T) {
	t.Parallel()
	for name, e := range events {
		b, blobs, err := Commit{Seq: 7, Prev: "hash", Events: []deployer.Event{filled(e)}}.Encode()
		if err != nil {
			t.Fatal(err)
		}
		golden(t, "event-"+name, b)
		for _, blob := range blobs {
			golden(t, "procedure", blob)
		}
	}
	b, err := filled(Head{}).Encode()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "head", b)
	if b, _, err = filled(OutboxMessage{}).Encode(); err != nil {
		t.Fatal(err)
	}
	golden(t, "letter", b)
	w := filled(deployer.Wakeup{})
	if b, err = EncodeWakeup(w); err != nil {
		t.Fatal(err)
	}
	golden(t, "wakeup", b)
	if got, err := DecodeWakeup(b); err != nil || !reflect.DeepEqual(got, w) {
		t.Errorf("%+v\nwant %+v, %v", got, w, err)
	}
	l := filled(deployer.Locks{})
	if b, err = EncodeLocks(l); err != nil {
		t.Fatal(err)
	}
	golden(t, "locks", b)
	r := LockRecord{At: l.All[0].At, Changes: l.Changes, Locks: b}
	change, err := r.Encode()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "lock-record", change)
	if got, err := DecodeLockRecord(change); err != nil || !reflect.DeepEqual(got, r) {
		t.Errorf("%+v\nwant %+v, %v", got, r, err)
	}
	taken := ArchiveRecord{At: r.At, ID: "tangerine-1", Records: "812.1.5", File: SumOf(b)}
	said, err := taken.Encode()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "archive-record", said)
	if got, err := DecodeArchiveRecord(said); err != nil || !reflect.DeepEqual(got, taken) {
		t.Errorf("%+v\nwant %+v, %v", got, taken, err)
	}
	l.Rev, l.Changes = 0, nil // the store's, and the record's
	if got, err := DecodeLocks(b); err != nil || !reflect.DeepEqual(got, l) {
		t.Errorf("%+v\nwant %+v, %v", got, l, err)
	}
}

// old is what version 1 wrote.
func old(t *testing.T, name string) []byte {
	t.Helper()
	indented, err := os.ReadFile(filepath.Join("testdata", "v1", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := json.Compact(&b, indented); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// What version 1 wrote, as it stands in people's stores, means what it meant.
func TestRecordsOfVersion1MeanWhatTheyMeant(t *testing.T) {
	t.Parallel()
	blobs := Blobs{}
	blobs.put(old(t, "procedure"))
	files, err := filepath.Glob(filepath.Join("testdata", "v1", "event-*.json"))
	if err != nil || len(files) != 20 {
		t.Fatalf("there are %d events of version 1, %v", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		c, err := DecodeCommit(old(t, name), asideOf(blobs))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		b, _, err := c.Encode()
		if err != nil {
			t.Fatal(err)
		}
		golden(t, "v1/as-version-2/"+name, b)
	}
	h, err := DecodeHead(old(t, "head"))
	if err != nil {
		t.Fatal(err)
	}
	again, err := h.Encode()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "v1/as-version-2/head", again)
	b := []byte(`{"v":1,"seq":1,"n":0,"prev":"` + Hash([]byte("before")) + `","events":[]}`)
	if c, err := DecodeCommit(b, asideOf(nil)); err != nil || c.Prev != SumOf([]byte("before")).String() {
		t.Errorf("a hash in hex is read as %q, %v", c.Prev, err)
	}
}

// The changes that were kept with locks, before they had records, are read with
// everything that they have.
func TestLocksThatKeptTheirPastAreRead(t *testing.T) {
	t.Parallel()
	want := filled(deployer.Locks{})
	want.Rev = 0
	if got, err := DecodeLocks(old(t, "locks-past")); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v\nwant %+v, %v", got, want, err)
	}
}

// These words are in people's stores. To change one in the core
// needs an upgrade here.
func TestWordsInRecordsAreAsPeopleHaveThem(t *testing.T) {
	t.Parallel()
	b, err := json.Marshal(map[string]any{
		"status": []deployer.Status{
			deployer.Resolving, deployer.Running, deployer.Deciding, deployer.Halting,
			deployer.Complete, deployer.RolledBack, deployer.Stopped, deployer.Refused,
		},
		"step":   []deployer.StepStatus{deployer.Pending, deployer.Active, deployer.Done, deployer.StepFailed, deployer.StepInterrupted},
		"result": []deployer.Result{deployer.OK, deployer.Failed, deployer.Interrupted, deployer.Absent},
		"decision": []deployer.Choice{
			deployer.ChoiceCheck, deployer.ChoiceRetry, deployer.ChoiceRollBack, deployer.ChoiceStop, deployer.ChoiceReject, deployer.ChoiceSkip,
			deployer.ChoiceByHand, deployer.ChoiceTakeOver, deployer.ChoiceHandBack,
		},
		"uses": []string{deployer.KindConfirm, deployer.KindApprove, deployer.KindAnnounce, deployer.KindRollout, deployer.KindWait},
		"message": []string{
			deployer.MessageCard, deployer.MessageAsk, deployer.MessageNote, deployer.MessageRefused, deployer.MessageFailed,
			deployer.MessageRemind,
			deployer.MessageStopped, deployer.MessageHeld, deployer.MessageResumed, deployer.MessageOver, deployer.MessageLock,
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "words", b)
}

// In version 1 a note's kind, its choice and its status were one text, and the key
// of a message that was lost was its step.
func TestNotesOfVersion1AreRead(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		what, step string
		want       deployer.Note
	}{
		{"decided:Roll back", "Roll out", deployer.Note{Kind: deployer.NoteDecided, Choice: deployer.ChoiceRollBack, Step: "Roll out"}},
		{"decided:Stop", "", deployer.Note{Kind: deployer.NoteDecided, Choice: deployer.ChoiceStop}},
		{"ended:rolled-back", "", deployer.Note{Kind: deployer.NoteEnded, Status: deployer.RolledBack}},
		{"undelivered", "starting/change", deployer.Note{Kind: deployer.NoteUndelivered, DedupKey: "starting/change"}},
		{"step-failed", "Roll out", deployer.Note{Kind: deployer.NoteStepFailed, Step: "Roll out"}},
		{"approve", "Lead", deployer.Note{Kind: deployer.NoteAsksApprove, Step: "Lead"}},
		{"locked", "", deployer.Note{Kind: deployer.NoteLocked}},
	} {
		b, err := json.Marshal(map[string]any{"v": 1, "message": map[string]any{"note": map[string]string{"what": test.what, "step": test.step}}})
		if err != nil {
			t.Fatal(err)
		}
		got, err := DecodeOutboxMessage(b, asideOf(nil))
		if err != nil || got.Message.Note != test.want {
			t.Errorf("%q is read as %+v, %v, want %+v", test.what, got.Message.Note, err, test.want)
		}
	}
}
