package mrkdwn

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/stationmaster/stationmaster/deployer"
)

// marksMax is how many marks one letter may bear: Hebrew with its accents and
// Vietnamese need no more.
const marksMax = 4

// visible shows every character as what it is. What can't be seen is spelled out,
// as ⟨U+202E⟩, and so is a letter that only looks like those around it; letters
// that are bold by themselves are plain ones. What joins the letters of a script,
// or the parts of an emoji, stays.
func visible(s string, lines bool) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if plainASCII(s) {
		return s
	}
	in := []rune(s)
	var b strings.Builder
	var before rune // what stands on its left, 0 where that is a space or spelled out
	marks := 0
	spell := func(r rune, more int) {
		if before = 0; more > 0 {
			fmt.Fprintf(&b, "⟨U+%04X and %d more⟩", r, more)
			return
		}
		fmt.Fprintf(&b, "⟨U+%04X⟩", r)
	}
	for i := 0; i < len(in); i++ {
		r, after := plainLetter(in[i]), at(in, i+1)
		switch {
		case r == '\n' && lines, r == '\t':
			before = 0
			b.WriteRune(r)
		case unicode.IsSpace(r):
			before = 0
			b.WriteByte(' ')
		case r == joiner, lines && unicode.IsControl(r): // our own; the colours of a log
		case joins(before, r, after):
			before = r
			b.WriteRune(r)
		case deployer.Unseen(r):
			first := i
			for unseen(at(in, i+1)) {
				i++
			}
			spell(r, i-first)
		case unicode.In(r, unicode.Mn, unicode.Me):
			if marks++; before == 0 || marks > marksMax || strikes(r) {
				first := i
				for unicode.In(at(in, i+1), unicode.Mn, unicode.Me) {
					i++
				}
				spell(r, i-first)
				continue
			}
			b.WriteRune(r)
			continue
		case looksLatin(r) && besideLatin(in, i):
			spell(r, 0)
		default:
			before = r
			b.WriteRune(r)
		}
		marks = 0
	}
	return b.String()
}

// joiner is invisible and changes nothing but that what stands around it is no
// markup. We put it there ourselves, and drop it where it comes back.
const joiner = '\u2060'

func at(in []rune, i int) rune {
	if i < len(in) {
		return in[i]
	}
	return 0
}

func unseen(r rune) bool { return r != 0 && r != joiner && deployer.Unseen(r) }

func plainASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' })
}

// plainLetter is the letter of which the mathematical alphabets have a bold, a
// slanted or a double one.
func plainLetter(r rune) rune {
	switch {
	case r >= 0x1D400 && r <= 0x1D6A3:
		n := (r - 0x1D400) % 52
		if n >= 26 {
			return 'a' + n - 26
		}
		return 'A' + n
	case r >= 0x1D7CE && r <= 0x1D7FF:
		return '0' + (r-0x1D7CE)%10
	}
	return r
}

// joins reports whether something that can't be seen belongs where it stands:
// between two letters of a script that joins them, between two parts of an
// emoji, or behind a symbol that it has shown as a picture or as a sign.
func joins(before, r, after rune) bool {
	picture := func(r rune) bool { return unicode.IsSymbol(r) || r == 0xFE0F }
	letter := func(r rune) bool { return r >= 0x0600 && r < 0x10A0 && (unicode.IsLetter(r) || unicode.IsMark(r)) }
	switch r {
	case '\u200C':
		return letter(before) && letter(after)
	case '\u200D':
		return letter(before) && letter(after) || picture(before) && unicode.IsSymbol(after)
	case 0xFE0E, 0xFE0F:
		return unicode.IsSymbol(before) || before == '‼' || before == '⁉' || before == '〰' || before != 0 && after == 0x20E3
	}
	return false
}

// strikes reports whether a mark runs through its letter, as if that were struck out.
func strikes(r rune) bool {
	return r >= 0x0334 && r <= 0x0338 || r == 0x20D2 || r == 0x20D3 || r >= 0x20E5 && r <= 0x20E6
}

// greekLikeLatin are the letters that look like Latin ones; those of units and
// formulas do not.
const greekLikeLatin = "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧαγικνορυωχϲϳ"

// looksLatin reports whether a letter of another script can be taken for a Latin one.
func looksLatin(r rune) bool {
	return unicode.In(r, unicode.Cyrillic, unicode.Armenian, unicode.Cherokee, unicode.Lisu) && unicode.IsLetter(r) || strings.ContainsRune(greekLikeLatin, r)
}

// besideLatin reports whether the word of a letter has Latin letters as well.
func besideLatin(in []rune, i int) bool {
	inWord := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r) }
	for _, step := range []int{-1, 1} {
		for j := i + step; j >= 0 && j < len(in) && inWord(plainLetter(in[j])); j += step {
			if unicode.Is(unicode.Latin, plainLetter(in[j])) {
				return true
			}
		}
	}
	return false
}
