package record

import (
	"bytes"
	"encoding/hex"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func drawSum(t *rapid.T, name string) Sum {
	return Sum(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, name))
}

func TestEntriesComeBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		e := Entry{Link: drawSum(t, "link")}
		switch rapid.IntRange(0, 2).Draw(t, "what") {
		case 0:
			for range rapid.IntRange(1, 5).Draw(t, "removed") {
				e.Removed = append(e.Removed, drawSum(t, "digest"))
			}
		case 1:
			e.Summary = drawSum(t, "summary")
			fallthrough
		default:
			of := rapid.IntRange(0, 2).Draw(t, "of")
			e.Locks, e.Archive = of == 1, of == 2
			e.Record = []byte(strings.Repeat(rapid.String().Draw(t, "record"), rapid.IntRange(1, 50).Draw(t, "times")) + "{}")
		}
		if e.IsCommit() != (e.Record != nil && !e.Locks && !e.Archive) {
			t.Fatalf("it is taken for what it is not: %+v", e)
		}
		b := e.Encode()
		got, err := DecodeEntry(b)
		if err != nil || !reflect.DeepEqual(got, e) {
			t.Fatalf("lost on the way (-was +is): %v\n%s", err, cmp.Diff(e, got))
		}
		link := drawSum(t, "another link")
		other, err := DecodeEntry(Relink(b, link))
		if got.Link = link; err != nil || !reflect.DeepEqual(other, got) || !bytes.Equal(b, e.Encode()) {
			t.Fatalf("with another link: %v\n%s", err, cmp.Diff(got, other))
		}
		for n := range b {
			_, _ = DecodeEntry(b[:n]) // which is no reason to panic
		}
	})
}

func TestEntryNotUnderstoodIsRefused(t *testing.T) {
	t.Parallel()
	good := Entry{Summary: Sum{1}, Record: []byte(strings.Repeat("record ", 20))}.Encode()
	newer := slices.Clone(good)
	newer[0] |= 1 << 6
	if _, err := DecodeEntry(newer); !errors.Is(err, ErrNewer) {
		t.Errorf("a newer form: %v", err)
	}
	for _, form := range []byte{0, isOfArchive, entryForm | isOfArchive | isOfLocks} {
		none := slices.Clone(good)
		none[0] = form
		if _, err := DecodeEntry(none); err == nil {
			t.Errorf("the form %d is read", form)
		}
	}
	for _, n := range []int{0, 10, 40, len(good) - 1} {
		if _, err := DecodeEntry(good[:n]); err == nil {
			t.Errorf("%d bytes of %d are read", n, len(good))
		}
	}
}

// The format is fixed: what these bytes are does not change.
func TestChainIsAsPeopleHaveIt(t *testing.T) {
	t.Parallel()
	e := Entry{Summary: SumOf([]byte("summary")), Record: []byte(`{"v":2,"id":"tangerine-1","seq":1}`)}
	for what, test := range map[string]struct{ got, want string }{
		"origin":  {Origin("S1").String(), "5R8eZlnueTzQVenD9QvaV8Rx-YQ3eMriXlx3hilutvM"},
		"digest":  {e.Digest().String(), "ykw8Qii8RacGR-5DVkhr9pRE8ghNIDBohz2RqZib_nw"},
		"chain":   {e.Link.Then(1, e.Digest()).String(), "y9dPF6S8gTEuul2sA5HIfaLw3DXObZbc7LqvTw0OWjI"},
		"archive": {e.Link.ThenArchive(1, e.Digest()).String(), "zqUooUpr2TGw_D00_lhb9070cuzoIkEDefMtWBNmPW8"},
		"locks":   {e.Link.ThenLocks(1, e.Digest()).String(), "QktCWOZQX7VuTSqBSzWNAHDvhjWl5EQuKM7EWszcORU"},
	} {
		if test.got != test.want {
			t.Errorf("%s is %s, want %s", what, test.got, test.want)
		}
	}
	// How a record was packed may change with the compiler; how it is unpacked,
	// the dictionary included, does not.
	stored, err := hex.DecodeString("13" + strings.Repeat("00", 32) + "761b7ad8ad439b2855fcbb611331c646ef0870b0631247bba3f3025cb6df5a5313610274019a100a72696e652d01c01405ba01027d")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := DecodeEntry(stored); err != nil || !reflect.DeepEqual(got, e) {
		t.Errorf("an entry is read as %v\n%s", err, cmp.Diff(e, got))
	}
	if s, err := ParseSum(Origin("S1").String()); err != nil || s != Origin("S1") {
		t.Errorf("read %v, %v", s, err)
	}
	if _, err := ParseSum("hash"); err == nil {
		t.Error("a word is read as a hash")
	}
}

// A kind of event that the dictionary has not would be longer in every store.
func TestDictionaryHasEveryKindOfEvent(t *testing.T) {
	t.Parallel()
	for _, k := range kinds {
		if !bytes.Contains(dictionary, []byte(`{"kind":"`+k.name+`","data":{"at":"`)) {
			t.Errorf("the dictionary has no %q", k.name)
		}
	}
}

func TestNumbersComeBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		steps := rapid.SliceOfN(rapid.Int64Range(1, 1<<40), 1, 20).Draw(t, "steps")
		var want []int64
		var n Numbers
		last := int64(0)
		for _, step := range steps {
			n, want = n.Add(last, last+step), append(want, last+step)
			last += step
		}
		if got, err := n.All(); err != nil || !slices.Equal(got, want) {
			t.Fatalf("%s is %v, %v, want %v", n, got, err, want)
		}
		var h Head
		draw(t, reflect.ValueOf(&h.Summary).Elem())
		h.Seq, h.Hash, h.Log = 7, Sum{7}.String(), n
		d, err := h.Draft(last)
		if err != nil {
			t.Fatal(err)
		}
		h.Log = n.Add(last, last+9).Add(last+9, last+10)
		b := d.At(last+9, 2)
		got, err := DecodeHead(b)
		if err != nil || !reflect.DeepEqual(got, h) || d.Numbers(last+9, 2) != h.Log || len(b) > d.Bytes(2) {
			t.Fatalf("%s: %v\n%s", b, err, cmp.Diff(h, got))
		}
		if sum, err := SummarySum(b); err != nil || sum != d.Summary() {
			t.Fatalf("the summary in %s is %v, %v, and was to be %v", b, sum, err, d.Summary())
		}
	})
	for _, damaged := range []Numbers{"x", "1.", ".1", "1.0", "1.-1", "9223372036854775807.9"} {
		if all, err := damaged.All(); err == nil {
			t.Errorf("%s is read as %v", damaged, all)
		}
	}
}
