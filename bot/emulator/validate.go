package emulator

import "encoding/json"

// validateBlocks is blocks.validate: it says what is wrong with blocks, a message or a view, and keeps nothing.
// Pointers begin at the value that was sent. Of the constraints only the one of types is documented.
func validateBlocks(c *call) (obj, *refusal) {
	sent := ""
	for _, name := range []string{"blocks", "message", "view"} {
		if !c.has(name) {
			continue
		}
		if sent != "" {
			return nil, invalidArguments("must provide exactly one of `blocks`, `message`, or `view`")
		}
		sent = name
	}
	v, ok := c.json(sent)
	if sent == "" || v == nil {
		return nil, invalidArguments("must provide exactly one of `blocks`, `message`, or `view`")
	}
	var r *report
	if sent == "blocks" {
		var blocks any
		ok = ok && json.Unmarshal(v, &blocks) == nil
		r = checkBlocks(blocks, "")
	} else {
		var body obj
		ok = ok && json.Unmarshal(v, &body) == nil
		r = checkPayload(sent, body)
	}
	if !ok {
		return nil, invalidArguments("must be valid JSON [json-pointer:/" + sent + "]")
	}
	if len(r.problems) == 0 {
		return nil, nil
	}
	errs := []obj{}
	for _, p := range r.problems {
		e := obj{"code": "failed_constraint", "message": p.message, "pointer": p.pointer}
		if p.constraint != nil {
			e["constraint"] = p.constraint
		}
		errs = append(errs, e)
	}
	return nil, &refusal{"invalid_" + sent, obj{"errors": errs,
		"response_metadata": obj{"messages": marked(r.words())}}}
}

// checkPayload holds a whole message, with the blocks of its attachments, or a whole view.
func checkPayload(kind string, body obj) *report {
	if kind == "view" {
		return checkView(body, "", "")
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
