package templates

import (
	"fmt"
	"io/fs"
	"path"
	"slices"

	"github.com/stationmaster/stationmaster/templates/strict"
)

// ListFile is List for one file of a folder, and returns that one too. Of the others there
// only those are read that it extends or includes, and so on: whatever else lies there
// breaks nothing.
func ListFile(known Known, folder fs.FS, name string) ([]Entry, Entry, error) {
	l, rest, err := besides(known, folder)
	if err != nil {
		return nil, Entry{}, err
	}
	data, err := fs.ReadFile(folder, name)
	if err != nil {
		return nil, Entry{}, fmt.Errorf("read a procedure: %w", err)
	}
	f := l.read(path.Join(known.Folder, name), data, false)
	rest = slices.DeleteFunc(rest, func(o *written) bool { return o.name == f.name })
	l.gather(f, rest)
	entries, err := l.whole()
	if err != nil {
		return nil, Entry{}, err
	}
	i := slices.IndexFunc(entries, func(e Entry) bool { return !e.BuiltIn && e.File == f.name })
	return entries, entries[i], nil
}

// ListID is ListFile for the procedure of an id. Where several files have it, that of the
// name counts, if it is one of them. One that is not in the folder may be built in, and
// where it is nowhere the others are there still. It returns all ids of the folder as well.
func ListID(known Known, folder fs.FS, id, name string) (entries []Entry, ids []string, err error) {
	l, rest, err := besides(known, folder)
	if err != nil {
		return nil, nil, err
	}
	var found []*written
	for _, f := range rest {
		if f.source.ID.Value == id {
			found = append(found, f)
		}
	}
	if i := slices.IndexFunc(found, func(f *written) bool { return path.Base(f.name) == name }); i >= 0 {
		found = found[i : i+1]
	}
	ids = l.beside
	rest = slices.DeleteFunc(rest, func(f *written) bool { return f.source.ID.Value == id })
	for _, f := range found {
		l.add(f)
		l.gather(f, rest)
	}
	entries, err = l.whole()
	return entries, ids, err
}

// besides are the built-in procedures, and those of a folder, which are not in the library
// yet. One that can't be read is none.
func besides(known Known, folder fs.FS) (*library, []*written, error) {
	l, err := open(known, nil)
	if err != nil {
		return nil, nil, err
	}
	files, err := fs.ReadDir(folder, ".")
	if err != nil {
		return nil, nil, fmt.Errorf("read the folder of procedures: %w", err)
	}
	var rest []*written
	for _, e := range files {
		if !isProcedure(e) {
			continue
		}
		if data, err := fs.ReadFile(folder, e.Name()); err == nil {
			rest = append(rest, decoded(path.Join(known.Folder, e.Name()), data, false))
		}
	}
	for _, f := range rest {
		if id := f.source.ID.Value; id != "" { // else it is no procedure: the config, for one
			l.beside = append(l.beside, id)
		}
	}
	return l, rest, nil
}

// gather takes what a file extends and includes into the library, and what that does.
func (l *library) gather(f *written, rest []*written) {
	for _, id := range append(includes(f.source), f.source.Extends.Value) {
		for _, other := range rest {
			if id != "" && other.source.ID.Value == id && id != f.source.ID.Value && !slices.Contains(l.files, other) {
				l.add(other)
				l.gather(other, rest)
			}
		}
	}
}

// whole are all procedures of the library, once they have no mistakes.
func (l *library) whole() ([]Entry, error) {
	var problems strict.Problems
	for _, f := range l.files {
		problems = append(problems, l.build(f)...)
	}
	if err := problems.Err(); err != nil {
		return nil, err
	}
	return l.entries(), nil
}
