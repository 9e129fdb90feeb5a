package workspace

import (
	"regexp"
	"strings"
)

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// Escape is what Slack does to text that a person types.
func Escape(text string) string { return escaper.Replace(text) }

// Mentions says whether a text mentions somebody.
func Mentions(text, userID string) bool {
	return strings.Contains(text, "<@"+userID+">") || strings.Contains(text, "<@"+userID+"|")
}

// address is a web or e-mail address in text that a person typed.
var address = regexp.MustCompile(`https?://[^\s<>|]*[^\s<>|.,;:!?)'"]|\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b`)

// linked puts addresses in angle brackets, as Slack does.
func linked(text string) string {
	return address.ReplaceAllStringFunc(text, func(a string) string {
		if strings.Contains(a, "://") {
			rest := ""
			if i := strings.Index(strings.ReplaceAll(a, "&gt", "&lt"), "&lt"); i >= 0 {
				a, rest = a[:i], a[i:] // what a person put in angle brackets of their own
			}
			return "<" + a + ">" + rest
		}
		return "<mailto:" + a + "|" + a + ">"
	})
}

var reference = regexp.MustCompile(`(^|[\s(,])([@#])([\p{L}\p{N}._-]*[\p{L}\p{N}_-])`)

// Link turns @name, #channel and addresses in escaped text into Slack's references. named adds the name after a bar, as
// commands with should_escape have it. The caller holds the workspace's lock.
func (w *Workspace) Link(text string, named bool) string {
	return reference.ReplaceAllStringFunc(linked(text), func(match string) string {
		p := reference.FindStringSubmatch(match)
		before, sign, name := p[1], p[2], p[3]
		ref := w.reference(sign, name)
		if ref == "" {
			return match
		}
		if named || sign == "#" {
			ref += "|" + name
		}
		return before + "<" + ref + ">"
	})
}

func (w *Workspace) reference(sign, name string) string {
	if sign == "#" {
		if ch := w.Channel(name); ch != nil && ch.Name == name {
			return "#" + ch.ID
		}
		return ""
	}
	switch name {
	case "channel", "here", "everyone":
		return "!" + name
	}
	if u := w.User(name); u != nil {
		return "@" + u.ID
	}
	for _, g := range w.Groups {
		if g.Handle == name && g.Disabled == 0 {
			return "!subteam^" + g.ID
		}
	}
	return ""
}
