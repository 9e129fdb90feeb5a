package emulator_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/emulator"
)

func rich(parts ...any) o { return o{"type": "rich_text", "elements": append(l{}, parts...)} }

func part(kind string, spans ...any) o { return o{"type": kind, "elements": append(l{}, spans...)} }

func TestRichTextLimitsAreSlacks(t *testing.T) {
	w := start(t)
	span := func(e o) o { return rich(part("rich_text_section", e)) }
	bullets := o{"type": "rich_text_list", "style": "bullet", "elements": l{part("rich_text_section", o{"type": "text", "text": "x"})}}
	const at = " [json-pointer:/blocks/0/elements/0"
	w.hold([]limit{
		{"text", span(o{"type": "text", "text": "x", "style": o{"bold": true, "code": true}}), span(o{"type": "text", "text": ""}),
			"must be more than 0 characters" + at + "/elements/0/text]"},
		{"style", span(o{"type": "text", "text": "x", "style": o{"strike": true}}), span(o{"type": "text", "text": "x", "style": o{"blink": true}}),
			"invalid additional property: blink" + at + "/elements/0/style]"},
		{"link", span(o{"type": "link", "url": "https://x", "text": "x"}), span(o{"type": "link", "text": "x"}),
			"missing required field: url" + at + "/elements/0]"},
		{"emoji", span(o{"type": "emoji", "name": "tada", "skin_tone": 6}), span(o{"type": "emoji", "name": "tada", "skin_tone": 7}),
			"must be less than or equal to 6" + at + "/elements/0/skin_tone]"},
		{"user", span(o{"type": "user", "user_id": "UALICE"}), span(o{"type": "user", "id": "UALICE"}), "missing required field: user_id" + at + "/elements/0]"},
		{"usergroup", span(o{"type": "usergroup", "usergroup_id": "S1"}), span(o{"type": "usergroup"}), "missing required field: usergroup_id" + at + "/elements/0]"},
		{"channel", span(o{"type": "channel", "channel_id": "C1"}), span(o{"type": "channel"}), "missing required field: channel_id" + at + "/elements/0]"},
		{"team", span(o{"type": "team", "team_id": "T1"}), span(o{"type": "team"}), "missing required field: team_id" + at + "/elements/0]"},
		{"broadcast", span(o{"type": "broadcast", "range": "here"}), span(o{"type": "broadcast", "range": "all"}),
			"value must be one of: here, channel, everyone" + at + "/elements/0/range]"},
		{"color", span(o{"type": "color", "value": "#FF0000"}), span(o{"type": "color"}), "missing required field: value" + at + "/elements/0]"},
		{"date", span(o{"type": "date", "timestamp": 1720710212, "format": "{date_num}"}), span(o{"type": "date", "timestamp": "now", "format": "{date_num}"}),
			"must provide an integer" + at + "/elements/0/timestamp]"},
		{"span type", span(o{"type": "text", "text": "x"}), span(o{"type": "mrkdwn", "text": "x"}), "unsupported type: mrkdwn" + at + "/elements/0/type]"},
		{"list style", rich(bullets), rich(with(bullets, "style", "roman")), "value must be one of: bullet, ordered" + at + "/style]"},
		{"list border", rich(with(bullets, "border", 1)), rich(with(bullets, "border", 2)), "must be less than or equal to 1" + at + "/border]"},
		{"list indent", rich(with(bullets, "indent", 8)), rich(with(bullets, "indent", 9)), "must be less than or equal to 8" + at + "/indent]"},
		{"quote", rich(part("rich_text_quote", o{"type": "text", "text": "x"})), rich(part("rich_text_quote", "x")), "must provide an object" + at + "/elements/0]"},
		{"preformatted", rich(part("rich_text_preformatted", o{"type": "text", "text": "x"})), rich(o{"type": "rich_text_preformatted"}),
			"missing required field: elements" + at + "]"},
		{"part type", rich(part("rich_text_section")), rich(part("section")), "unsupported type: section" + at + "/type]"},
	})
}

func TestTableLimitsAreSlacks(t *testing.T) {
	w := start(t)
	text := func(s string) o { return o{"type": "raw_text", "text": s} }
	table := func(rows ...any) o { return o{"type": "table", "rows": rows} }
	data := o{"type": "data_table", "caption": "c", "rows": l{l{text("h")}, l{text("x")}}}
	row := func(int) any { return l{text("x")} }
	w.hold([]limit{
		{"cells together", table(l{text(xs(10_000))}), table(l{text(xs(5000)), text(xs(5001))}), "must be less than 10001 characters [json-pointer:/blocks/0/rows]"},
		{"cell", table(l{rich(part("rich_text_section", o{"type": "text", "text": "x"})), o{"type": "raw_number", "value": 1.5, "text": "1.5"}}),
			table(l{text("")}), "must be more than 0 characters [json-pointer:/blocks/0/rows/0/0/text]"},
		{"cell type", table(l{text("x")}), table(l{words("mrkdwn", 1)}), "unsupported type: mrkdwn [json-pointer:/blocks/0/rows/0/0/type]"},
		{"columns", with(table(l{text("x")}), "column_settings", l{nil, o{"align": "right", "is_wrapped": true}}),
			with(table(l{text("x")}), "column_settings", l{o{"align": "top"}}), "value must be one of: left, center, right [json-pointer:/blocks/0/column_settings/0/align]"},
		{"column settings", with(table(l{text("x")}), "column_settings", many(20, func(int) any { return nil })),
			with(table(l{text("x")}), "column_settings", many(21, func(int) any { return nil })), "no more than 20 items allowed [json-pointer:/blocks/0/column_settings]"},
		{"data rows", with(data, "rows", many(101, row)), with(data, "rows", many(102, row)), "no more than 101 items allowed [json-pointer:/blocks/0/rows]"},
		{"data without rows", data, with(data, "rows", many(1, row)), "no less than 2 items allowed [json-pointer:/blocks/0/rows]"},
		{"data columns", data, with(data, "rows", l{l{text("a"), text("b")}, l{text("x")}}),
			"must have the same number of cells as the first row [json-pointer:/blocks/0/rows/1]"},
		{"data header", data, with(data, "rows", l{l{rich()}, l{text("x")}}), "unsupported type: rich_text [json-pointer:/blocks/0/rows/0/0/type]"},
		{"data page", with(data, "page_size", 100), with(data, "page_size", 101), "must be less than or equal to 100 [json-pointer:/blocks/0/page_size]"},
		{"data caption", data, o{"type": "data_table", "rows": data["rows"]}, "missing required field: caption [json-pointer:/blocks/0]"},
		{"data header column", with(data, "row_header_column_index", 0), with(data, "row_header_column_index", -1),
			"must be greater than or equal to 0 [json-pointer:/blocks/0/row_header_column_index]"},
		{"data action", with(data, "rows", l{l{text("h")}, l{o{"type": "action_cell", "element": push(1), "fallback": text("x")}}}),
			with(data, "rows", l{l{text("h")}, l{o{"type": "action_cell", "element": menu(1)}}}), "unsupported type: static_select [json-pointer:/blocks/0/rows/1/0/element/type]"},
	})
}

func TestChartLimitsAreSlacks(t *testing.T) {
	w := start(t)
	show := func(chart o) o { return o{"type": "data_visualization", "title": "t", "chart": chart} }
	pie := func(n int) o {
		return o{"type": "pie", "segments": many(n, func(i int) any { return o{"label": fmt.Sprint(i), "value": 1} })}
	}
	points := func(labels ...any) l {
		return many(len(labels), func(i int) any { return o{"label": labels[i], "value": -1.5} })
	}
	line := func(names ...string) o {
		return o{"type": "line", "axis_config": o{"categories": l{"a", "b"}},
			"series": many(len(names), func(i int) any { return o{"name": names[i], "data": points("a", "b")} })}
	}
	w.hold([]limit{
		{"title", with(show(pie(1)), "title", xs(50)), with(show(pie(1)), "title", xs(51)), "must be less than 51 characters [json-pointer:/blocks/0/title]"},
		{"segments", show(pie(6)), show(pie(7)), "no more than 6 items allowed [json-pointer:/blocks/0/chart/segments]"},
		{"segment", show(pie(1)), show(o{"type": "pie", "segments": l{o{"label": "a", "value": 0}}}), "must be greater than 0 [json-pointer:/blocks/0/chart/segments/0/value]"},
		{"chart type", show(pie(1)), show(with(pie(1), "type", "donut")), "unsupported type: donut [json-pointer:/blocks/0/chart/type]"},
		{"series", show(line("1", "2", "3", "4", "5", "6")), show(line("1", "2", "3", "4", "5", "6", "7")), "no more than 6 items allowed [json-pointer:/blocks/0/chart/series]"},
		{"series name", show(with(line("a"), "type", "bar")), show(line("a", "a")), "must be unique among the series [json-pointer:/blocks/0/chart/series/1/name]"},
		{"points", show(with(line("a"), "type", "area")), show(with(line("a"), "series", l{o{"name": "a", "data": points("a")}})),
			"must have one point for every category [json-pointer:/blocks/0/chart/series/0/data]"},
		{"label", show(line("a")), show(with(line("a"), "series", l{o{"name": "a", "data": points("a", "c")}})),
			"must match one of the categories, each once [json-pointer:/blocks/0/chart/series/0/data/1/label]"},
		{"axis", show(with(line("a"), "axis_config", o{"categories": l{"a", "b"}, "x_label": xs(50)})),
			show(with(line("a"), "axis_config", o{"categories": l{"a", "b"}, "x_label": xs(51)})), "must be less than 51 characters [json-pointer:/blocks/0/chart/axis_config/x_label]"},
	})
}

func TestCardLimitsAreSlacks(t *testing.T) {
	w := start(t)
	card := o{"type": "card", "title": words("mrkdwn", 150), "actions": l{push(1), push(2)}}
	box := func(blocks ...any) o {
		return o{"type": "container", "title": words("plain_text", 150), "child_blocks": blocks}
	}
	task := o{"type": "task_card", "task_id": "1", "title": "t", "status": "complete", "details": rich(),
		"sources": l{o{"type": "url", "url": "https://x", "text": "x"}}}
	feedback := o{"type": "feedback_buttons", "positive_button": o{"text": words("plain_text", 75), "value": "y"}, "negative_button": o{"text": words("plain_text", 1), "value": "n"}}
	icon := o{"type": "icon_button", "icon": "trash", "text": words("plain_text", 1), "value": xs(2000)}
	strip := func(e ...any) o { return o{"type": "context_actions", "elements": e} }
	iconic := func(i int) any { return with(icon, "action_id", fmt.Sprint(i)) }
	w.hold([]limit{
		{"card title", card, with(card, "title", words("mrkdwn", 151)), "must be less than 151 characters [json-pointer:/blocks/0/title/text]"},
		{"card body", with(card, "body", words("mrkdwn", 200)), with(card, "body", words("mrkdwn", 201)), "must be less than 201 characters [json-pointer:/blocks/0/body/text]"},
		{"card subtitle", with(card, "subtitle", words("plain_text", 150)), with(card, "subtitle", words("mrkdwn", 151)), "must be less than 151 characters [json-pointer:/blocks/0/subtitle/text]"},
		{"empty card", card, o{"type": "card", "subtitle": words("mrkdwn", 1)}, "must define at least one of `hero_image`, `title`, `actions`, or `body` [json-pointer:/blocks/0]"},
		{"card action", card, with(card, "actions", l{menu(1)}), "unsupported type: static_select [json-pointer:/blocks/0/actions/0/type]"},
		{"card action ids", card, with(card, "actions", l{push(1), push(1)}), "`action_id` already exists: 1 [json-pointer:/blocks/0/actions]"},
		{"card icon", with(card, "slack_icon", o{"type": "icon", "name": "rocket"}), with(card, "slack_icon", o{"type": "icon", "name": "train"}), iconWords},
		{"carousel", o{"type": "carousel", "elements": many(10, func(int) any { return card })}, o{"type": "carousel", "elements": many(11, func(int) any { return card })},
			"no more than 10 items allowed [json-pointer:/blocks/0/elements]"},
		{"container", box(many(10, func(int) any { return section(1) })...), box(many(11, func(int) any { return section(1) })...), "no more than 10 items allowed [json-pointer:/blocks/0/child_blocks]"},
		{"container title", box(section(1)), o{"type": "container", "child_blocks": l{section(1)}}, "must define either `title` or `rich_text_title` [json-pointer:/blocks/0]"},
		// The one refusal of blocks.validate that a client's tests quote.
		{"container child", box(section(1)), box(o{"type": "markdown", "text": "x"}), "unsupported type: markdown [json-pointer:/blocks/0/child_blocks/0/type]"},
		{"container width", with(box(section(1)), "width", "full"), with(box(section(1)), "width", "huge"), "value must be one of: narrow, standard, wide, full [json-pointer:/blocks/0/width]"},
		{"collapsed container", with(box(section(1)), "is_collapsible", true, "default_collapsed", true), with(box(section(1)), "default_collapsed", true),
			"requires `is_collapsible` to be true [json-pointer:/blocks/0/default_collapsed]"},
		{"task status", task, with(task, "status", "done"), "value must be one of: pending, in_progress, complete, error [json-pointer:/blocks/0/status]"},
		{"task source", task, with(task, "sources", l{o{"type": "url", "url": "https://x"}}), "missing required field: text [json-pointer:/blocks/0/sources/0]"},
		{"plan", o{"type": "plan", "title": "p", "tasks": l{task}}, o{"type": "plan", "title": "p", "tasks": l{card}}, "unsupported type: card [json-pointer:/blocks/0/tasks/0/type]"},
		{"context actions", strip(many(5, iconic)...), strip(many(6, iconic)...), "no more than 5 items allowed [json-pointer:/blocks/0/elements]"},
		{"feedback", strip(feedback), strip(with(feedback, "negative_button", o{"text": words("plain_text", 1)})), "missing required field: value [json-pointer:/blocks/0/elements/0/negative_button]"},
		{"feedback text", strip(feedback), strip(with(feedback, "positive_button", o{"text": words("plain_text", 76), "value": "y"})), "must be less than 76 characters [json-pointer:/blocks/0/elements/0/positive_button/text/text]"},
		{"icon", strip(icon), strip(with(icon, "icon", "fire")), "value must be one of: trash [json-pointer:/blocks/0/elements/0/icon]"},
		{"icon value", strip(icon), strip(with(icon, "value", xs(2001))), "must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]"},
		{"alert in a message", section(1), o{"type": "alert", "text": words("mrkdwn", 1)}, "unsupported type: alert [json-pointer:/blocks/0/type]"},
	})
}

const iconWords = "value must be one of: archive, book, bookmark, bot, bug, calendar, call, caret-left, caret-right, check, clipboard, " +
	"code, comment, compass, copy, cube, download, edit, email, eye-closed, eye-open, file, flag, folder, gear, globe, heart, help, " +
	"image, info, key, lightbulb, link, map, mobile, new-window, pin, plus, refine, refresh, rocket, save, screen, share, sparkle, " +
	"star, star-filled, tag, thumbs-down, thumbs-up, trash, upload, user, warning [json-pointer:/blocks/0/slack_icon/name]"

func TestElementLimitsAreSlacks(t *testing.T) {
	w := start(t)
	field := func(e o) o { return o{"type": "input", "label": words("plain_text", 1), "element": e} }
	flow := o{"type": "workflow_button", "text": words("plain_text", 1), "workflow": o{"trigger": o{"url": "https://x"}}}
	pick := o{"type": "static_select", "options": l{choice(1), choice(2)}}
	w.hold([]limit{
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

// What only the whole of a message or view shows: focus, ids in blocks inside blocks, markdown in several blocks.
func TestRulesAcrossBlocksAreKept(t *testing.T) {
	w := start(t)
	post := func(blocks ...any) answer {
		return w.json("chat.postMessage", o{"channel": "CTANGERINEDEPLOYS", "text": "x", "blocks": blocks})
	}
	focus := func(id string) o { return with(menu(1), "focus_on_load", true, "action_id", id) }
	for _, c := range []struct {
		name     string
		answer   answer
		complain string
	}{
		{"two with focus", post(actions(focus("1")), actions(focus("2"))), "only one element can set `focus_on_load` to true [json-pointer:/blocks]"},
		{"ids", post(with(section(1), "block_id", "a"), o{"type": "container", "title": words("plain_text", 1), "child_blocks": l{with(section(1), "block_id", "a")}}),
			"`block_id` already exists: a [json-pointer:/blocks/1/child_blocks/0/block_id]"},
		{"markdown", post(o{"type": "markdown", "text": xs(6000)}, o{"type": "markdown", "text": xs(6001)}), "must be less than 12001 characters [json-pointer:/blocks/1/text]"},
	} {
		if c.answer.Error != "invalid_blocks" || !slices.Contains(c.answer.Errors, c.complain) {
			t.Errorf("%s: %s %v", c.name, c.answer.Error, c.answer.Errors)
		}
	}
	a := post(o{"type": "carousel", "elements": l{o{"type": "card", "actions": l{with(push(0).(o), "action_id", "")}}}})
	var blocks []struct {
		Elements []struct {
			ID      string `json:"block_id"`
			Actions []struct {
				ID string `json:"action_id"`
			}
		}
	}
	w.must(json.Unmarshal(a.Message.Blocks, &blocks))
	card := blocks[0].Elements[0]
	if card.ID == "" || card.Actions[0].ID == "" {
		t.Fatalf("a card in a carousel got no ids: %s", a.Message.Blocks)
	}
	f := w.sent(func() error {
		return w.Act(w.ctx(), emulator.Action{User: "alice", Channel: deploys, MessageTS: a.TS, BlockID: card.ID, ActionID: card.Actions[0].ID})
	})
	if act := f.Payload["actions"].(l)[0].(o); act["block_id"] != card.ID {
		t.Errorf("a click in a carousel: %v", act)
	}
}

func TestModalOnlyBlocksAreRefusedElsewhere(t *testing.T) {
	w := start(t)
	modal := o{"type": "modal", "title": words("plain_text", 1), "submit": words("plain_text", 1)}
	field := func(e o) o { return o{"type": "input", "label": words("plain_text", 1), "element": e} }
	for _, c := range []struct {
		name     string
		block    o
		complain string
	}{
		{"alert", o{"type": "alert", "text": words("mrkdwn", 200), "level": "warning"}, ""},
		{"long alert", o{"type": "alert", "text": words("mrkdwn", 201)}, "[ERROR] must be less than 201 characters [json-pointer:/view/blocks/0/text/text]"},
		{"alert level", o{"type": "alert", "text": words("mrkdwn", 1), "level": "fatal"}, "[ERROR] value must be one of: default, info, warning, error, success [json-pointer:/view/blocks/0/level]"},
		{"files", field(o{"type": "file_input", "max_files": 10}), ""},
		{"many files", field(o{"type": "file_input", "max_files": 11}), "[ERROR] must be less than or equal to 10 [json-pointer:/view/blocks/0/element/max_files]"},
		{"container", o{"type": "container", "title": words("plain_text", 1), "child_blocks": l{section(1)}}, "[ERROR] unsupported type: container [json-pointer:/view/blocks/0/type]"},
		{"carousel", o{"type": "carousel", "elements": l{o{"type": "card", "title": words("mrkdwn", 1)}}}, "[ERROR] unsupported type: carousel [json-pointer:/view/blocks/0/type]"},
		{"card", o{"type": "card", "title": words("mrkdwn", 1)}, ""},
		{"table", o{"type": "table", "rows": l{}}, "[ERROR] unsupported type: table [json-pointer:/view/blocks/0/type]"},
	} {
		a := w.json("views.open", o{"trigger_id": "t", "view": with(modal, "blocks", l{c.block})})
		if c.complain == "" && a.Error != "invalid_trigger_id" || c.complain != "" && !slices.Contains(a.Meta.Messages, c.complain) {
			t.Errorf("%s: %s %v", c.name, a.Error, a.Meta.Messages)
		}
	}
}

// slack-go's own marshalling of the newer blocks must pass.
func TestNewBlocksOfSlackGoAreTaken(t *testing.T) {
	w := start(t)
	text := slack.NewRichTextBlock("r", slack.NewRichTextSection(slack.NewRichTextSectionTextElement("x", nil)),
		slack.NewRichTextList(slack.RTEListBullet, 0, slack.NewRichTextSection(slack.NewRichTextSectionLinkElement("https://x", "x", nil))))
	card := slack.NewCardBlock()
	card.Title = mrkdwn("T")
	pie := slack.NewDataVisualizationBlock("t", slack.NewDataVisualizationPieChart(slack.NewDataVisualizationSegment("a", 1)))
	table := &slack.DataTableBlock{Type: slack.MBTDataTable, Caption: "c", Rows: [][]slack.DataTableCell{
		{slack.NewDataTableRawTextCell("h")}, {slack.NewDataTableRawNumberCell(1)}}}
	_, _, err := w.api.PostMessage(w.ChannelID(deploys), slack.MsgOptionBlocks(text, card, pie, table,
		slack.NewMarkdownBlock("m", "**x**")))
	w.must(err)
}
