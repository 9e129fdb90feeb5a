package placeholder

import "testing"

// Of the spaces around a value that is empty, one is left.
func TestAnEmptyValueLeavesOneSpace(t *testing.T) {
	t.Parallel()
	for words, want := range map[string]string{
		"It takes 5 min. {none} We write.": "It takes 5 min. We write.", "a {none} {none} b": "a b", "{none} a\n{none} b": "a\nb", "({none}) a{none} b {none}": "() a b ",
	} {
		if got := Fill(words, func(string, bool) (string, bool) { return "", true }); got != want {
			t.Errorf("fill %q = %q, want %q", words, got, want)
		}
	}
}
