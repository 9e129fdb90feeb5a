package directory

import (
	"strings"
	"unicode"

	"github.com/stationmaster/stationmaster/deployer"
)

// alike is what is left of a name when all is taken away by which people would
// not tell it from another: case, spaces and signs, what can't be seen, and the
// letters of other alphabets that look like Latin ones. Names of which that is
// the same are the same name.
func alike(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 0x1D400 && r <= 0x1D6A3: // bold, slanted and double letters
			r = 'a' + (r-0x1D400)%26
		case r >= 0xFF01 && r <= 0xFF5E: // as wide as a Chinese one
			r -= 0xFEE0
		}
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) || deployer.Unseen(r) {
			return -1
		}
		r = unicode.ToLower(r)
		if like, ok := likeLatin[r]; ok {
			return like
		}
		return r
	}, name)
}

// likeLatin are small letters by those that they, or their capitals, are taken for.
var likeLatin = func() map[rune]rune {
	const pairs = "0o 1l il ıl ɑa ɡg " +
		"аa вb еe ѕs һh іl кk мm нh оo рp ԛq сc тt уy ԝw хx ьb јj ӏl ԁd " +
		"αa βb γy εe ηh ιl κk μm νv οo ρp σo τt υy χx ωw"
	out := map[rune]rune{}
	for pair := range strings.FieldsSeq(pairs) {
		in := []rune(pair)
		out[in[0]] = in[1]
	}
	return out
}()
