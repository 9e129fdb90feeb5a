package record

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/stationmaster/stationmaster/deployer"
)

// events has one of each type, by its name in the store.
var events = map[string]deployer.Event{
	"created": deployer.Created{}, "resolved": deployer.Resolved{}, "heard": deployer.OrderSeen{},
	"step-began": deployer.StepBegan{}, "step-ended": deployer.StepEnded{}, "step-expired": deployer.StepExpired{},
	"answered": deployer.Answered{}, "approval-voided": deployer.ApprovalVoided{},
	"approval-lapsed": deployer.ApprovalLapsed{}, "approval-carried": deployer.ApprovalCarried{},
	"target-changed": deployer.TargetChanged{}, "effect-intended": deployer.EffectIntended{},
	"effect-acted": deployer.EffectActed{}, "effect-settled": deployer.EffectSettled{},
	"effect-tried": deployer.EffectTried{}, "gate-opened": deployer.GateOpened{}, "condition-seen": deployer.ConditionSeen{},
	"step-held": deployer.StepHeld{}, "overridden": deployer.Overridden{}, "effect-rechecked": deployer.EffectRechecked{}, "places-freed": deployer.PlacesFreed{}, "effect-reopened": deployer.EffectReopened{}, "delivered": deployer.Delivered{},
	"undelivered": deployer.Undelivered{}, "reminded": deployer.Reminded{}, "escalated": deployer.Escalated{}, "ended": deployer.Ended{},
}

// The core has no event that the table, or this test, forgets.
func TestEveryEventHasARecord(t *testing.T) {
	t.Parallel()
	var here []string
	for name, e := range events {
		here = append(here, reflect.TypeOf(e).Name())
		if !slices.ContainsFunc(kinds, func(k kind) bool { return k.name == name }) {
			t.Errorf("%s is not in the table of kinds", name)
		}
	}
	if len(kinds) != len(events) {
		t.Errorf("there are %d kinds, and %d are tested", len(kinds), len(events))
	}
	core := appliers(t, "../../../deployer")
	slices.Sort(here)
	if !slices.Equal(here, core) {
		t.Errorf("the core's events and those tested differ:\n%s", cmp.Diff(core, here))
	}
}

// appliers are the types of a package that have a method apply, sorted.
func appliers(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no files in %s: %v", dir, err)
	}
	var names []string
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range file.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok || f.Name.Name != "apply" || f.Recv == nil {
				continue
			}
			if name, ok := f.Recv.List[0].Type.(*ast.Ident); ok {
				names = append(names, name.Name)
			}
		}
	}
	slices.Sort(names)
	return names
}

func asideOf(blobs Blobs) Aside {
	return Aside{Fetch: func(hash string) ([]byte, error) {
		data, ok := blobs[hash]
		if !ok {
			return nil, errors.New("not there")
		}
		return data, nil
	}}
}

type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

// wantSame encodes and decodes a commit: nothing is lost.
func wantSame(t fataler, c Commit) {
	t.Helper()
	b, blobs, err := c.Encode()
	if err != nil {
		t.Fatalf("encode: %v", err)
	}
	got, err := DecodeCommit(b, asideOf(blobs))
	if err != nil {
		t.Fatalf("decode %s: %v", b, err)
	}
	if !reflect.DeepEqual(got, c) {
		t.Fatalf("lost on the way (-was +is):\n%s", cmp.Diff(c, got))
	}
}

// TestNoFieldOfAnEventIsLost goes through every field of every event: it fails when the
// core has one that the record forgets.
func TestNoFieldOfAnEventIsLost(t *testing.T) {
	t.Parallel()
	for name, e := range events {
		t.Run(name, func(t *testing.T) {
			v := reflect.New(reflect.TypeOf(e)).Elem()
			one := func() { wantSame(t, Commit{Seq: 1, Events: []deployer.Event{v.Interface().(deployer.Event)}}) }
			one()
			leaves(v, v, one)
			n := 0
			fill(v, "", &n)
			one()
		})
	}
}

func TestNoFieldAnywhereIsLost(t *testing.T) {
	t.Parallel()
	names := make([]string, 0, len(events))
	for name := range events {
		names = append(names, name)
	}
	slices.Sort(names)
	rapid.Check(t, func(t *rapid.T) {
		c := Commit{Seq: rapid.IntRange(1, 1<<40).Draw(t, "seq"), Prev: rapid.String().Draw(t, "prev")}
		draw(t, reflect.ValueOf(&c.At).Elem())
		for range rapid.IntRange(1, 3).Draw(t, "events") {
			v := reflect.New(reflect.TypeOf(events[rapid.SampledFrom(names).Draw(t, "kind")])).Elem()
			draw(t, v)
			c.Events = append(c.Events, v.Interface().(deployer.Event))
		}
		wantSame(t, c)
	})
}

func TestHeadAndLetterComeBack(t *testing.T) {
	t.Parallel()
	head := func(t fataler, h Head) {
		b, err := h.Encode()
		if err != nil {
			t.Fatalf("encode: %v", err)
		}
		if got, err := DecodeHead(b); err != nil || !reflect.DeepEqual(got, h) {
			t.Fatalf("lost on the way (-was +is): %v\n%s", err, cmp.Diff(h, got))
		}
	}
	message := func(t fataler, l OutboxMessage) {
		b, blobs, err := l.Encode()
		if err != nil {
			t.Fatalf("encode: %v", err)
		}
		if got, err := DecodeOutboxMessage(b, asideOf(blobs)); err != nil || !reflect.DeepEqual(got, l) {
			t.Fatalf("lost on the way (-was +is): %v\n%s", err, cmp.Diff(l, got))
		}
	}
	var h Head
	var l OutboxMessage
	vh, vl := reflect.ValueOf(&h).Elem(), reflect.ValueOf(&l).Elem()
	leaves(vh, vh, func() { head(t, h) })
	leaves(vl, vl, func() { message(t, l) })
	rapid.Check(t, func(t *rapid.T) {
		draw(t, vh)
		head(t, h)
		draw(t, vl)
		message(t, l)
	})
}

// What is large is stored once, and what was changed there is not
// taken for it.
func TestLargeValuesAreStoredOnceAndProved(t *testing.T) {
	t.Parallel()
	log := strings.Repeat("x", blobMin+1)
	c := Commit{Seq: 1, Events: []deployer.Event{
		deployer.EffectSettled{Key: "a", Outcome: deployer.Outcome{Detail: log}},
		deployer.EffectSettled{Key: "b", Outcome: deployer.Outcome{Detail: log}},
		deployer.EffectSettled{Key: "c", Outcome: deployer.Outcome{Detail: log[:blobMin]}},
	}}
	b, blobs, err := c.Encode()
	if err != nil || len(blobs) != 1 || len(b) > blobMin+1000 {
		t.Fatalf("%d bytes and %d aside, %v", len(b), len(blobs), err)
	}
	for hash := range blobs {
		blobs[hash] = []byte("changed")
		if _, err := DecodeCommit(b, asideOf(blobs)); err == nil || !strings.Contains(err.Error(), hash) {
			t.Errorf("decoded what was changed: %v", err)
		}
		delete(blobs, hash)
		if _, err := DecodeCommit(b, asideOf(blobs)); err == nil || !strings.Contains(err.Error(), hash) {
			t.Errorf("decoded without what is aside: %v", err)
		}
	}
}

// What this program does not understand is never read half.
func TestRecordNotUnderstoodIsRefused(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, record, says string }{
		{"no JSON", `seq`, "invalid character"},
		{"no version", `{"seq":1,"n":0,"events":[]}`, "names no version"},
		{"newer", `{"v":8,"seq":1,"n":0,"events":[],"signature":"x"}`, "newer version"},
		{"unknown field", `{"v":2,"seq":1,"n":0,"events":[],"signature":"x"}`, `unknown field "signature"`},
		{"unknown kind", `{"v":2,"seq":7,"n":1,"events":[{"kind":"teleported","data":{}}]}`, `event 7: its kind "teleported"`},
		{"unknown field of an event", `{"v":2,"seq":7,"n":1,"events":[{"kind":"ended","data":{"x":1}}]}`, `event 7: ended: json: unknown field "x"`},
		{"an event is missing", `{"v":2,"seq":7,"n":2,"events":[{"kind":"ended","data":{}}]}`, "1 events and should have 2"},
		{"more behind it", `{"v":2,"seq":1,"n":0,"events":[]}{}`, "invalid character"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := DecodeCommit([]byte(test.record), asideOf(nil))
			if err == nil || !strings.Contains(err.Error(), test.says) {
				t.Fatalf("it says %v, want %s", err, test.says)
			}
			if newer := errors.Is(err, ErrNewer); newer != (test.name == "newer") {
				t.Errorf("ErrNewer is %v", newer)
			}
		})
	}
	if _, _, err := (Commit{Seq: 1, Events: []deployer.Event{nil}}).Encode(); err == nil {
		t.Error("encoded an event that is none")
	}
}

// An old record is brought up to date step by step.
func TestOldRecordIsUpgradedStepByStep(t *testing.T) {
	t.Parallel()
	rename := func(from, to string) upgrade {
		return func(b []byte) ([]byte, error) {
			return []byte(strings.Replace(string(b), from, to, 1)), nil
		}
	}
	f := format{name: "test", upgrades: []upgrade{
		rename(`"a"`, `"b"`), rename(`"b"`, `"c"`),
		func(b []byte) ([]byte, error) { return nil, errors.New("no way") },
	}}
	read := func(b string) (int, error) {
		r, err := read[struct {
			stamp
			C int
		}](f, []byte(b))
		return r.C, err
	}
	if _, err := read(`{"v":1,"a":5}`); err == nil || !strings.Contains(err.Error(), "bring test from version 3 up to date: no way") {
		t.Errorf("an upgrade that fails: %v", err)
	}
	f.upgrades = f.upgrades[:2]
	for _, b := range []string{`{"v":1,"a":5}`, `{"v":2,"b":5}`, `{"v":3,"c":5}`} {
		if c, err := read(b); c != 5 || err != nil {
			t.Errorf("%s is read as %d, %v", b, c, err)
		}
	}
	if _, err := read(`{"v":4,"c":5}`); !errors.Is(err, ErrNewer) {
		t.Errorf("version 4 is read: %v", err)
	}
}

// The instant and the offset stay; that a process has a monotonic
// clock does not.
func TestTimesKeepInstantAndOffset(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 21, 2, 0, 0, 1, time.FixedZone("", 2*60*60))
	b, blobs, err := Commit{Seq: 1, Events: []deployer.Event{deployer.StepExpired{At: at}}}.Encode()
	if err != nil {
		t.Fatal(err)
	}
	c, err := DecodeCommit(b, asideOf(blobs))
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Events[0].(deployer.StepExpired).At; fmt.Sprint(got) != fmt.Sprint(at) || !got.Equal(at) {
		t.Errorf("read %v, want %v", got, at)
	}
}
