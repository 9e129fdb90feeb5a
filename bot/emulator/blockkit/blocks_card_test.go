package blockkit_test

import (
	"fmt"
	"testing"

	"github.com/stationmaster/stationmaster/bot/emulator/blockkit"
)

const iconWords = "value must be one of: archive, book, bookmark, bot, bug, calendar, call, caret-left, caret-right, check, clipboard, " +
	"code, comment, compass, copy, cube, download, edit, email, eye-closed, eye-open, file, flag, folder, gear, globe, heart, help, " +
	"image, info, key, lightbulb, link, map, mobile, new-window, pin, plus, refine, refresh, rocket, save, screen, share, sparkle, " +
	"star, star-filled, tag, thumbs-down, thumbs-up, trash, upload, user, warning [json-pointer:/blocks/0/slack_icon/name]"

func TestCardLimitsAreSlacks(t *testing.T) {
	card := o{"type": "card", "title": words("mrkdwn", 150), "actions": l{push(1), push(2)}}
	box := func(blocks ...any) o {
		return o{"type": "container", "title": words("plain_text", 150), "child_blocks": blocks}
	}
	task := o{"type": "task_card", "task_id": "1", "title": "t", "status": "complete", "details": rich(),
		"sources": l{o{"type": "url", "url": "https://x", "text": "x"}}}
	plan := func(tasks ...any) o { return o{"type": "plan", "title": "p", "tasks": tasks} }
	feedback := o{"type": "feedback_buttons", "positive_button": o{"text": words("plain_text", 75), "value": "y"}, "negative_button": o{"text": words("plain_text", 1), "value": "n"}}
	icon := o{"type": "icon_button", "icon": "trash", "text": words("plain_text", 1), "value": xs(2000)}
	strip := func(e ...any) o { return o{"type": "context_actions", "elements": e} }
	iconic := func(i int) any { return with(icon, "action_id", fmt.Sprint(i)) }
	hold(t, []limit{
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
		{"task without an id", task, without(task, "task_id"), "missing required field: task_id [json-pointer:/blocks/0]"},
		{"task without a status", without(task, "status"), with(task, "status", ""), "value must be one of: pending, in_progress, complete, error [json-pointer:/blocks/0/status]"},
		{"task title", with(task, "title", xs(256)), with(task, "title", ""), "must be more than 0 characters [json-pointer:/blocks/0/title]"},
		{"task title is bare", task, with(task, "title", words("plain_text", 1)), "must provide a string [json-pointer:/blocks/0/title]"},
		{"task details", with(task, "output", rich()), with(task, "details", words("mrkdwn", 1)), "unsupported type: mrkdwn [json-pointer:/blocks/0/details/type]"},
		{"task source's type", task, with(task, "sources", l{push(1)}), "unsupported type: button [json-pointer:/blocks/0/sources/0/type]"},
		{"task block_id", with(task, "block_id", xs(255)), with(task, "block_id", xs(256)), "must be less than 256 characters [json-pointer:/blocks/0/block_id]"},
		{"hidden title", with(task, "hide_title", true), with(task, "hide_title", "yes"), "must provide a boolean [json-pointer:/blocks/0/hide_title]"},
		{"plan title", plan(task), o{"type": "plan", "tasks": l{task}}, "missing required field: title [json-pointer:/blocks/0]"},
		{"plan's title is bare", plan(), with(plan(), "title", words("plain_text", 1)), "must provide a string [json-pointer:/blocks/0/title]"},
		{"plan without tasks", without(plan(), "tasks"), with(plan(), "tasks", task), "must provide an array [json-pointer:/blocks/0/tasks]"},
		{"plan's tasks", plan(many(50, func(int) any { return task })...), plan(many(51, func(int) any { return task })...), "no more than 50 items allowed [json-pointer:/blocks/0/tasks]"},
		{"plan's task without a type", plan(without(task, "type")), plan(without(task, "type", "title")), "missing required field: title [json-pointer:/blocks/0/tasks/0]"},
		{"plan's task status", plan(task), plan(task, with(task, "status", "completed")), "value must be one of: pending, in_progress, complete, error [json-pointer:/blocks/0/tasks/1/status]"},
		{"plan in a container", plan(), box(plan()), "unsupported type: plan [json-pointer:/blocks/0/child_blocks/0/type]"},
		{"plan in a plan", plan(), plan(plan()), "unsupported type: plan [json-pointer:/blocks/0/tasks/0/type]"},
		{"plan", o{"type": "plan", "title": "p", "tasks": l{task}}, o{"type": "plan", "title": "p", "tasks": l{card}}, "unsupported type: card [json-pointer:/blocks/0/tasks/0/type]"},
		{"context actions", strip(many(5, iconic)...), strip(many(6, iconic)...), "no more than 5 items allowed [json-pointer:/blocks/0/elements]"},
		{"feedback", strip(feedback), strip(with(feedback, "negative_button", o{"text": words("plain_text", 1)})), "missing required field: value [json-pointer:/blocks/0/elements/0/negative_button]"},
		{"feedback text", strip(feedback), strip(with(feedback, "positive_button", o{"text": words("plain_text", 76), "value": "y"})), "must be less than 76 characters [json-pointer:/blocks/0/elements/0/positive_button/text/text]"},
		{"icon", strip(icon), strip(with(icon, "icon", "fire")), "value must be one of: trash [json-pointer:/blocks/0/elements/0/icon]"},
		{"icon value", strip(icon), strip(with(icon, "value", xs(2001))), "must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]"},
		{"alert in a message", section(1), o{"type": "alert", "text": words("mrkdwn", 1)}, "unsupported type: alert [json-pointer:/blocks/0/type]"},
	})
}

// What shows an app's work is for messages alone: the documentation of both blocks names no other surface.
func TestTasksStandInMessagesAlone(t *testing.T) {
	t.Parallel()
	task := o{"type": "task_card", "task_id": "1", "title": "t"}
	for _, block := range []o{task, {"type": "plan", "title": "p", "tasks": l{task}}} {
		for _, view := range []o{{"type": "home"}, {"type": "modal", "title": words("plain_text", 5)}} {
			view["blocks"] = l{block}
			want := fmt.Sprintf("unsupported type: %s [json-pointer:/blocks/0/type]", block["type"])
			if got := blockkit.CheckView(view, "", "").Words(); len(got) != 1 || got[0] != want {
				t.Errorf("in a %s: %q, want %q", view["type"], got, want)
			}
		}
	}
}
