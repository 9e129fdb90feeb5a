package strict

import (
	"regexp"
	"slices"
	"strings"
)

// A scanner walks through the lines of a file that is not YAML, to find what
// its writer meant and YAML reads otherwise.
type scanner struct {
	from  *source
	known []string // the keys that may stand in the file
	found Problems
	open  []Text // the brackets and braces that are
	quote rune   // the quote that is open; 0: none
	began Text   // where that is
	note  Text   // the last comment behind words in brackets or braces
}

// traps are the words that have to be in quotes, the tabs, and the quotes that are
// not closed. Known are the keys that may stand in the file.
func traps(from *source, known []string) Problems {
	s := scanner{from: from, known: known}
	skip := -1 // the indentation below which a text of several lines ends; -1: there is none
	for i := range from.lines {
		line := []rune(from.lines[i])
		indent := len(line) - len([]rune(strings.TrimLeft(string(line), " ")))
		if blank := strings.TrimSpace(string(line)) == ""; skip >= 0 && (blank || indent > skip) {
			continue
		}
		skip = -1
		if s.line(i+1, line, indent); s.quote == 0 && len(s.open) == 0 && block.MatchString(string(line)) {
			skip = indent
		}
		if len(s.found) > 0 && s.quote == 0 && len(s.open) == 0 && len(s.found) >= listMax {
			break
		}
	}
	if s.quote != 0 {
		s.unclosed()
	} else if len(s.found) == 0 && len(s.open) > 0 {
		s.gaping()
	}
	return s.found
}

// block is a line behind which a text of several lines stands.
var block = regexp.MustCompile(`(^|[\s:])[|>][+-]?[0-9]?[+-]?\s*(#.*)?$`)

func (s *scanner) at(line, i int) Text { return Text{Line: line, Column: i + 1, from: s.from} }

func (s *scanner) wrong(at Text, code, what, hint string) {
	s.found = append(s.found, at.Wrong(code, what, hint))
}

// gaping says so of the bracket or brace that was opened last.
func (s *scanner) gaping() {
	at := s.open[len(s.open)-1]
	name, end := "brace", "}"
	if strings.HasPrefix(string([]rune(s.from.line(at.Line))[at.Column-1:]), "[") {
		name, end = "bracket", "]"
	}
	if s.open = nil; s.note.Line >= at.Line && strings.Contains(s.note.Value, end) {
		s.wrong(s.note, "comment", "# begins a comment", "put the words in quotes")
		return
	}
	s.wrong(at, "brackets", "the "+name+" that begins here is not closed", "add a "+end+" where it ends")
}

func (s *scanner) unclosed() {
	s.wrong(s.began, "quotes", "the quote that begins here is not closed", "add a "+string(s.quote)+" where the words end")
	s.quote = 0
}

// line walks through one line. A value may begin behind its indentation, behind a
// colon, a dash or a comma, and behind a bracket.
func (s *scanner) line(number int, line []rune, indent int) {
	i := indent
	if s.quote == 0 && i < len(line) && line[i] == '\t' && len(s.open) == 0 {
		s.wrong(s.at(number, i), "tab", "a tab; YAML indents with spaces", "")
		return
	}
	if rest := string(line[indent:]); s.quote == 0 && len(s.open) > 0 && len(s.found) == 0 && strings.HasPrefix(rest, "- ") {
		s.gaping() // no entry of a list begins so within
	}
	value := true
	for i < len(line) {
		r := line[i]
		switch {
		case s.quote != 0:
			i = s.quoted(number, line, i)
			value = false
			continue
		case r == ' ' || r == '\t':
			i++
			continue
		case r == '#' && (i == 0 || line[i-1] == ' ' || line[i-1] == '\t'):
			if !value && len(s.open) > 0 {
				s.note = s.at(number, i)
				s.note.Value = string(line[i:])
			}
			return
		case value && (r == '"' || r == '\''):
			s.quote, s.began = r, s.at(number, i)
			i++
			continue
		case r == '#' && len(s.open) > 0 && strings.ContainsRune("[{,", line[i-1]), value && s.longer(line, i),
			value && strings.ContainsRune("*&@%`!", r), value && s.braced(line, i):
			s.start(number, line, i)
			s.open = nil // where what is open ends is anybody's guess now
			return
		case r == '{' || r == '[':
			s.open = append(s.open, s.at(number, i))
			value = true
		case (r == '}' || r == ']') && len(s.open) == 0:
			s.wrong(s.at(number, i), "brackets", "here is a "+string(r)+" too many", "take it away")
			return
		case r == '}' || r == ']':
			s.open = s.open[:len(s.open)-1]
			value = false
		case r == ',' && len(s.open) > 0:
			value = true
		case (r == ':' || r == '-' && value || r == '?' && value) && (i+1 == len(line) || line[i+1] == ' '):
			value = true
		case value:
			if end, ok := s.plain(number, line, i); ok {
				i, value = end, false
				continue
			}
			return
		default:
			value = false
		}
		i++
	}
}

// quoted walks to the end of a quote. Words that go on behind it mean that it was
// not meant to end there.
func (s *scanner) quoted(number int, line []rune, i int) int {
	switch r := line[i]; {
	case r == '\\' && s.quote == '"':
		return i + 2
	case r != s.quote:
		return i + 1
	case s.quote == '\'' && i+1 < len(line) && line[i+1] == '\'':
		return i + 2
	}
	rest := strings.TrimLeft(string(line[i+1:]), " \t")
	switch {
	case rest == "" || strings.ContainsRune(":,]}#", rune(rest[0])):
		s.quote = 0
	case s.began.Line != number:
		s.unclosed()
		return len(line)
	case len(s.open) > 0 && commaBefore.MatchString(rest):
		key := commaBefore.FindStringSubmatch(rest)[1]
		s.wrong(s.at(number, len(line)-len([]rune(rest))), "comma", "a comma is missing before `"+key+":`", "")
		s.quote = 0
		return len(line)
	default:
		s.wrong(s.began, "quotes", "these words are in quotes only up to the "+string(s.quote)+" in them",
			map[rune]string{'"': `put the whole into quotes of the other kind, or write \" for it`, '\'': "put the whole into double quotes, or write '' for it"}[s.quote])
		s.quote = 0
		return len(line)
	}
	return i + 1
}

var (
	commaBefore = regexp.MustCompile(`^([a-z_]+):(\s|$)`)  // a key behind words in quotes, in braces
	keyWithin   = regexp.MustCompile(`\s([a-z_]+):(\s|$)`) // the first in words
)

// longer reports whether words begin with a sign behind which YAML has something in lines of
// its own.
func (s *scanner) longer(line []rune, i int) bool {
	switch rest := string(line[i:]); line[i] {
	case '>', '|':
		return !block.MatchString(" " + rest)
	case '?':
		return strings.HasPrefix(rest, "? ") && keyBefore(line, i) != ""
	}
	return false
}

// braced reports whether words begin with a {placeholder}.
func (s *scanner) braced(line []rune, i int) bool {
	return bracedWords.MatchString(string(line[i:]))
}

// A {placeholder} with words behind it.
var bracedWords = regexp.MustCompile(`^\{@?[a-z][\w.-]*\}[ \t]*[^\s,:\]}#]`)

// start says that words can't begin as they do.
func (s *scanner) start(number int, line []rune, i int) {
	at, r := s.at(number, i), line[i]
	if r == '!' {
		s.found = append(s.found, tagged(at, keyBefore(line, i), writtenAt(s.from, at)))
		return
	}
	takes := map[rune]string{
		'#': "takes them for a comment", '>': "takes them for the beginning of a longer text", '|': "takes them for the beginning of a longer text", '?': "takes them for a key",
		'*': "takes them for a reference", '&': "takes them for a name of what follows", '{': "takes them for a mapping",
	}[r]
	if takes == "" {
		takes = "can't read them"
	}
	s.wrong(at, "quotes", "words that begin with "+string(r)+" have to be in quotes, else YAML "+takes, "")
}

var keyed = regexp.MustCompile(`([\w.-]+):\s*$`)

// keyBefore is the key under which a value stands that begins at a place.
func keyBefore(line []rune, i int) string {
	if m := keyed.FindStringSubmatch(string(line[:i])); m != nil {
		return m[1]
	}
	return ""
}

// plain walks over words without quotes, up to what ends them. Not ok: they are a
// mistake.
func (s *scanner) plain(number int, line []rune, i int) (end int, ok bool) {
	colons, first := 0, -1
	for end = i; end < len(line); end++ {
		switch r := line[end]; {
		case len(s.open) > 0 && strings.ContainsRune("[{", r) && end > i:
			s.within(number, line, i, r)
			return len(line), false
		case len(s.open) > 0 && strings.ContainsRune(",[]{}", r), r == '#' && end > 0 && line[end-1] == ' ':
			return s.judge(number, line, i, end, colons)
		case r == ':' && (end+1 == len(line) || line[end+1] == ' ' || len(s.open) > 0 && strings.ContainsRune(",[]{}", line[end+1])):
			if first < 0 {
				first = end
				if keyBefore(line, i) == "" && keyLike.MatchString(string(line[i:end])) {
					return end, true // a key
				}
			}
			colons++
		}
	}
	return s.judge(number, line, i, end, colons)
}

// within says that words in braces or brackets hold another one, which ends them for YAML.
func (s *scanner) within(number int, line []rune, i int, r rune) {
	takes := map[rune]string{'[': "a list", '{': "a mapping"}[r]
	what := "words with " + string(r) + " in them have to be in quotes within braces and brackets, else YAML takes them for " + takes
	if keyBefore(line, i) == "when" {
		what = "a condition with " + string(r) + " in it has to be in quotes within braces and brackets, else YAML takes it for " + takes
	}
	s.wrong(s.at(number, i), "quotes", what, "")
	s.open = nil // where what is open ends is anybody's guess now
}

var keyLike = regexp.MustCompile(`^[^\s?]+$`)

// judge says what is wrong with words in which a colon stands.
func (s *scanner) judge(number int, line []rune, i, end, colons int) (int, bool) {
	words := string(line[i:end])
	isKey := keyBefore(line, i) == ""
	switch {
	case colons == 0 || isKey && !strings.Contains(words, " ? "):
		return end, true
	case strings.Contains(words, " ? ") && strings.Contains(words, " : "):
		s.wrong(s.at(number, i), "quotes", `a condition with " : " in it has to be in quotes, else YAML takes it for a mapping`, "")
	default:
		hint := ""
		if m := keyWithin.FindStringSubmatch(words); m != nil && len(s.open) > 0 && slices.Contains(s.known, m[1]) {
			hint = "or a comma is missing before `" + m[1] + ":`"
		}
		s.wrong(s.at(number, i), "quotes", `words with ": " in them have to be in quotes, else YAML takes them for a mapping`, hint)
	}
	return len(line), false
}
