package language

import "testing"

// Every name that there is has a sentence, and every sentence a name.
func TestEveryNameIsExplained(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, n := range Reference() {
		if seen[n.Path] || n.Doc == "" || n.Type == "" {
			t.Errorf("%+v", n)
		}
		seen[n.Path] = true
	}
	for path := range sentences {
		if !seen[path] {
			t.Errorf("there is no name %s", path)
		}
	}
}
