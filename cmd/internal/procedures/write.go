// Package procedures does what the commands of `stationmaster procedure` say: it joins the
// config with what package templates and its rooms know of procedures.
package procedures

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/stationmaster/stationmaster/cmd/internal/app"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/spelling"
	"github.com/stationmaster/stationmaster/templates/importer"
	"github.com/stationmaster/stationmaster/templates/manual"
	"github.com/stationmaster/stationmaster/templates/schema"
	"github.com/stationmaster/stationmaster/templates/skeleton"
	"github.com/stationmaster/stationmaster/templates/strict"
)

// New writes a procedure to begin with into the folder of a config, or into the current
// one where the config is "", and returns the name of its file.
func New(config, kind, id string) (string, error) {
	folder := "."
	if config != "" {
		var err error
		if folder, err = folderOf(config); err != nil {
			return "", err
		}
		if folder == "" {
			return "", fmt.Errorf("make a procedure: %s has no folder of procedures; add for example procedures: procedures, and make that folder beside it", config)
		}
	}
	return skeleton.Write(folder, kind, id)
}

// Skeletons are those that there are to begin with, a line each.
func Skeletons() string {
	var b strings.Builder
	for _, s := range skeleton.All {
		fmt.Fprintf(&b, "  %-11s %s\n", s.Kind, s.Doc)
	}
	return b.String()
}

// SkeletonKinds are their names.
func SkeletonKinds() []string {
	var out []string
	for _, s := range skeleton.All {
		out = append(out, s.Kind)
	}
	return out
}

// Import makes a procedure of a document.
func Import(file string) ([]byte, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read a document: %w", err)
	}
	return importer.Import(filepath.Base(file), data)
}

// Write writes a procedure into a file that is not there yet.
func Write(file string, data []byte) error { return skeleton.WriteNew(file, data) }

// Schema is the JSON Schema of a procedure.
func Schema() ([]byte, error) { return schema.Procedure(app.Kinds()) }

// Kinds prints all step kinds, or the one of a name. Format is "", markdown or json.
func Kinds(name, format string) (string, error) {
	kinds := app.Kinds()
	if name != "" {
		one, err := kindNamed(kinds, name)
		if err != nil {
			return "", err
		}
		kinds = []deployer.Kind{one}
	}
	switch format {
	case "json":
		out, err := manual.JSON(kinds)
		return string(out), err
	case "markdown":
		return manual.Markdown(kinds), nil
	case "", "text":
	default:
		return "", fmt.Errorf("print the kinds: %s", strict.Unknown("format", format, []string{"text", "markdown", "json"}))
	}
	if name != "" {
		return manual.One(kinds[0]), nil
	}
	return manual.All(kinds), nil
}

// KindNames are those of all step kinds.
func KindNames() []string {
	var out []string
	for _, k := range app.Kinds() {
		out = append(out, k.Name)
	}
	return out
}

func kindNamed(kinds []deployer.Kind, name string) (deployer.Kind, error) {
	names := KindNames()
	for _, k := range kinds {
		if k.Name == name {
			return k, nil
		}
	}
	hint := spelling.SuggestAs("%q", name, names)
	if hint == "" {
		hint = "`stationmaster procedure kinds` lists them"
	}
	return deployer.Kind{}, fmt.Errorf("there is no step kind %q; %s", name, hint)
}
