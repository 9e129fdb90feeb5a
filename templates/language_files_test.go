package templates_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stationmaster/stationmaster/templates"
)

// The procedures of the language's page have no mistakes.
func TestTheProceduresOfTheLanguageLoad(t *testing.T) {
	t.Parallel()
	for _, folder := range []string{"testdata/language", "examples", "testdata/section12"} {
		entries, err := templates.List(templates.Known{Kinds: kinds(t), Folder: filepath.Base(folder)}, os.DirFS(folder))
		if err != nil {
			t.Errorf("%s:\n%v", folder, err)
		}
		_ = entries
	}
}
