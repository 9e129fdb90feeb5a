package blockkit

import "github.com/stationmaster/stationmaster/bot/emulator/jsonvalue"

// CheckBlocks holds a message's blocks against what Slack takes; at is where they stand. unknown are types of blocks
// that this workspace does not take yet.
func CheckBlocks(blocks any, at string, unknown ...string) *Report {
	r := newReport("message")
	r.unknown = unknown
	list(0, 50, block)(r, blocks, at)
	r.oneFocus(blocks, at)
	return r
}

// CheckView holds a view against what Slack takes. kind is modal, home, or empty for either.
func CheckView(v obj, kind, at string) *Report {
	got := jsonvalue.AsString(v["type"])
	r := newReport(got)
	s, ok := viewShapes[got]
	switch {
	case got == "":
		r.add(at, "missing required field: type")
	case !ok || kind != "" && kind != got:
		r.unsupported(at, got, []string{"modal", "home"})
	default:
		s.apply(r, v, at, nil)
		r.oneFocus(v["blocks"], at+"/blocks")
	}
	return r
}

// CheckChoices holds the options or option_groups that an app offers for an external menu against what Slack takes.
func CheckChoices(offered obj) *Report {
	r := newReport("message")
	if v, ok := offered["options"]; ok {
		list(0, 100, plainOption)(r, v, "/options")
	}
	if v, ok := offered["option_groups"]; ok {
		list(0, 100, optionGroup)(r, v, "/option_groups")
	}
	return r
}

// oneFocus allows one element with focus_on_load. Slack documents the rule and not its words.
func (r *Report) oneFocus(blocks any, at string) {
	l, _ := blocks.([]any)
	n := 0
	for _, e := range Elements(l) {
		if e.Body["focus_on_load"] == true {
			n++
		}
	}
	if n > 1 {
		r.add(at, "only one element can set `focus_on_load` to true")
	}
}

// CheckPayload holds a whole message, with the blocks of its attachments, or a whole view.
func CheckPayload(kind string, body obj) *Report {
	if kind == "view" {
		return CheckView(body, "", "")
	}
	r := newReport("message")
	fields := shape{open: true, fields: fields{
		"blocks":      opt(list(0, 50, block)),
		"attachments": opt(list(0, 100, object(shape{open: true, fields: fields{"blocks": opt(list(0, 50, block))}}))),
	}}
	fields.apply(r, body, "", nil)
	r.oneFocus(body["blocks"], "/blocks")
	return r
}
