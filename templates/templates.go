// Package templates holds the procedures that come with stationmaster, and
// loads them and those of users: YAML in the manner of GitHub Actions,
// validated as a whole before anything runs, every mistake with file, line and
// column.
package templates

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/templates/strict"
)

//go:embed procedures/*.yaml
var embedded embed.FS

// Known is what procedures may refer to. Roles or Channels that are nil are
// not checked; those of the built-in procedures are not either, since a config
// needs them only where it uses the procedure.
type Known struct {
	Kinds    []deployer.Kind
	Roles    []string
	Channels []string
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
// overlay. The error is [strict.Problems] if a file is wrong.
func Load(known Known, overlay fs.FS) (map[string]deployer.Procedure, error) {
	if err := known.check(); err != nil {
		return nil, err
	}
	builtin, err := fs.Sub(embedded, "procedures")
	if err != nil {
		return nil, err
	}
	out := map[string]deployer.Procedure{}
	var problems strict.Problems
	for _, layer := range []struct {
		files fs.FS
		known Known
	}{{builtin, Known{Kinds: known.Kinds}}, {overlay, known}} {
		if layer.files == nil {
			continue
		}
		found, err := loadAll(layer.known, layer.files)
		var p strict.Problems
		if errors.As(err, &p) {
			problems = append(problems, p...)
		} else if err != nil {
			return nil, err
		}
		for id, procedure := range found {
			out[id] = procedure
		}
	}
	return out, problems.Err()
}

func loadAll(known Known, layer fs.FS) (map[string]deployer.Procedure, error) {
	entries, err := fs.ReadDir(layer, ".")
	if err != nil {
		return nil, fmt.Errorf("read the folder of procedures: %w", err)
	}
	out, from := map[string]deployer.Procedure{}, map[string]string{}
	var problems strict.Problems
	for _, e := range entries {
		if e.IsDir() || !slices.Contains([]string{".yaml", ".yml"}, path.Ext(e.Name())) {
			continue
		}
		data, err := fs.ReadFile(layer, e.Name())
		if err != nil {
			return nil, fmt.Errorf("read a procedure: %w", err)
		}
		p, err := Parse(known, e.Name(), data)
		var wrong strict.Problems
		switch {
		case errors.As(err, &wrong):
			problems = append(problems, wrong...)
		case err != nil:
			return nil, err
		case from[p.ID] != "":
			problems = append(problems, strict.Problem{File: e.Name(), Line: 1, Column: 1, Why: fmt.Sprintf("the procedure %q stands in %s already", p.ID, from[p.ID])})
		default:
			out[p.ID], from[p.ID] = p, e.Name()
		}
	}
	return out, problems.Err()
}

// Parse reads one procedure. The error is [strict.Problems].
func Parse(known Known, name string, data []byte) (deployer.Procedure, error) {
	var f file
	if _, found := strict.DecodePlain(name, data, &f); len(found) > 0 {
		return deployer.Procedure{}, found
	}
	b := builder{known: known, file: name, data: data, ids: map[string]bool{}, parts: map[string]deployer.Part{}}
	p := b.procedure(f)
	sum := sha256.Sum256(data)
	p.SHA = hex.EncodeToString(sum[:])
	if known.Doubt != nil && len(b.problems) == 0 {
		for _, d := range b.doubts(f, p) {
			known.Doubt(d)
		}
	}
	return p, b.problems.Err()
}
