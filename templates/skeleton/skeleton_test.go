package skeleton

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestWhatIsThereIsNeverOverwritten(t *testing.T) {
	folder := t.TempDir()
	name, err := Write(folder, "quick", "web")
	if err != nil || filepath.Base(name) != "web.yaml" {
		t.Fatal(name, err)
	}
	data, err := os.ReadFile(name)
	if err != nil || !strings.Contains(string(data), "\nid: web ") {
		t.Fatalf("%v\n%s", err, data)
	}
	if _, err := Write(folder, "service", "web"); err == nil || !strings.Contains(err.Error(), "it is there already, and stays as it is") {
		t.Errorf("a second one: %v", err)
	}
	if after, err := os.ReadFile(name); err != nil || string(after) != string(data) {
		t.Errorf("the file has changed: %v", err)
	}
}

func TestWhatCanNotBeMadeIsSaid(t *testing.T) {
	for _, c := range [][3]string{
		{"quikc", "web", `did you mean "quick"?`},
		{"nonsense-at-all", "web", "there are: quick, service"},
		{"quick", "Web Shop", "use small letters"},
		{"quick", "../web", "use small letters"},
	} {
		if _, err := Of(c[0], c[1]); err == nil || !strings.Contains(err.Error(), c[2]) {
			t.Errorf("%v: %v", c, err)
		}
	}
}

func TestEverySkeletonIsListed(t *testing.T) {
	entries, err := files.ReadDir("files")
	if err != nil || len(entries) != len(All) {
		t.Fatalf("%d files, %d skeletons: %v", len(entries), len(All), err)
	}
	for _, s := range All {
		if _, err := Of(s.Kind, "x"); err != nil {
			t.Error(err)
		}
	}
}
