package blockkit_test

import (
	"fmt"
	"testing"
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
		{"plan", o{"type": "plan", "title": "p", "tasks": l{task}}, o{"type": "plan", "title": "p", "tasks": l{card}}, "unsupported type: card [json-pointer:/blocks/0/tasks/0/type]"},
		{"context actions", strip(many(5, iconic)...), strip(many(6, iconic)...), "no more than 5 items allowed [json-pointer:/blocks/0/elements]"},
		{"feedback", strip(feedback), strip(with(feedback, "negative_button", o{"text": words("plain_text", 1)})), "missing required field: value [json-pointer:/blocks/0/elements/0/negative_button]"},
		{"feedback text", strip(feedback), strip(with(feedback, "positive_button", o{"text": words("plain_text", 76), "value": "y"})), "must be less than 76 characters [json-pointer:/blocks/0/elements/0/positive_button/text/text]"},
		{"icon", strip(icon), strip(with(icon, "icon", "fire")), "value must be one of: trash [json-pointer:/blocks/0/elements/0/icon]"},
		{"icon value", strip(icon), strip(with(icon, "value", xs(2001))), "must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]"},
		{"alert in a message", section(1), o{"type": "alert", "text": words("mrkdwn", 1)}, "unsupported type: alert [json-pointer:/blocks/0/type]"},
	})
}
