package blockkit

import (
	"encoding/json"
	"strings"
	"unicode/utf8"

	"github.com/stationmaster/stationmaster/bot/emulator/jsonvalue"
)

// TextLength is the number of characters of all text in blocks.
func TextLength(v any) int {
	n := 0
	for _, t := range Texts(v) {
		n += utf8.RuneCountInString(t)
	}
	return n
}

// Texts lists everything under "text" in blocks, in their order.
func Texts(v any) (out []string) {
	switch v := v.(type) {
	case []any:
		for _, x := range v {
			out = append(out, Texts(x)...)
		}
	case obj:
		for _, k := range []string{"caption", "text", "title"} {
			if s := jsonvalue.AsString(v[k]); s != "" {
				out = append(out, s)
			}
		}
		for _, k := range []string{"text", "fields", "elements", "accessory", "label", "title", "rows",
			"subtitle", "body", "subtext", "rich_text_title", "child_blocks", "details", "output", "tasks"} {
			switch v[k].(type) {
			case obj, []any:
				out = append(out, Texts(v[k])...)
			}
		}
	}
	return out
}

// Summary is the text of a message for which only blocks were sent: what can be read in them.
func Summary(blocks json.RawMessage) string {
	var list []any
	if json.Unmarshal(blocks, &list) != nil {
		return ""
	}
	if t := strings.Join(Texts(list), " "); t != "" {
		return t
	}
	return "This content can't be displayed."
}

// textOf is what a text object says.
func textOf(v any) string {
	t, _ := v.(obj)
	return jsonvalue.AsString(t["text"])
}
