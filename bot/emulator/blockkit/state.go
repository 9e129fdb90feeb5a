package blockkit

import (
	"strings"

	"github.com/stationmaster/stationmaster/bot/emulator/jsonvalue"
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

// IsChoice says whether some input puts what was chosen under a field of this name.
func IsChoice(field string) bool {
	for _, in := range inputs {
		if in.value == field {
			return true
		}
	}
	return false
}

// InitialState is what a form holds before anybody touches it. channel is where it was opened, "" for nowhere: menus of
// conversations may begin with it.
func InitialState(blocks []any, channel string) map[string]any {
	values := obj{}
	for _, e := range Elements(blocks) {
		in, keeps := inputs[e.kind()]
		if !keeps {
			continue
		}
		v := obj{"type": e.kind(), in.value: e.Body[in.initial]}
		here := e.Body["default_to_current_conversation"] == true && channel != ""
		switch {
		case v[in.value] != nil:
		case in.multiple() && here:
			v[in.value] = []any{channel}
		case in.multiple():
			v[in.value] = []any{}
		case here:
			v[in.value] = channel
		}
		setValue(values, e.BlockID(), e.ID(), v)
	}
	return values
}

// Chosen is what a form's state holds for an element.
func (e Element) Chosen(state obj) any {
	return jsonvalue.AsObject(jsonvalue.AsObject(state[e.BlockID()])[e.ID()])[inputs[e.kind()].value]
}

// Choose puts what a person chose into a form's state; elements that keep none leave it as it is.
func (e Element) Choose(state, choice obj) {
	if in, keeps := inputs[e.kind()]; keeps {
		setValue(state, e.BlockID(), e.ID(), obj{in.value: choice[in.value]})
	}
}

// setValue puts the value of one element into a form's state.
func setValue(values obj, block, action string, v obj) {
	b, ok := values[block].(obj)
	if !ok {
		b = obj{}
		values[block] = b
	}
	b[action] = v
}

// Overlay puts the values that were given over those of a form; what the form does not have is left out.
func Overlay(values, given obj) {
	for block, actions := range given {
		for action, v := range jsonvalue.AsObject(actions) {
			if have, ok := jsonvalue.AsObject(values[block])[action].(obj); ok {
				kind := jsonvalue.AsString(have["type"])
				if n, ok := jsonvalue.AsObject(v)[inputs[kind].value]; ok {
					have[inputs[kind].value] = n
				}
			}
		}
	}
}

// Missing names the required inputs that nobody filled in.
func Missing(blocks []any, state obj) map[string]string {
	out := map[string]string{}
	for _, e := range Elements(blocks) {
		if jsonvalue.AsString(e.block["type"]) != "input" || e.block["optional"] == true {
			continue
		}
		got := e.Chosen(state)
		list, isList := got.([]any)
		if got == nil || got == "" || isList && len(list) == 0 {
			out[e.BlockID()] = "Please complete this required field."
		}
	}
	return out
}
