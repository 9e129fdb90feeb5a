package importer

import (
	"html"
	"regexp"
	"strconv"
	"strings"
	"time"
)

var (
	anchor    = regexp.MustCompile(`(?i)<a\s[^>]*?href\s*=\s*["']([^"']*)["'][^>]*>(.*?)</a>`)
	listTag   = regexp.MustCompile(`(?i)<li[^>]*>\s*`)
	lineBreak = regexp.MustCompile(`(?i)<br\s*/?>`)
	tag       = regexp.MustCompile(`(?i)</?(p|img|ul|ol|li|strong|b|em|i|u|code|div|span|h[1-6]|details|summary|table|thead|tbody|tr|td|th|sup|sub|center)\b[^>]*>`)
	titled    = regexp.MustCompile(`\{\{[%<]\s*\w+[^}]*?title="([^"]*)"[^}]*[%>]\}\}`)
	shortcode = regexp.MustCompile(`\{\{[%<].*?[%>]\}\}`)
)

// untag makes Markdown of the HTML in a line, and takes away what only a site's
// generator reads.
func untag(line string) string {
	if !strings.ContainsAny(line, "<{&") {
		return line
	}
	line = anchor.ReplaceAllString(line, "[$2]($1)")
	line = listTag.ReplaceAllString(line, "- ")
	line = lineBreak.ReplaceAllString(line, " ")
	line = tag.ReplaceAllString(line, "")
	line = titled.ReplaceAllString(line, "$1. ")
	line = shortcode.ReplaceAllString(line, "")
	return html.UnescapeString(line)
}

// A link is where a text leads.
type link struct{ label, url string }

// links takes those out of a text, and leaves their labels. Of those that lead within a
// site the label alone is left; inner says how many there were.
func links(text string) (rest string, found []link, inner int) {
	var out strings.Builder
	for {
		open := strings.IndexByte(text, '[')
		if open < 0 {
			break
		}
		label, url, length := linkAt(text[open:])
		if length == 0 {
			out.WriteString(text[:open+1])
			text = text[open+1:]
			continue
		}
		image := open > 0 && text[open-1] == '!'
		before := text[:open]
		text = text[open+length:]
		if image {
			out.WriteString(strings.TrimSuffix(before, "!"))
			continue
		}
		out.WriteString(before + label)
		switch {
		case strings.HasPrefix(url, "https://"), strings.HasPrefix(url, "http://"):
			found = append(found, link{bare(label), url})
		default:
			inner++
		}
	}
	out.WriteString(text)
	return out.String(), found, inner
}

// linkAt reads [label](url) at the beginning of a text, with the brackets that a URL may
// hold itself. The length is 0 where there is none.
func linkAt(text string) (label, url string, length int) {
	end := strings.Index(text, "](")
	if end < 1 || strings.ContainsAny(text[1:end], "\n[") && !strings.Contains(text[1:end], `\[`) {
		return "", "", 0
	}
	depth := 0
	for i := end + 1; i < len(text); i++ {
		switch text[i] {
		case '(':
			depth++
		case ')':
			depth--
		case '\n':
			return "", "", 0
		}
		if depth == 0 {
			url, _, _ = strings.Cut(strings.TrimSpace(text[end+2:i]), " ") // behind a space stands a title
			return text[1:end], strings.Trim(url, "<>"), i + 1
		}
	}
	return "", "", 0
}

var (
	strong    = regexp.MustCompile(`\*\*([^*\n]+)\*\*|__([^_\n]+)__`)
	emphasis  = regexp.MustCompile(`(^|[\s("“])(?:\*([^*\s][^*\n]*)\*|_([^_\s][^_\n]*)_)`)
	backslash = regexp.MustCompile(`\\([\\` + "`" + `*_{}\[\]()#+.!<>|-])`)
	spaces    = regexp.MustCompile(`[ \t]+`)
)

// bare is a text without Markdown's marks, but for those of code.
func bare(text string) string {
	if strings.HasPrefix(text, "```") {
		return text
	}
	text = strong.ReplaceAllString(text, "$1$2")
	text = emphasis.ReplaceAllString(text, "$1$2$3")
	text = backslash.ReplaceAllString(text, "$1")
	return strings.TrimSpace(spaces.ReplaceAllString(text, " "))
}

var sentenceEnd = regexp.MustCompile(`[.!?][)”"]?(\s+|$)`)

// abbreviations end in a period that ends no sentence.
var abbreviations = []string{"e.g.", "i.e.", "etc.", "vs.", "no.", "ex.", "approx.", "incl.", "min.", "ca."}

// titleMax bounds a title, in characters: a longer one can't be read at a glance.
const titleMax = 110

// sentence parts the first sentence of a text, which is a title, from the rest. One that
// is too long is cut, and stands in the rest as a whole.
func sentence(text string) (title, rest string) {
	if strings.HasPrefix(text, "```") {
		return "", text
	}
	title = text
	for _, at := range sentenceEnd.FindAllStringIndex(text, -1) {
		if !abbreviated(text[:at[1]]) && at[0] > 2 {
			title, rest = text[:at[1]], strings.TrimSpace(text[at[1]:])
			break
		}
	}
	title = strings.TrimRight(strings.TrimSpace(title), ".:;,")
	runes := []rune(title)
	if len(runes) <= titleMax {
		return title, rest
	}
	short := string(runes[:titleMax])
	if at := strings.LastIndexByte(short, ' '); at > 0 {
		short = short[:at]
	}
	return strings.TrimRight(short, ".:;, ") + " …", text
}

func abbreviated(text string) bool {
	text = strings.ToLower(strings.TrimRight(strings.TrimSpace(text[max(0, len(text)-16):]), `)”"`))
	for _, a := range abbreviations {
		if strings.HasSuffix(text, a) {
			return true
		}
	}
	return false
}

var about = regexp.MustCompile(`(?i)\(?(?:\btime:\s*)?(?:~|≈|\babout |\bapprox\.? |\bapproximately )\s*(?:\d+\s*[-–]\s*)?(\d{1,4})\s*(seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h)\b\.?\)?`)

// estimate is how long something takes by a text; of a range the longer time. 0: it says
// nothing of it. What says nothing else is taken out of the text.
func estimate(text string) (rest string, took time.Duration) {
	m := about.FindStringSubmatchIndex(text)
	if m == nil || strings.HasPrefix(text, "```") {
		return text, 0
	}
	n, err := strconv.Atoi(text[m[2]:m[3]])
	if err != nil || n == 0 {
		return text, 0
	}
	unit := map[byte]time.Duration{'s': time.Second, 'm': time.Minute, 'h': time.Hour}[strings.ToLower(text[m[4]:m[5]])[0]]
	said := text[m[0]:m[1]]
	if said == text || strings.HasPrefix(said, "(") || strings.HasPrefix(strings.ToLower(said), "time") {
		text = strings.TrimSpace(text[:m[0]]) + strings.TrimRight(text[m[1]:], " ")
	}
	return text, time.Duration(n) * unit
}
