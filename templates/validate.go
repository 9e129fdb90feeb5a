package templates

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/stationmaster/stationmaster/templates/strict"
)

// Findings are what is wrong with some files, and what is allowed in them and
// probably not meant, each in order.
type Findings struct {
	Mistakes, Doubts strict.Problems
	Vars             []string // that they have, also by what they extend; not in order
}

// Validate looks at procedures by the names of their files, each as if the folder where
// it stands lay over the built-in ones: it may extend and include what is there. Only
// those files are spoken of. Known.Folder and Known.Doubt do not count. An error means
// that a file could not be read.
func Validate(known Known, files []string) (Findings, error) {
	var out Findings
	libraries := map[string]*library{}
	for _, name := range files {
		data, err := os.ReadFile(name) // #nosec G304 -- whoever types the command names the file
		if err != nil {
			return Findings{}, fmt.Errorf("read a procedure: %w", err)
		}
		dir := filepath.Dir(name)
		l := libraries[dir]
		if l == nil {
			if known.Folder = dir; dir == "." {
				known.Folder = ""
			}
			known.Doubt = nil
			if l, err = open(known, os.DirFS(dir)); err != nil {
				return Findings{}, err
			}
			libraries[dir] = l
		}
		f := l.named(filepath.ToSlash(filepath.Clean(name)))
		if f == nil { // its name is not that of a procedure
			f = l.read(filepath.ToSlash(filepath.Clean(name)), data, false)
		}
		f.name = filepath.ToSlash(filepath.Clean(name))
		l.known.Doubt = func(p strict.Problem) {
			if p.File == f.name {
				out.Doubts = append(out.Doubts, p)
			}
		}
		f.built, f.broken = false, false
		out.Mistakes = append(out.Mistakes, l.build(f)...)
		out.Vars = append(out.Vars, sortedKeys(l.resolve(f).file.Vars)...)
	}
	out.Mistakes, out.Doubts = distinct(out.Mistakes).Sorted(), distinct(out.Doubts).Sorted()
	return out, nil
}

// named is the file of a name; nil: there is none.
func (l *library) named(name string) *written {
	for _, f := range l.files {
		if f.name == name && !f.builtIn {
			return f
		}
	}
	return nil
}
