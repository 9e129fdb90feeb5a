package blockkit_test

import "testing"

func TestElementLimitsAreSlacks(t *testing.T) {
	field := func(e o) o { return o{"type": "input", "label": words("plain_text", 1), "element": e} }
	flow := o{"type": "workflow_button", "text": words("plain_text", 1), "workflow": o{"trigger": o{"url": "https://x"}}}
	pick := o{"type": "static_select", "options": l{choice(1), choice(2)}}
	hold(t, []limit{
		{"date", actions(o{"type": "datepicker", "initial_date": "2026-02-28"}), actions(o{"type": "datepicker", "initial_date": "2026-02-30"}),
			"must be in the format YYYY-MM-DD [json-pointer:/blocks/0/elements/0/initial_date]"},
		{"time", actions(o{"type": "timepicker", "initial_time": "23:59"}), actions(o{"type": "timepicker", "initial_time": "9:00"}),
			"must be in the format HH:mm [json-pointer:/blocks/0/elements/0/initial_time]"},
		{"date and time", actions(o{"type": "datetimepicker", "initial_date_time": 1628633820}), actions(o{"type": "datetimepicker", "initial_date_time": 162863382}),
			"must be greater than or equal to 1000000000 [json-pointer:/blocks/0/elements/0/initial_date_time]"},
		{"lengths", field(o{"type": "plain_text_input", "min_length": 1, "max_length": 3000}), field(o{"type": "plain_text_input", "max_length": 3001}),
			"must be less than or equal to 3000 [json-pointer:/blocks/0/element/max_length]"},
		{"lengths in order", field(o{"type": "plain_text_input", "min_length": 2, "max_length": 2}), field(o{"type": "plain_text_input", "min_length": 3, "max_length": 2}),
			"must be greater than or equal to 3 [json-pointer:/blocks/0/element/max_length]"},
		{"numbers in order", field(o{"type": "number_input", "is_decimal_allowed": false, "min_value": "1", "max_value": "9"}),
			field(o{"type": "number_input", "is_decimal_allowed": false, "min_value": "10", "max_value": "9"}), "must be greater than or equal to 10 [json-pointer:/blocks/0/element/max_value]"},
		{"dispatch", field(o{"type": "plain_text_input", "dispatch_action_config": o{"trigger_actions_on": l{"on_enter_pressed"}}}),
			field(o{"type": "plain_text_input", "dispatch_action_config": o{"trigger_actions_on": l{"on_blur"}}}),
			"value must be one of: on_enter_pressed, on_character_entered [json-pointer:/blocks/0/element/dispatch_action_config/trigger_actions_on/0]"},
		{"initial option", actions(with(pick, "initial_option", choice(2))), actions(with(pick, "initial_option", choice(3))),
			"must match one of the options [json-pointer:/blocks/0/elements/0/initial_option]"},
		{"initial options", actions(o{"type": "checkboxes", "options": l{choice(1)}, "initial_options": l{choice(1)}}),
			actions(o{"type": "checkboxes", "options": l{choice(1)}, "initial_options": l{choice(2)}}), "must match one of the options [json-pointer:/blocks/0/elements/0/initial_options/0]"},
		{"option groups", actions(o{"type": "static_select", "option_groups": l{o{"label": words("plain_text", 75), "options": l{choice(1)}}}, "initial_option": choice(1)}),
			actions(with(pick, "option_groups", l{o{"label": words("plain_text", 1), "options": l{choice(1)}}})), "must define either `options` or `option_groups` [json-pointer:/blocks/0/elements/0]"},
		{"group label", actions(o{"type": "static_select", "option_groups": l{o{"label": words("plain_text", 75), "options": l{choice(1)}}}}),
			actions(o{"type": "static_select", "option_groups": l{o{"label": words("plain_text", 76), "options": l{choice(1)}}}}),
			"must be less than 76 characters [json-pointer:/blocks/0/elements/0/option_groups/0/label/text]"},
		{"workflow", actions(flow), actions(with(flow, "workflow", o{"trigger": o{}})), "missing required field: url [json-pointer:/blocks/0/elements/0/workflow/trigger]"},
		{"image source", o{"type": "image", "slack_file": o{"id": "F1"}, "alt_text": "x"}, o{"type": "image", "slack_file": o{"id": "F1"}, "image_url": "u", "alt_text": "x"},
			"must define either `image_url` or `slack_file` [json-pointer:/blocks/0]"},
		{"slack file", o{"type": "image", "slack_file": o{"url": "u"}, "alt_text": "x"}, o{"type": "image", "slack_file": o{"url": "u", "id": "F1"}, "alt_text": "x"},
			"must define either `id` or `url` [json-pointer:/blocks/0/slack_file]"},
		{"button style", actions(with(push(1).(o), "style", "danger")), actions(with(push(1).(o), "style", "default")), "value must be one of: primary, danger [json-pointer:/blocks/0/elements/0/style]"},
		{"accessibility label", actions(with(push(1).(o), "accessibility_label", xs(75))), actions(with(push(1).(o), "accessibility_label", xs(76))),
			"must be less than 76 characters [json-pointer:/blocks/0/elements/0/accessibility_label]"},
		{"conversation filter", actions(o{"type": "conversations_select", "filter": o{"include": l{"public"}}}), actions(o{"type": "conversations_select", "filter": o{"include": l{}}}),
			"no less than 1 items allowed [json-pointer:/blocks/0/elements/0/filter/include]"},
		{"file input", field(o{"type": "plain_text_input"}), field(o{"type": "file_input"}), "unsupported type: file_input [json-pointer:/blocks/0/element/type]"},
		{"hint", with(field(o{"type": "plain_text_input"}), "hint", words("plain_text", 2000)), with(field(o{"type": "plain_text_input"}), "hint", words("plain_text", 2001)),
			"must be less than 2001 characters [json-pointer:/blocks/0/hint/text]"},
		{"image title", o{"type": "image", "image_url": "u", "alt_text": "x", "title": words("plain_text", 2000)},
			o{"type": "image", "image_url": "u", "alt_text": "x", "title": words("plain_text", 2001)}, "must be less than 2001 characters [json-pointer:/blocks/0/title/text]"},
	})
}
