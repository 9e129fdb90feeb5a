package emulator

import (
	"crypto/rand"
	"encoding/json"
	"strings"
)

// input says how one kind of interactive element carries what a person chose.
type input struct {
	value   string // the field of an action and of a state value
	initial string // the element's field that presets it
}

// inputs lists the elements that keep a state. Buttons, overflow menus and workflow buttons keep none.
var inputs = map[string]input{
	"plain_text_input":           {"value", "initial_value"},
	"email_text_input":           {"value", "initial_value"},
	"url_text_input":             {"value", "initial_value"},
	"number_input":               {"value", "initial_value"},
	"rich_text_input":            {"rich_text_value", "initial_value"},
	"static_select":              {"selected_option", "initial_option"},
	"external_select":            {"selected_option", "initial_option"},
	"radio_buttons":              {"selected_option", "initial_option"},
	"users_select":               {"selected_user", "initial_user"},
	"conversations_select":       {"selected_conversation", "initial_conversation"},
	"channels_select":            {"selected_channel", "initial_channel"},
	"multi_static_select":        {"selected_options", "initial_options"},
	"multi_external_select":      {"selected_options", "initial_options"},
	"checkboxes":                 {"selected_options", "initial_options"},
	"multi_users_select":         {"selected_users", "initial_users"},
	"multi_conversations_select": {"selected_conversations", "initial_conversations"},
	"multi_channels_select":      {"selected_channels", "initial_channels"},
	"datepicker":                 {"selected_date", "initial_date"},
	"timepicker":                 {"selected_time", "initial_time"},
	"datetimepicker":             {"selected_date_time", "initial_date_time"},
	"file_input":                 {"files", ""},
}

// multiple says whether an element's value is a list, empty rather than null when nothing is chosen.
func (in input) multiple() bool { return strings.HasSuffix(in.value, "s") }

// element is an interactive element and the block it stands in.
type element struct {
	block obj
	obj
}

func (e element) kind() string    { return str(e.obj["type"]) }
func (e element) blockID() string { return str(e.block["block_id"]) }
func (e element) id() string      { return str(e.obj["action_id"]) }

// label is the text on a button.
func (e element) label() string { return textOf(e.obj["text"]) }

func str(v any) string { s, _ := v.(string); return s }

func textOf(v any) string {
	t, _ := v.(obj)
	return str(t["text"])
}

// each calls f for every block, and for the blocks inside containers, carousels and plans.
func each(blocks []any, f func(block obj)) {
	for _, b := range blocks {
		block, ok := b.(obj)
		if !ok {
			continue
		}
		f(block)
		each(listOf(block["child_blocks"]), f)
		each(listOf(block["tasks"]), f)
		if str(block["type"]) == "carousel" {
			each(listOf(block["elements"]), f)
		}
	}
}

func listOf(v any) []any { l, _ := v.([]any); return l }

// elements lists the interactive elements of blocks, in their order.
func elements(blocks []any) []element {
	var out []element
	each(blocks, func(block obj) {
		for _, v := range parts(block) {
			if e, ok := v.(obj); ok && interactive(str(e["type"])) {
				out = append(out, element{block, e})
			}
		}
	})
	return out
}

// parts are the places in a block where an element may stand: beside a section, in an input, in a row of actions, under
// a card, in a cell of a data table.
func parts(block obj) []any {
	all := []any{block["accessory"], block["element"]}
	all = append(all, listOf(block["elements"])...)
	all = append(all, listOf(block["actions"])...)
	for _, row := range listOf(block["rows"]) {
		for _, cell := range listOf(row) {
			all = append(all, asObj(cell)["element"])
		}
	}
	return all
}

func interactive(kind string) bool {
	_, keeps := inputs[kind]
	return keeps || kind == "button" || kind == "overflow" || kind == "workflow_button" ||
		kind == "feedback_buttons" || kind == "icon_button"
}

// identify gives every block and every interactive element without an id one of its own, as Slack does.
func (s *Server) identify(blocks []any) []any {
	each(blocks, func(block obj) {
		if str(block["block_id"]) == "" {
			block["block_id"] = rand.Text()[:5]
		}
	})
	for _, e := range elements(blocks) {
		if e.id() == "" {
			e.obj["action_id"] = rand.Text()[:5]
		}
	}
	return blocks
}

// initialState is what a form holds before anybody touches it. channel is where it was opened, "" for nowhere: menus of
// conversations may begin with it.
func initialState(blocks []any, channel string) obj {
	values := obj{}
	for _, e := range elements(blocks) {
		in, keeps := inputs[e.kind()]
		if !keeps {
			continue
		}
		v := obj{"type": e.kind(), in.value: e.obj[in.initial]}
		here := e.obj["default_to_current_conversation"] == true && channel != ""
		switch {
		case v[in.value] != nil:
		case in.multiple() && here:
			v[in.value] = []any{channel}
		case in.multiple():
			v[in.value] = []any{}
		case here:
			v[in.value] = channel
		}
		set(values, e.blockID(), e.id(), v)
	}
	return values
}

func set(values obj, block, action string, v obj) {
	b, ok := values[block].(obj)
	if !ok {
		b = obj{}
		values[block] = b
	}
	b[action] = v
}

// overlay puts the values that were given over those of a form; what the form does not have is left out.
func overlay(values, given obj) {
	for block, actions := range given {
		for action, v := range asObj(actions) {
			if have, ok := asObj(values[block])[action].(obj); ok {
				kind := str(have["type"])
				if n, ok := asObj(v)[inputs[kind].value]; ok {
					have[inputs[kind].value] = n
				}
			}
		}
	}
}

func asObj(v any) obj { o, _ := v.(obj); return o }

// parse reads blocks that were checked before.
func parse(blocks json.RawMessage) []any {
	var list []any
	_ = json.Unmarshal(blocks, &list) // nil for no blocks
	return list
}

// clone copies a JSON value.
func clone[T any](v T) T {
	var out T
	if err := json.Unmarshal(raw(v), &out); err != nil {
		panic("emulator: clone: " + err.Error())
	}
	return out
}
