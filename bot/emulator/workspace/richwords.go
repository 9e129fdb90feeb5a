package workspace

import (
	"crypto/rand"
	"encoding/json"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/stationmaster/stationmaster/bot/emulator/jsonvalue"
)

// What people type reaches apps twice, as in Slack: as text with marks, and as a rich_text block.

// typedMessage is what a person typed, as their message.
func (w *Workspace) typedMessage(userID, text, thread string) *Message {
	said := w.Link(Escape(text), false)
	return &Message{User: userID, Text: said, Blocks: richWords(said), ThreadTS: thread, ClientMsgID: NewID()}
}

// richSpan is what is more than plain words in escaped text: preformatted lines, code, a reference or an address, an
// emoji, a style.
var richSpan = regexp.MustCompile("(?s)```(.+?)```|`([^`\n]+)`|<([^>|]+)(?:\\|[^>]*)?>" +
	"|:([a-z+-][a-z0-9_+'-]*(?:::skin-tone-[2-6])?):|([*_~])([^\\s*_~](?:[^*_~\n]*[^\\s*_~])?)([*_~])")

var unescaper = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")

// richWords is text that a person typed, escaped and with its references, as the blocks of their message.
func richWords(text string) json.RawMessage {
	if text == "" {
		return nil
	}
	r := &rich{}
	at := 0
	for _, m := range richSpan.FindAllStringSubmatchIndex(text, -1) {
		part := func(i int) string {
			if m[2*i] < 0 {
				return ""
			}
			return text[m[2*i]:m[2*i+1]]
		}
		if part(5) != "" && (part(5) != part(7) || !apart(text, m[0], m[1])) {
			continue
		}
		r.words(text[at:m[0]], nil)
		at = m[1]
		switch {
		case part(1) != "":
			r.preformatted(part(1))
		case part(2) != "":
			r.words(part(2), obj{"code": true})
		case part(3) != "":
			r.add(named(part(3)))
		case part(4) != "":
			r.add(obj{"type": "emoji", "name": part(4)})
		default:
			r.words(part(6), obj{map[string]string{"*": "bold", "_": "italic", "~": "strike"}[part(5)]: true})
		}
	}
	r.words(text[at:], nil)
	r.close()
	return jsonvalue.Encode([]obj{{"type": "rich_text", "block_id": rand.Text()[:5], "elements": r.done}})
}

// rich grows, section by section.
type rich struct{ open, done []obj }

func (r *rich) add(e obj) { r.open = append(r.open, e) }

func (r *rich) words(text string, style obj) {
	if text == "" {
		return
	}
	e := obj{"type": "text", "text": unescaper.Replace(text)}
	if style != nil {
		e["style"] = style
	}
	r.add(e)
}

func (r *rich) close() {
	if len(r.open) > 0 {
		r.done = append(r.done, obj{"type": "rich_text_section", "elements": r.open})
		r.open = nil
	}
}

func (r *rich) preformatted(text string) {
	r.close()
	r.done = append(r.done, obj{"type": "rich_text_preformatted", "border": 0,
		"elements": []obj{{"type": "text", "text": unescaper.Replace(strings.Trim(text, "\n"))}}})
}

// named is a reference: an address, or one such as @U1, #C1, !here or !subteam^S1.
func named(ref string) obj {
	id := ref[1:]
	group, isGroup := strings.CutPrefix(id, "subteam^")
	switch {
	case !strings.ContainsRune("@#!", rune(ref[0])):
		return obj{"type": "link", "url": unescaper.Replace(ref)}
	case ref[0] == '@':
		return obj{"type": "user", "user_id": id}
	case ref[0] == '#':
		return obj{"type": "channel", "channel_id": id}
	case isGroup:
		return obj{"type": "usergroup", "usergroup_id": group}
	}
	return obj{"type": "broadcast", "range": id}
}

// apart says whether no letter or digit touches a part of a text: snake_case_names are no italics.
func apart(text string, from, to int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:from])
	after, _ := utf8.DecodeRuneInString(text[to:])
	word := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
	return !word(before) && !word(after)
}
