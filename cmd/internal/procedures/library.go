package procedures

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/stationmaster/stationmaster/cmd/internal/app"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/spelling"
	"github.com/stationmaster/stationmaster/templates"
)

// A Library is the procedures that there are: those that come with stationmaster, and those
// of a folder over them.
type Library struct {
	config  string
	folder  string // of the config; "": there is none
	entries []templates.Entry
}

// Open reads the procedures of a config's folder over the built-in ones; where the config is
// "", the built-in ones alone.
func Open(config string) (Library, error) {
	folder := ""
	if config != "" {
		var err error
		if folder, err = folderOf(config); err != nil {
			return Library{}, err
		}
	}
	return open(config, folder)
}

// OpenFor is Open for who asks for one procedure: by its id, or by its file, which is read
// with what it extends and includes of its folder. It returns the procedure.
func OpenFor(config, which string) (Library, templates.Entry, error) {
	if ext := filepath.Ext(which); ext == ".yaml" || ext == ".yml" {
		if HoldsTests(which) {
			return Library{}, templates.Entry{}, fmt.Errorf("%s holds tests, and no procedure; `stationmaster procedure test` runs it", which)
		}
		folder := filepath.Dir(which)
		entries, e, err := templates.ListFile(known(folder), os.DirFS(folder), filepath.Base(which))
		if errors.Is(err, fs.ErrNotExist) {
			return Library{}, templates.Entry{}, fmt.Errorf("there is no procedure in %s", which)
		}
		return Library{config: config, entries: entries}, e, err
	}
	l, err := Open(config)
	if err != nil {
		return l, templates.Entry{}, err
	}
	e, err := l.find(which)
	return l, e, err
}

// HoldsTests reports whether a file is one of tests, by its name.
func HoldsTests(file string) bool {
	return strings.HasSuffix(file, ".test.yaml") || strings.HasSuffix(file, ".test.yml")
}

// known is what the procedures of a folder may name where nothing of a config counts.
func known(folder string) templates.Known {
	return templates.Known{Kinds: app.Kinds(), Folder: folder}
}

func open(config, folder string) (Library, error) {
	var overlay fs.FS
	if folder != "" {
		overlay = os.DirFS(folder)
	}
	entries, err := templates.List(known(folder), overlay)
	return Library{config, folder, entries}, err
}

// find is the procedure of an id.
func (l Library) find(id string) (templates.Entry, error) {
	var ids []string
	for _, e := range l.entries {
		if e.Procedure.ID == id && !e.Hidden {
			return e, nil
		}
		ids = append(ids, e.Procedure.ID)
	}
	hint := spelling.SuggestAs("%q", id, ids)
	if hint == "" {
		hint = "`stationmaster procedure list` lists them; a file is given with its .yaml"
	}
	return templates.Entry{}, fmt.Errorf("there is no procedure %q; %s", id, hint)
}

// Where says in a line where the procedures of the library are.
func (l Library) Where() string {
	switch {
	case l.config == "":
		return "These come with stationmaster; --config FILE lists those of the config’s folder too."
	case l.folder == "":
		return fmt.Sprintf("These come with stationmaster; %s names no folder of procedures.", l.config)
	}
	return fmt.Sprintf("Yours are in %s.", l.folder)
}

// List prints the procedures as a table.
func (l Library) List() (string, error) {
	services, err := l.services()
	if err != nil {
		return "", err
	}
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "ID\tTITLE\tOWNER\tLAYER\tEXTENDS\tUSED BY")
	for _, e := range l.entries {
		p := e.Procedure
		_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", p.ID, p.Title, dash(p.Owner), layer(e), dash(e.Extends), dash(strings.Join(l.users(e, services), ", ")))
	}
	if err := w.Flush(); err != nil {
		return "", fmt.Errorf("list the procedures: %w", err)
	}
	return trimmed(b.String()), nil
}

func layer(e templates.Entry) string {
	switch {
	case e.Hidden:
		return "built-in, hidden"
	case e.BuiltIn && e.Procedure.Abstract:
		return "built-in, abstract"
	case e.BuiltIn:
		return "built-in"
	case e.Procedure.Abstract:
		return "yours, abstract"
	}
	return "yours"
}

// users are what uses a procedure: others that extend, include or run it, and services.
func (l Library) users(of templates.Entry, services map[string][]string) []string {
	id := of.Procedure.ID
	var out []string
	for _, e := range l.entries {
		if e.Procedure.ID != id && (e.Extends == id || slices.Contains(e.Includes, id) || runs(e.Procedure, id)) {
			out = append(out, e.Procedure.ID)
		}
	}
	if !of.Hidden && len(services[id]) > 0 {
		out = append(out, deployer.Count(len(services[id]), "service"))
	}
	return out
}

// runs reports whether a step of a procedure runs another one.
func runs(p deployer.Procedure, id string) bool {
	for _, s := range slices.Concat(p.Steps, p.Rollback, p.Failure.Steps, p.After) {
		if s.Uses == deployer.KindRun && s.With["procedure"].Text == id {
			return true
		}
	}
	return false
}

// services are those of the config, by the id of the procedure that they follow.
func (l Library) services() (map[string][]string, error) {
	out := map[string][]string{}
	if l.config == "" {
		return out, nil
	}
	cfg, err := app.Load(l.config)
	if err != nil {
		return nil, err
	}
	for name, s := range cfg.Services {
		id := s.Procedure
		if id == "" {
			id = cfg.Defaults.Procedure
		}
		out[id] = append(out[id], name)
	}
	return out, nil
}

func dash(text string) string {
	if text == "" {
		return "–"
	}
	return text
}

// trimmed is a text whose lines end in no spaces.
func trimmed(text string) string {
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n")
}
