package bot

import (
	"regexp"
	"strings"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/deployer"
)

// Limits of an announcement, in units.
const (
	argMax     = 500
	messageMax = 3900 // chat.update takes 4,000
	partsMax   = 4
)

// cut returns the beginning of a text, at most that many units, ending between
// lines or words where it can, and never inside <…> or &…;.
func cut(s string, most int) string {
	if units(s) <= most {
		return s
	}
	n, end, line, word := 0, 0, 0, 0
	open := false
	for i, r := range s {
		if n += units(string(r)); n > most {
			break
		}
		if open {
			open = r != '>' && r != ';' && r != '\n'
		} else {
			open = r == '<' || r == '&' && entity.MatchString(s[i:])
		}
		if open {
			continue
		}
		end = i + len(string(r))
		switch r {
		case '\n':
			line = end
		case ' ':
			word = end
		}
	}
	switch {
	case line > len(s[:end])/2:
		return s[:line]
	case word > 0:
		return s[:word]
	case end > 0:
		return s[:end]
	}
	return s[:len(fit(s, most-1, func(r rune) string { return string(r) }))-len(ellipsis)]
}

// announcement fills the words of a procedure. They are mrkdwn by whoever
// wrote the procedure; the values in them are not, and are escaped. Words that
// a person has written for clients hold no markup at all.
func announcement(m deployer.Message, d deployer.Deployment, n guide) (text string, blocks []slack.Block) {
	words := fill(m.Words, values{m, d, n}.of)
	if m.Plain {
		words = escapeLines(m.Words)
	}
	if strings.TrimSpace(words) == "" {
		words = escape(m.Kind, nameMax) + " " + escape(m.Args["what"], argMax)
	}
	for rest := words; rest != "" && len(blocks) < partsMax; {
		part := cut(rest, sectionMax)
		rest = strings.TrimLeft(rest[len(part):], "\n ")
		if part = strings.TrimRight(part, "\n "); part != "" {
			blocks = append(blocks, section(part))
		}
	}
	return strings.TrimRight(cut(words, messageMax), "\n "), blocks
}

// escapeLines escapes a person's words and keeps their lines.
func escapeLines(s string) string {
	lines := strings.Split(strings.ReplaceAll(strings.TrimSpace(s), "\r\n", "\n"), "\n")
	for i, line := range lines {
		lines[i] = escape(line, messageMax)
	}
	return strings.Join(lines, "\n")
}

var entity = regexp.MustCompile(`^&(amp|lt|gt);`)
