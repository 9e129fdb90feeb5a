// Package templates holds the procedures that come with stationmaster, and
// loads them and those of users: YAML in the manner of GitHub Actions,
// validated as a whole before anything runs, every mistake with file, line and
// column.
package templates

import (
	"embed"
	"fmt"
	"io/fs"
	"path"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/templates/source"
	"github.com/stationmaster/stationmaster/templates/strict"
)

//go:embed procedures/*.yaml
var embedded embed.FS

// Known is what procedures may refer to. Roles, Channels or Secrets that are nil are
// not checked; those of the built-in procedures are not either, since a config
// needs them only where it uses the procedure.
type Known struct {
	Kinds    []deployer.Kind
	Roles    []string
	Channels []string
	// Environments and Retailers (or products) are the config's names of them, which
	// procedures may name; nil: they are not checked.
	Environments, Retailers []string
	Secrets                 []string // of the config, which {secrets.NAME} names; nil: they are not checked
	// Folder stands before the names of the overlay's files where something is wrong
	// with them, such as procedures; "": nothing does.
	Folder string
	// Former takes placeholders as they were called before the language, such as {step},
	// for a program that fills those.
	Former bool
	// Doubt is told of what is allowed and probably not meant, such as a procedure
	// that deploys nothing; nil: nobody is. It is not, of a file that is wrong.
	Doubt func(strict.Problem)
}

// check refuses two kinds of one name, be it two systems' or a system's and one
// of the core's: which of them a procedure means would be anybody's guess.
func (k Known) check() error {
	seen := map[string]bool{}
	for _, kind := range k.Kinds {
		if seen[kind.Name] {
			return fmt.Errorf("collect the step kinds: there are two that are called %q", kind.Name)
		}
		seen[kind.Name] = true
	}
	return nil
}

// Load reads the built-in procedures and lays those of overlay, which may be
// nil, over them by id. It reads the *.yaml and *.yml files at the top of
// overlay, besides tests. The error is [strict.Problems] if a file is wrong.
func Load(known Known, overlay fs.FS) (map[string]deployer.Procedure, error) {
	entries, err := List(known, overlay)
	if err != nil {
		return nil, err
	}
	out := map[string]deployer.Procedure{}
	for _, e := range entries {
		if !e.Hidden {
			out[e.Procedure.ID] = e.Procedure
		}
	}
	return out, nil
}

// An Entry is one procedure and where it comes from.
type Entry struct {
	Procedure deployer.Procedure
	File      string   // with its folder
	BuiltIn   bool     // it comes with stationmaster
	Hidden    bool     // one of the overlay has its id
	Extends   string   // the id of another one; "": none
	Includes  []string // ids
	// Source is its file, with all that it extends and includes: each text with its place.
	Source source.File
}

// List is Load with where each procedure comes from: the built-in ones first, each
// by the name of its file.
func List(known Known, overlay fs.FS) ([]Entry, error) {
	l, err := open(known, overlay)
	if err != nil {
		return nil, err
	}
	return l.whole()
}

// Parse reads one procedure, which may extend and include built-in ones. The error
// is [strict.Problems].
func Parse(known Known, name string, data []byte) (deployer.Procedure, error) {
	l, err := open(known, nil)
	if err != nil {
		return deployer.Procedure{}, err
	}
	f := l.read(name, data, false)
	return f.procedure, l.build(f).Err()
}

// builtIn are the files that come with stationmaster.
func builtIn() (fs.FS, error) { return fs.Sub(embedded, "procedures") }

// isProcedure reports whether a file of a folder is one, by its name.
func isProcedure(e fs.DirEntry) bool {
	ext := path.Ext(e.Name())
	return !e.IsDir() && (ext == ".yaml" || ext == ".yml") && path.Ext(e.Name()[:len(e.Name())-len(ext)]) != ".test"
}
