package blockkit

import (
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
	"time"

	"github.com/stationmaster/stationmaster/bot/emulator/jsonvalue"
)

// elementShapes are the elements inside blocks.
var elementShapes map[string]shape

// preset are properties that many elements share.
func preset(more fields) fields {
	f := fields{"action_id": opt(chars(0, 255)), "confirm": opt(confirmation), "focus_on_load": opt(boolean),
		"placeholder": opt(plain(150))}
	for k, v := range more {
		f[k] = v
	}
	return f
}

// confirmation is the dialog that asks "are you sure".
func confirmation(r *Report, v any, at string) {
	object(shape{fields: fields{"title": must(plain(100)), "text": must(anyText(300)), "confirm": must(plain(30)),
		"deny": must(plain(30)), "style": opt(oneOf("primary", "danger"))}})(r, v, at)
}

// option is one choice of a menu; text says which kinds of text it may show.
func option(text check, url bool) check {
	f := fields{"text": must(text), "value": must(chars(1, 150)), "description": opt(text)}
	if url {
		f["url"] = opt(chars(1, 3000))
	}
	return object(shape{fields: f})
}

var (
	plainOption = option(plain(75), false)
	anyOption   = option(anyText(75), false)
)

// optionGroup is a labelled list of options.
func optionGroup(r *Report, v any, at string) {
	object(shape{fields: fields{"label": must(plain(75)), "options": must(list(1, 100, plainOption))}})(r, v, at)
}

// choices wants options or option_groups, and only one of them.
func choices(r *Report, o obj, at string) {
	if (o["options"] == nil) == (o["option_groups"] == nil) {
		r.add(at, "must define either `options` or `option_groups`")
	}
	among(r, o, at)
}

// among wants what is preset to be exactly one of the options. Slack documents the rule and not its words.
func among(r *Report, o obj, at string) {
	all, _ := o["options"].([]any)
	groups, _ := o["option_groups"].([]any)
	for _, g := range groups {
		l, _ := jsonvalue.AsObject(g)["options"].([]any)
		all = append(slices.Clone(all), l...)
	}
	there := func(v any) bool {
		return slices.ContainsFunc(all, func(x any) bool { return reflect.DeepEqual(x, v) })
	}
	if one := o["initial_option"]; one != nil && !there(one) {
		r.add(at+"/initial_option", "must match one of the options")
	}
	several, _ := o["initial_options"].([]any)
	for i, v := range several {
		if !there(v) {
			r.add(at+"/initial_options/"+strconv.Itoa(i), "must match one of the options")
		}
	}
}

// ordered refuses a least value above the greatest; both are numbers, or texts of numbers.
func ordered(low, high string) func(*Report, obj, string) {
	value := func(v any) (float64, bool) {
		if s, ok := v.(string); ok {
			n, err := strconv.ParseFloat(s, 64)
			return n, err == nil
		}
		n, ok := v.(float64)
		return n, ok
	}
	return func(r *Report, o obj, at string) {
		a, haveLow := value(o[low])
		b, haveHigh := value(o[high])
		if haveLow && haveHigh && a > b {
			r.add(at+"/"+high, "must be greater than or equal to %v", o[low])
		}
	}
}

// like is a time of day or a date as the layout has it; shown is how Slack's documentation writes the layout.
func like(layout, shown string) check {
	return func(r *Report, v any, at string) {
		s := jsonvalue.AsString(v)
		if t, err := time.Parse(layout, s); err != nil || t.Format(layout) != s {
			r.add(at, "must be in the format %s", shown)
		}
	}
}

// workflow is what a workflow button starts.
func workflow(r *Report, v any, at string) {
	parameter := object(shape{fields: fields{"name": must(chars(1, 3000)), "value": must(chars(0, 3000))}})
	trigger := object(shape{fields: fields{"url": must(chars(1, 3000)),
		"customizable_input_parameters": opt(list(0, 100, parameter))}})
	object(shape{fields: fields{"trigger": must(trigger)}})(r, v, at)
}

func init() {
	dispatch := opt(object(shape{fields: fields{
		"trigger_actions_on": opt(list(1, 2, oneOf("on_enter_pressed", "on_character_entered")))}}))
	filter := opt(object(shape{fields: fields{"include": opt(list(1, 4, oneOf("im", "mpim", "private", "public"))),
		"exclude_external_shared_channels": opt(boolean), "exclude_bot_users": opt(boolean)}}))
	options, groups := opt(list(1, 100, plainOption)), opt(list(1, 100, optionGroup))
	id, ids := opt(chars(1, 255)), opt(list(0, 100, chars(1, 255)))
	most, least, response := opt(number(1, math.MaxInt32)), opt(number(0, math.MaxInt32)), opt(boolean)
	text := func(high float64) fields {
		return fields{"initial_value": opt(chars(0, 3000)), "multiline": opt(boolean), "dispatch_action_config": dispatch,
			"min_length": opt(number(0, high)), "max_length": opt(number(1, high))}
	}
	line := fields{"initial_value": opt(chars(0, 3000)), "dispatch_action_config": dispatch}

	elementShapes = map[string]shape{
		"button": {fields: fields{
			"text": must(plain(75)), "action_id": opt(chars(0, 255)), "url": opt(chars(0, 3000)),
			"value": opt(chars(0, 2000)), "style": opt(oneOf("primary", "danger")), "confirm": opt(confirmation),
			"accessibility_label": opt(chars(0, 75)),
		}},
		"workflow_button": {fields: fields{
			"text": must(plain(75)), "action_id": opt(chars(0, 255)), "style": opt(oneOf("primary", "danger")),
			"accessibility_label": opt(chars(0, 75)), "confirm": opt(confirmation), "workflow": must(workflow)}},
		"image": {fields: fields{"image_url": opt(chars(1, 3000)), "slack_file": opt(slackFile),
			"alt_text": must(chars(0, 2000))}, also: imageSource},
		"overflow": {fields: fields{"action_id": opt(chars(0, 255)), "confirm": opt(confirmation),
			"options": must(list(1, 5, option(plain(75), true)))}},
		"checkboxes": {fields: fields{"action_id": opt(chars(0, 255)), "confirm": opt(confirmation),
			"focus_on_load": opt(boolean), "options": must(list(1, 10, anyOption)),
			"initial_options": opt(list(1, 10, anyOption))}, also: among},
		"radio_buttons": {fields: fields{"action_id": opt(chars(0, 255)), "confirm": opt(confirmation),
			"focus_on_load": opt(boolean), "options": must(list(1, 10, anyOption)), "initial_option": opt(anyOption)},
			also: among},

		"plain_text_input": {fields: preset(text(3000)), also: ordered("min_length", "max_length")},
		"email_text_input": {fields: preset(line)},
		"url_text_input":   {fields: preset(line)},
		"rich_text_input": {fields: preset(fields{"initial_value": opt(richTextValue),
			"dispatch_action_config": dispatch})},
		"number_input": {fields: preset(fields{"is_decimal_allowed": must(boolean), "initial_value": opt(chars(0, 255)),
			"min_value": opt(chars(0, 255)), "max_value": opt(chars(0, 255)), "dispatch_action_config": dispatch}),
			also: ordered("min_value", "max_value")},
		"file_input": {fields: fields{"action_id": opt(chars(0, 255)), "filetypes": opt(list(1, 100, chars(1, 20))),
			"max_files": opt(number(1, 10))}, surfaces: []string{"modal"}},

		"datepicker": {fields: preset(fields{"initial_date": opt(like("2006-01-02", "YYYY-MM-DD"))})},
		"timepicker": {fields: preset(fields{"initial_time": opt(like("15:04", "HH:mm")), "timezone": opt(chars(1, 100))})},
		"datetimepicker": {fields: fields{"action_id": opt(chars(0, 255)), "confirm": opt(confirmation),
			"focus_on_load": opt(boolean), "initial_date_time": opt(number(1_000_000_000, 9_999_999_999))}},

		"static_select": {fields: preset(fields{"options": options, "option_groups": groups,
			"initial_option": opt(plainOption)}), also: choices},
		"external_select": {fields: preset(fields{"initial_option": opt(plainOption), "min_query_length": least})},
		"users_select":    {fields: preset(fields{"initial_user": id})},
		"conversations_select": {fields: preset(fields{"initial_conversation": id, "response_url_enabled": response,
			"default_to_current_conversation": opt(boolean), "filter": filter})},
		"channels_select": {fields: preset(fields{"initial_channel": id, "response_url_enabled": response})},
		"multi_static_select": {fields: preset(fields{"options": options, "option_groups": groups,
			"initial_options": opt(list(1, 100, plainOption)), "max_selected_items": most}), also: choices},
		"multi_external_select": {fields: preset(fields{"initial_options": opt(list(1, 100, plainOption)),
			"min_query_length": least, "max_selected_items": most})},
		"multi_users_select": {fields: preset(fields{"initial_users": ids, "max_selected_items": most})},
		"multi_conversations_select": {fields: preset(fields{"initial_conversations": ids, "max_selected_items": most,
			"default_to_current_conversation": opt(boolean), "filter": filter})},
		"multi_channels_select": {fields: preset(fields{"initial_channels": ids, "max_selected_items": most})},
	}
	for _, more := range []map[string]shape{richElements(), cardElements(), dataElements()} {
		maps.Copy(elementShapes, more)
	}
}
