package command

import (
	"strings"
	"unicode"

	"github.com/stationmaster/stationmaster/deployer"
)

// A word is what stands between two spaces, or in quotes.
type word struct {
	text   string
	quoted bool // it began with a quote
}

// flag takes --name=value apart. Phones turn two hyphens into a dash.
func (w word) flag() (name string, value *string, ok bool) {
	if !w.isFlag() {
		return "", nil, false
	}
	name, v, given := strings.Cut(strings.TrimLeft(w.text, "-–—"), "=")
	if given {
		value = &v
	}
	return strings.ToLower(name), value, true
}

func (w word) isFlag() bool {
	return !w.quoted && strings.IndexFunc(w.text, func(c rune) bool { return strings.ContainsRune("-–—", c) }) == 0
}

// The quotes that keyboards make, by what may close them.
const (
	doubles = "\"“”„‟«»"
	singles = "'‘’‚‛"
)

// split cuts text into words. A quote counts at the beginning of a word, or
// behind the = of a flag, and ends before a space: it's is one word. A comma
// behind a word and the backticks of something copied are no part of it.
func split(text string) ([]word, error) {
	var words []word
	runes := []rune(text)
	for i := 0; i < len(runes); {
		if unicode.IsSpace(runes[i]) {
			i++
			continue
		}
		var w strings.Builder
		quoted, bare := closes(runes[i]) != "", true
		for i < len(runes) && !unicode.IsSpace(runes[i]) {
			set := closes(runes[i])
			if set == "" || w.Len() > 0 && !strings.HasSuffix(w.String(), "=") {
				w.WriteRune(runes[i])
				i, bare = i+1, true
				continue
			}
			end := closing(runes, i+1, set)
			if end < 0 {
				return nil, deployer.Refuse("Close it with another one, behind the last word.", "The quote %c is not closed.", runes[i])
			}
			w.WriteString(string(runes[i+1 : end]))
			i, bare = end+1, false
		}
		text := w.String()
		if bare {
			text = strings.Trim(strings.TrimRight(text, ","), "`")
		}
		if text != "" || quoted {
			words = append(words, word{text, quoted})
		}
	}
	return words, nil
}

func closes(c rune) string {
	switch {
	case strings.ContainsRune(doubles, c):
		return doubles
	case strings.ContainsRune(singles, c):
		return singles
	}
	return ""
}

// closing finds the quote that ends a text: the next one with nothing behind
// it.
func closing(runes []rune, from int, set string) int {
	for i := from; i < len(runes); i++ {
		if strings.ContainsRune(set, runes[i]) && (i+1 == len(runes) || unicode.IsSpace(runes[i+1])) {
			return i
		}
	}
	return -1
}
