package webapi

import (
	"encoding/json"

	"github.com/stationmaster/stationmaster/bot/emulator/blockkit"
)

// validateBlocks is blocks.validate: it says what is wrong with blocks, a message or a view, and keeps nothing.
// Pointers begin at the value that was sent. Of the constraints only the one of types is documented.
func validateBlocks(c *call) (obj, *Failure) {
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
	var r *blockkit.Report
	if sent == "blocks" {
		var blocks any
		ok = ok && json.Unmarshal(v, &blocks) == nil
		r = blockkit.CheckBlocks(blocks, "")
	} else {
		var body obj
		ok = ok && json.Unmarshal(v, &body) == nil
		r = blockkit.CheckPayload(sent, body)
	}
	if !ok {
		return nil, invalidArguments("must be valid JSON [json-pointer:/" + sent + "]")
	}
	if len(r.Problems) == 0 {
		return nil, nil
	}
	errs := []obj{}
	for _, p := range r.Problems {
		e := obj{"code": "failed_constraint", "message": p.Message, "pointer": p.Pointer}
		if p.Constraint != nil {
			e["constraint"] = p.Constraint
		}
		errs = append(errs, e)
	}
	return nil, &Failure{"invalid_" + sent, obj{"errors": errs,
		"response_metadata": obj{"messages": errorMessages(r.Words())}}}
}
