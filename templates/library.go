package templates

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"sync"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/templates/source"
	"github.com/stationmaster/stationmaster/templates/strict"
)

// A library is the files of two layers: those that come with stationmaster, and
// those of a folder that lies over them.
type library struct {
	known  Known
	files  []*written
	beside []string // ids of files that lie beside them, and are not read
}

// A written file is one procedure.
type written struct {
	name    string // with its folder
	builtIn bool
	data    []byte
	whole   bool // it could be read
	source  source.File
	found   strict.Problems // when it was read

	resolved  *resolved // with what it extends and includes; nil: not yet
	resolving bool
	built     bool
	broken    bool // it has mistakes
	procedure deployer.Procedure
}

// open reads all files of both layers.
func open(known Known, overlay fs.FS) (*library, error) {
	if err := known.check(); err != nil {
		return nil, err
	}
	l := &library{known: known}
	below, err := builtInFiles()
	if err != nil {
		return nil, err
	}
	for _, f := range below {
		l.add(&f)
	}
	if overlay == nil {
		return l, nil
	}
	return l, l.layer(overlay, known.Folder, false)
}

// builtInFiles are the procedures that come with stationmaster as they were read, which is
// done once: each library makes its own of them, and changes nothing that they hold.
var builtInFiles = sync.OnceValues(func() ([]written, error) {
	files, err := builtIn()
	if err != nil {
		return nil, err
	}
	var l library
	if err := l.layer(files, "", true); err != nil {
		return nil, err
	}
	out := make([]written, len(l.files))
	for i, f := range l.files {
		out[i] = *f
		out[i].found = slices.Clip(f.found)
	}
	return out, nil
})

// layer reads the procedures at the top of a folder.
func (l *library) layer(files fs.FS, folder string, builtIn bool) error {
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		return fmt.Errorf("read the folder of procedures: %w", err)
	}
	for _, e := range entries {
		if !isProcedure(e) {
			continue
		}
		data, err := fs.ReadFile(files, e.Name())
		if err != nil {
			return fmt.Errorf("read a procedure: %w", err)
		}
		l.read(path.Join(folder, e.Name()), data, builtIn)
	}
	return nil
}

// read decodes a file and puts it into the library.
func (l *library) read(name string, data []byte, builtIn bool) *written {
	f := decoded(name, data, builtIn)
	l.add(f)
	return f
}

func decoded(name string, data []byte, builtIn bool) *written {
	f := &written{name: name, builtIn: builtIn, data: data}
	f.whole, f.found = strict.DecodePlain(name, data, &f.source)
	return f
}

// add puts a file into the library. A second one of an id in its layer is a mistake.
func (l *library) add(f *written) {
	if id := f.source.ID; id.Value != "" {
		if other := l.find(id.Value, f.builtIn); other != nil && other.builtIn == f.builtIn {
			f.found = append(f.found, id.Wrong("doubled-id", fmt.Sprintf("the procedure %q stands in %s already", id.Value, other.name), "give this one another id"))
		}
	}
	l.files = append(l.files, f)
}

// find is the file of an id as it is seen from a layer: in that or in the one below.
func (l *library) find(id string, fromBuiltIn bool) *written {
	var below *written
	for _, f := range l.files {
		switch {
		case f.source.ID.Value != id:
		case f.builtIn == fromBuiltIn:
			return f
		case f.builtIn:
			below = f
		}
	}
	return below
}

// other is what a file means by an id that it extends or includes: never itself.
func (l *library) other(f *written, id string) *written {
	if id == f.source.ID.Value {
		if f.builtIn {
			return nil
		}
		return l.find(id, true)
	}
	return l.find(id, f.builtIn)
}

// build makes the procedure of a file, and says what is wrong with it.
func (l *library) build(f *written) strict.Problems {
	if f.built {
		return nil
	}
	f.built = true
	found := slices.Clone(f.found)
	if f.whole {
		r := l.resolve(f)
		found = append(found, r.found...)
		b := l.newBuilder(f, r)
		if !r.cut {
			p := b.procedure()
			p.SHA = r.sha()
			f.procedure = p
			found = append(append(b.read, r.found...), b.problems...)
		}
		if len(found) == 0 && l.known.Doubt != nil && !f.builtIn {
			for _, d := range b.doubts() {
				l.known.Doubt(d)
			}
		}
	}
	f.broken = len(found) > 0
	return distinct(found)
}

// isBroken reports whether a file has mistakes, which builds it.
func (l *library) isBroken(f *written) bool {
	if !f.built && !f.broken {
		wrong := l.build(f)
		f.built, f.broken = false, len(wrong) > 0 // it is asked for what is wrong itself as well
		if f.broken {
			return true
		}
		f.built = true
	}
	return f.broken
}

// entries are the procedures with where they come from.
func (l *library) entries() []Entry {
	var out []Entry
	for _, f := range l.files {
		e := Entry{Procedure: f.procedure, File: f.name, BuiltIn: f.builtIn, Extends: f.source.Extends.Value, Includes: includes(f.source), Source: l.resolve(f).file}
		e.Hidden = f.builtIn && l.find(f.procedure.ID, false) != f
		out = append(out, e)
	}
	return out
}

// includes are the ids of what a file includes.
func includes(f source.File) []string {
	var out []string
	add := func(t strict.Text) {
		if t.Value != "" && !slices.Contains(out, t.Value) {
			out = append(out, t.Value)
		}
	}
	steps := func(steps []source.Step) {
		for _, s := range steps {
			add(s.Include)
		}
	}
	for _, ph := range f.Phases {
		add(ph.Include)
		steps(ph.Steps)
	}
	steps(f.Rollback.Steps)
	steps(f.Failure.Steps)
	steps(f.After)
	for _, c := range f.Change {
		steps(c.Steps)
		for _, ph := range c.Phases {
			add(ph.Include)
			steps(ph.Steps)
		}
	}
	return out
}

// sha is the hash of all the text that a procedure comes from.
func (r *resolved) sha() string {
	sum := sha256.New()
	for _, f := range r.files {
		sum.Write(f.data)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// distinct are the problems, each once.
func distinct(found strict.Problems) strict.Problems {
	var out strict.Problems
	seen := map[strict.Problem]bool{}
	for _, p := range found {
		if !seen[p] {
			seen[p] = true
			out = append(out, p)
		}
	}
	return out
}
