package store

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"unicode/utf8"

	"github.com/stationmaster/stationmaster/store/internal/record"
	"github.com/stationmaster/stationmaster/store/kv"
)

// A line is one of an archive, in JSON. The first names the store and the end of
// its log. Then come, deployment by deployment, what its records refer to, its
// records, and its head. A record is exactly what its hash is of.
type line struct {
	Key     string          `json:"key"`
	Store   string          `json:"store,omitzero"`
	Link    string          `json:"link,omitzero"`    // of a record: the chain's value before it
	Summary string          `json:"summary,omitzero"` // and the hash of the summary, where it changed
	Record  json.RawMessage `json:"record,omitzero"`  // or the head
	Text    string          `json:"text,omitzero"`    // of a blob, or the end of the log
	Bytes   []byte          `json:"bytes,omitzero"`   // of a blob that is no UTF-8, in base64
}

// errWrite says that an archive can't be written.
var errWrite = errors.New("write archive")

// An archiver writes an archive.
type archiver struct {
	archive
	out   *json.Encoder
	busy  map[string]bool // deployments about which a message waits
	blobs map[string]bool // that are in the file
}

func (a archive) newArchiver(ctx context.Context, f *os.File) (*archiver, error) {
	waiting, err := a.waiting(ctx)
	if err != nil {
		return nil, err
	}
	end, err := a.end(ctx)
	if err != nil {
		return nil, err
	}
	w := &archiver{archive: a, out: json.NewEncoder(f), busy: waiting, blobs: map[string]bool{}}
	return w, w.write(line{Key: endKey, Store: a.id, Text: end.String()})
}

func (w *archiver) write(l line) error {
	if err := w.out.Encode(l); err != nil {
		return fmt.Errorf("%w: %w", errWrite, err)
	}
	return nil
}

// deployment writes one that can be archived.
func (w *archiver) deployment(ctx context.Context, id string) error {
	e, head, err := w.archivable(ctx, id, w.busy)
	if err != nil {
		return err
	}
	return w.lines(ctx, e, head)
}

// Export writes the records of a deployment as an archive has them, as they were
// written: a line each, in JSON, and last its head. An unknown id is
// deployer.ErrNotFound.
func (s *Store) Export(ctx context.Context, id string, out io.Writer) error {
	w := &archiver{archive: archive{s}, out: json.NewEncoder(out), blobs: map[string]bool{}}
	e, err := s.headOf(ctx, id)
	if err == nil {
		var head record.Head
		if head, err = s.decodeHead(e); err == nil {
			err = w.lines(ctx, e, head)
		}
	}
	if err != nil {
		return fmt.Errorf("export %s: %w", id, err)
	}
	return nil
}

// lines writes the records of a deployment, and its head.
func (w *archiver) lines(ctx context.Context, e kv.Entry, head record.Head) error {
	numbers, err := head.Log.All()
	if err != nil {
		return err
	}
	for _, n := range numbers {
		got, err := w.kv.Get(ctx, logKey(n))
		if err != nil {
			return err
		}
		if err := w.record(ctx, got[0]); err != nil {
			return err
		}
	}
	return w.write(line{Key: e.Key, Record: e.Value})
}

func (w *archiver) record(ctx context.Context, e kv.Entry) error {
	entry, err := record.DecodeEntry(e.Value)
	if err != nil {
		return err
	}
	aside := w.aside(ctx)
	fetch := aside.Fetch
	aside.Fetch = func(hash string) ([]byte, error) {
		data, err := fetch(hash)
		if err != nil || w.blobs[hash] {
			return data, err
		}
		w.blobs[hash] = true
		if !utf8.Valid(data) {
			return data, w.write(line{Key: blobKey(hash), Bytes: data})
		}
		return data, w.write(line{Key: blobKey(hash), Text: string(data)})
	}
	if _, err = record.DecodeCommit(entry.Record, aside); err != nil {
		return err
	}
	l := line{Key: e.Key, Link: entry.Link.String(), Record: entry.Record}
	if entry.Summary != (record.Sum{}) {
		l.Summary = entry.Summary.String()
	}
	return w.write(l)
}

// readBack reads an archive, compares each line with the store, and calls fn with
// the head of each deployment. It returns the hash of all that it read.
func (a archive) readBack(ctx context.Context, f *os.File, fn func(id string, head kv.Entry) error) (record.Sum, error) {
	var none record.Sum
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return none, err
	}
	hash := sha256.New()
	r := bufio.NewReader(io.TeeReader(f, hash))
	for n := 1; ; n++ {
		b, err := r.ReadBytes('\n')
		if err == io.EOF && len(b) == 0 {
			return record.Sum(hash.Sum(nil)), nil
		}
		if err != nil {
			return none, err
		}
		var l line
		if err := json.Unmarshal(b, &l); err != nil {
			return none, fmt.Errorf("line %d: %w", n, err)
		}
		if err := a.compare(ctx, l, fn); err != nil {
			return none, fmt.Errorf("line %d, %s: %w", n, l.Key, err)
		}
	}
}

// compare holds a line against what the store has under its key.
func (a archive) compare(ctx context.Context, l line, fn func(id string, head kv.Entry) error) error {
	if l.Store != "" {
		return nil
	}
	got, err := a.kv.Get(ctx, l.Key)
	if err != nil {
		return err
	}
	e := got[0]
	switch {
	case l.Text != "" || l.Bytes != nil:
		if string(e.Value) != l.Text+string(l.Bytes) {
			return errors.New("it is not what the store has")
		}
		return nil
	case l.Link == "":
		if !bytes.Equal(e.Value, l.Record) {
			return nil // something has happened to it since: it stays
		}
		id, err := idOf(l.Key)
		if err != nil {
			return err
		}
		return fn(id, e)
	}
	return l.same(e)
}

// same holds the line of a record against what is in the log.
func (l line) same(e kv.Entry) error {
	entry, err := record.DecodeEntry(e.Value)
	if err != nil {
		return err
	}
	mine := record.Entry{Record: l.Record}
	if mine.Link, err = record.ParseSum(l.Link); err != nil {
		return err
	}
	if l.Summary != "" {
		if mine.Summary, err = record.ParseSum(l.Summary); err != nil {
			return err
		}
	}
	if entry.Link != mine.Link || entry.Digests()[0] != mine.Digest() {
		return errors.New("it is not what the store has")
	}
	return nil
}
