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

// What stood for markup does not stand in the way of a reader.
func TestPlainTextHoldsNoMarkup(t *testing.T) {
	t.Parallel()
	for words, want := range map[string]string{
		"*Change:* {what}, <https://x.example/{id}|the card>": "Change: {what}, the card (https://x.example/{id})",
		"<https://x.example> 2 * 3\n* 4":                      "https://x.example 2 * 3\n* 4",
	} {
		if got := Unmarked(words); got != want {
			t.Errorf("%q as plain text is %q, want %q", words, got, want)
		}
	}
}
