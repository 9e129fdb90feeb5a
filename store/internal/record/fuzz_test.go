package record

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// FuzzDecode: no bytes make reading crash, and what is read can be written and
// read again.
func FuzzDecode(f *testing.F) {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) == 0 {
		f.Fatal("no golden files", err)
	}
	older, err := filepath.Glob("testdata/v1/*.json")
	if err != nil || len(older) == 0 {
		f.Fatal("no golden files of version 1", err)
	}
	for _, name := range append(files, older...) {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	blobs := goldenProcedure(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		aside := asideOf(blobs)
		if c, err := DecodeCommit(b, aside); err == nil && len(c.Events) > 0 {
			wantSame(t, c)
		}
		if h, err := DecodeHead(b); err == nil {
			again, err := h.Encode()
			if err != nil {
				t.Fatal(err)
			}
			if got, err := DecodeHead(again); err != nil || !reflect.DeepEqual(got, h) {
				t.Fatalf("%v\n%s", err, cmp.Diff(h, got))
			}
		}
		if l, err := DecodeOutboxMessage(b, aside); err == nil {
			again, blobs, err := l.Encode()
			if err != nil {
				t.Fatal(err)
			}
			if got, err := DecodeOutboxMessage(again, asideOf(blobs)); err != nil || !reflect.DeepEqual(got, l) {
				t.Fatalf("%v\n%s", err, cmp.Diff(l, got))
			}
		}
		if r, err := DecodeLockRecord(b); err == nil {
			again, err := r.Encode()
			if err != nil {
				t.Fatal(err)
			}
			if got, err := DecodeLockRecord(again); err != nil || !reflect.DeepEqual(got.Changes, r.Changes) || !got.At.Equal(r.At) {
				t.Fatalf("%v\n%s", err, cmp.Diff(r, got))
			}
		}
		if r, err := DecodeArchiveRecord(b); err == nil {
			again, err := r.Encode()
			if err != nil {
				t.Fatal(err)
			}
			if got, err := DecodeArchiveRecord(again); err != nil || got.ID != r.ID || got.Records != r.Records || got.File != r.File {
				t.Fatalf("%v\n%s", err, cmp.Diff(r, got))
			}
		}
		_, _ = DecodeLocks(b)
		_, _ = decodeProcedure(b)
		if e, err := DecodeEntry(b); err == nil {
			if got, err := DecodeEntry(e.Encode()); err != nil || !reflect.DeepEqual(got, e) {
				t.Fatalf("%v\n%s", err, cmp.Diff(e, got))
			}
		}
	})
}

// goldenProcedure is what the golden files of "created" name by its hash.
func goldenProcedure(t testing.TB) Blobs {
	t.Helper()
	blobs := Blobs{}
	for _, name := range []string{"testdata/procedure.json", "testdata/v1/procedure.json"} {
		indented, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var procedure bytes.Buffer
		if err := json.Compact(&procedure, indented); err != nil {
			t.Fatal(err)
		}
		blobs.put(procedure.Bytes())
	}
	return blobs
}
