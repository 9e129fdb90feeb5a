// Package skeleton has procedures to begin with: commented, and valid as they are.
package skeleton

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/stationmaster/stationmaster/deployer/spelling"
)

//go:embed files/*.yaml
var files embed.FS

// A Skeleton is a procedure to begin with.
type Skeleton struct{ Kind, Doc string }

// All are those that there are, in the order in which people read them.
var All = []Skeleton{
	{"quick", "a version that one person approves, with proofs and a way back"},
	{"service", "everything that a deployment procedure should have, for one service"},
	{"deployment", "the deployment that comes with stationmaster, with your changes laid over it"},
	{"hotfix", "production is broken: what can go side by side does"},
	{"migration", "a version that changes the database"},
	{"train", "the same versions for many retailers, in waves"},
	{"checklist", "what people do without a machine"},
}

var (
	idLine = regexp.MustCompile(`(?m)^id: \S+`)
	idForm = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,62}$`)
)

// Of is the skeleton of a kind, as a procedure of an id.
func Of(kind, id string) ([]byte, error) {
	if !idForm.MatchString(id) {
		return nil, fmt.Errorf("make a procedure: %q can't be its id; use small letters, digits, - and _", id)
	}
	data, err := files.ReadFile("files/" + kind + ".yaml")
	if err != nil {
		return nil, fmt.Errorf("make a procedure: there is no %q to begin with; %s", kind, instead(kind))
	}
	return idLine.ReplaceAll(data, []byte("id: "+id)), nil
}

func instead(kind string) string {
	names := make([]string, len(All))
	for i, s := range All {
		names[i] = s.Kind
	}
	if meant := spelling.SuggestAs("%q", kind, names); meant != "" {
		return meant
	}
	return "there are: " + strings.Join(names, ", ")
}

// Write writes the skeleton of a kind into a folder, and returns the name of the file. What
// is there already is never overwritten.
func Write(folder, kind, id string) (string, error) {
	data, err := Of(kind, id)
	if err != nil {
		return "", err
	}
	name := filepath.Join(folder, id+".yaml")
	return name, WriteNew(name, data)
}

// WriteNew writes a file that is not there yet.
func WriteNew(name string, data []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("write %s: it is there already, and stays as it is; give another id, or move it away", name)
	}
	if err != nil {
		return fmt.Errorf("write a procedure: %w", err)
	}
	_, err = f.Write(data)
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("write a procedure: %w", err)
	}
	return nil
}
