package main_test

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var quoted = regexp.MustCompile("`([a-z][a-z_/.…-]*)`")

// Every file and folder that CONTRIBUTING's map names is there: a map that has
// drifted is worse than none.
func TestMapOfContributingNamesWhatIsThere(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(root(t), "CONTRIBUTING.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "## Where things are")
	table, _, _ = strings.Cut(table, "\n## ")
	named := 0
	for line := range strings.Lines(table) {
		if !strings.HasPrefix(line, "| ") {
			continue
		}
		dir := "" // of the path before: what follows it without a folder stands beside it
		for _, m := range quoted.FindAllStringSubmatch(line, -1) {
			file := m[1]
			switch {
			case strings.Contains(file, "/"):
				dir = path.Dir(file)
			case strings.HasSuffix(file, ".go") || dir != "":
				file = path.Join(dir, file)
			default:
				continue // a word of the left column
			}
			named++
			if _, err := os.Stat(filepath.Join(root(t), file)); err != nil {
				t.Errorf("CONTRIBUTING.md names %s, which is not there", file)
			}
		}
	}
	if named < 50 {
		t.Errorf("only %d paths were found in the table", named)
	}
}
