package app

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/stationmaster/stationmaster/templates"
	"github.com/stationmaster/stationmaster/templates/strict"
)

// Beside is where something is that a config names by a path: one that is not absolute
// begins in the folder of the config, wherever the process was started. "" stays "". The
// database is no such thing: it belongs to the process, and begins where that runs.
func Beside(config, path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(filepath.Dir(config), path)
}

// isConfig reports whether a file is one of the program's configs, and no procedure.
func isConfig(data []byte) bool {
	has := func(key string) bool { return strict.Find(data, key).Written() }
	return slices.ContainsFunc([]string{"slack", "clusters", "retailers", "products"}, has) && !slices.ContainsFunc([]string{"id", "phases", "extends"}, has)
}

// withoutConfigs are the files that are no configs. Of the others it says what looks at
// them: as procedures all of their keys would be wrong.
func withoutConfigs(files []string) (rest []string, found strict.Problems) {
	for _, name := range files {
		data, err := os.ReadFile(name) // #nosec G304 -- whoever types the command names the file
		if err != nil || !isConfig(data) {
			rest = append(rest, name) // what can't be read is said of procedures
			continue
		}
		hint := fmt.Sprintf("`stationmaster check --config %s` looks at it", name)
		found = append(found, strict.Problem{File: name, Line: 1, Column: 1, Code: "config", Why: "this looks like the config, and not like a procedure; " + hint, Hint: hint})
	}
	return rest, found
}

// Validate looks at procedures by the names of their files. With a config it holds
// them against its roles and channels, and says what is wrong with its vars; "": against
// none. Whatever else is wrong with the config is not looked at. An error means that
// something could not be read.
func Validate(config string, files []string) (templates.Findings, error) {
	files, configs := withoutConfigs(files)
	found, err := validate(config, files)
	found.Mistakes = append(found.Mistakes, configs...)
	_, _ = found.Mistakes.Err(), found.Doubts.Err() // which sort them
	return found, err
}

func validate(config string, files []string) (templates.Findings, error) {
	if config == "" {
		return templates.Validate(templates.Known{Kinds: Kinds()}, files)
	}
	data, err := os.ReadFile(config) // #nosec G304 -- whoever types the command names the file
	if err != nil {
		return templates.Findings{}, fmt.Errorf("read the config: %w", err)
	}
	var f file
	if err := strict.Decode(config, data, &f); err != nil {
		return templates.Findings{}, err
	}
	c := &checker{path: config, data: data, file: f}
	c.file.Procedures = strict.Text{} // which are what is looked at
	cfg := c.config()
	found, err := templates.Validate(cfg.known(), files)
	if err != nil {
		return found, err
	}
	cfg.Procedures, c.file.Procedures = nil, f.Procedures
	c.procedures(&cfg)
	c.problems = nil
	found.Doubts = append(found.Doubts, c.vars(cfg.allProcedures(), found.Vars)...)
	found.Mistakes = append(found.Mistakes, c.problems...)
	return found, nil
}
