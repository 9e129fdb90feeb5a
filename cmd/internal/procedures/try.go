package procedures

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/templates"
	"github.com/stationmaster/stationmaster/templates/language"
	"github.com/stationmaster/stationmaster/templates/trial"
)

// Try runs the tests of a file, with its procedure and what that extends and includes: of
// the folder where the tests are, else of the config's, which may be "", else of the
// built-in ones. The error is that something is wrong with a file.
func Try(config, file string) ([]trial.Result, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the tests: %w", err)
	}
	folders := []string{filepath.Dir(file)}
	if config != "" {
		theirs, err := folderOf(config)
		if err != nil {
			return nil, err
		}
		if theirs != "" && theirs != folders[0] {
			folders = append(folders, theirs)
		}
	}
	like := strings.Replace(filepath.Base(file), ".test.", ".", 1)
	var s trial.Setting
	for _, folder := range folders {
		entries, ids, err := templates.ListID(known(folder), os.DirFS(folder), trial.Tries(data), like)
		if err != nil {
			return nil, err
		}
		others := s.Others
		s = Library{entries: entries}.setting()
		if s.Others = slices.Concat(others, ids); slices.Contains(ids, trial.Tries(data)) {
			break
		}
	}
	s.Looked = "it is looked for beside the tests, and with --config in the config’s folder of procedures"
	return trial.Run(s, file, data)
}

// Walk plays a procedure n times, each time with what chance makes of it, and says
// what did not hold. The seeds are those from one on.
func Walk(config, which string, from uint64, n int) error {
	l, e, err := OpenFor(config, which)
	if err != nil {
		return err
	}
	setting := l.setting()
	for i := range uint64(n) {
		if err := trial.Walk(setting, e.Procedure.ID, from+i); err != nil {
			return err
		}
	}
	return nil
}

// setting is what trials are run with.
func (l Library) setting() trial.Setting {
	all := map[string]deployer.Procedure{}
	for _, e := range l.entries {
		if !e.Hidden {
			all[e.Procedure.ID] = e.Procedure
		}
	}
	return trial.Setting{Procedures: all, Language: language.Runtime{}}
}
