package launch

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/spelling"
)

const (
	wordMax = 60 // characters of a word that is said back
	listMax = 8  // names of what there is
)

// Match returns the name that a word is, or "". Phones like to begin with a
// capital.
func Match(word string, names []string) string {
	if slices.Contains(names, word) {
		return word
	}
	for _, n := range names {
		if strings.EqualFold(n, word) {
			return n
		}
	}
	return ""
}

// Unknown refuses a word that is none of those known: "There is no service", the
// word, and the one that was likely meant, or what "There are".
func Unknown(what, word string, known []string, list string) error {
	hint := spelling.Suggest(word, known)
	if hint == "" && len(known) > 0 {
		hint = list + ": " + enumerate(known) + "."
	}
	return deployer.Refuse(hint, "%s %q.", what, clip(word))
}

// clip cuts a word that is too long to be one.
func clip(word string) string {
	if r := []rune(word); len(r) > wordMax {
		return string(r[:wordMax-1]) + "…"
	}
	return word
}

// enumerate lists names: a, b and c. Of too many, the rest is counted.
func enumerate(names []string) string {
	if extra := len(names) - listMax; extra > 0 {
		names = append(slices.Clone(names[:listMax]), fmt.Sprintf("%d more", extra))
	}
	n := len(names) - 1
	if n < 1 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:n], ", ") + " and " + names[n]
}

// Capital begins a name with a capital letter, at the beginning of a sentence.
func Capital(name string) string {
	if name == "" || name[0] < 'a' || name[0] > 'z' {
		return name
	}
	return string(name[0]-'a'+'A') + name[1:]
}
