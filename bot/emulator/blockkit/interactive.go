package blockkit

import (
	"crypto/rand"
	"encoding/json"

	"github.com/stationmaster/stationmaster/bot/emulator/jsonvalue"
)

// Element is an interactive element and the block it stands in.
type Element struct {
	block obj
	Body  obj // the element itself
}

func (e Element) kind() string { return jsonvalue.AsString(e.Body["type"]) }

// BlockID is the id of the block that the element stands in.
func (e Element) BlockID() string { return jsonvalue.AsString(e.block["block_id"]) }

// ID is the element's action_id.
func (e Element) ID() string { return jsonvalue.AsString(e.Body["action_id"]) }

// Label is the text on a button.
func (e Element) Label() string { return textOf(e.Body["text"]) }

// each calls f for every block, and for the blocks inside containers, carousels and plans.
func each(blocks []any, f func(block obj)) {
	for _, b := range blocks {
		block, ok := b.(obj)
		if !ok {
			continue
		}
		f(block)
		each(jsonvalue.AsList(block["child_blocks"]), f)
		each(jsonvalue.AsList(block["tasks"]), f)
		if jsonvalue.AsString(block["type"]) == "carousel" {
			each(jsonvalue.AsList(block["elements"]), f)
		}
	}
}

// Elements lists the interactive elements of blocks, in their order.
func Elements(blocks []any) []Element {
	var out []Element
	each(blocks, func(block obj) {
		for _, v := range parts(block) {
			if e, ok := v.(obj); ok && interactive(jsonvalue.AsString(e["type"])) {
				out = append(out, Element{block, e})
			}
		}
	})
	return out
}

// parts are the places in a block where an element may stand: beside a section, in an input, in a row of actions, under
// a card, in a cell of a data table.
func parts(block obj) []any {
	all := []any{block["accessory"], block["element"]}
	all = append(all, jsonvalue.AsList(block["elements"])...)
	all = append(all, jsonvalue.AsList(block["actions"])...)
	for _, row := range jsonvalue.AsList(block["rows"]) {
		for _, cell := range jsonvalue.AsList(row) {
			all = append(all, jsonvalue.AsObject(cell)["element"])
		}
	}
	return all
}

func interactive(kind string) bool {
	_, keeps := inputs[kind]
	return keeps || kind == "button" || kind == "overflow" || kind == "workflow_button" ||
		kind == "feedback_buttons" || kind == "icon_button"
}

// Identify gives every block and every interactive element without an id one of its own, as Slack does.
func Identify(blocks []any) []any {
	each(blocks, func(block obj) {
		if jsonvalue.AsString(block["block_id"]) == "" {
			block["block_id"] = rand.Text()[:5]
		}
	})
	for _, e := range Elements(blocks) {
		if e.ID() == "" {
			e.Body["action_id"] = rand.Text()[:5]
		}
	}
	return blocks
}

// Parse reads blocks that were checked before.
func Parse(blocks json.RawMessage) []any {
	var list []any
	_ = json.Unmarshal(blocks, &list) // nil for no blocks
	return list
}
