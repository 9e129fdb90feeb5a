package blockkit

import (
	"maps"
	"math"
	"slices"
)

// cardBlocks are the blocks of 2025 and 2026 that group other things: cards, containers, tasks, alerts.
func cardBlocks() map[string]shape {
	picture, rich := opt(elementOf("image")), opt(richTextValue)
	message := []string{"message"}
	return map[string]shape{
		"alert": {fields: fields{"text": must(anyText(200)),
			"level": opt(oneOf("default", "info", "warning", "error", "success"))}, surfaces: []string{"modal"}},
		"card": {fields: fields{"hero_image": picture, "icon": picture, "slack_icon": opt(slackIcon),
			"title": opt(anyText(150)), "subtitle": opt(anyText(150)), "body": opt(anyText(200)), "subtext": opt(anyText(200)),
			"actions": opt(list(1, math.MaxInt, elementOf("button")))}, also: fullCard},
		"carousel": {fields: fields{"elements": must(list(1, 10, blockOf("card")))}, surfaces: []string{"message", "home"}},
		"container": {fields: fields{"title": opt(plain(150)), "rich_text_title": rich, "subtitle": opt(anyText(150)),
			"icon": picture, "width": opt(oneOf("narrow", "standard", "wide", "full")), "is_collapsible": opt(boolean),
			"default_collapsed": opt(boolean), "has_header_divider": opt(boolean),
			"child_blocks": must(list(1, 10, blockOf("actions", "context", "divider", "file", "header", "image", "input",
				"rich_text", "section", "table", "video")))}, also: titledContainer, surfaces: message},
		"context_actions": {fields: fields{"elements": must(list(1, 5, elementOf("feedback_buttons", "icon_button")))},
			also: uniqueActions("elements"), surfaces: message},
		"task_card": {fields: fields{"task_id": must(chars(1, 255)), "title": must(chars(1, 3000)),
			"status": opt(oneOf("pending", "in_progress", "complete", "error")), "details": rich, "output": rich,
			"sources": opt(list(0, math.MaxInt, elementOf("url"))), "hide_title": opt(boolean)}, surfaces: message},
		"plan": {fields: fields{"title": must(chars(1, 3000)), "tasks": opt(list(0, 50, task))}, surfaces: message},
	}
}

// blockOf is a block of one of the types inside another.
func blockOf(types ...string) check {
	return typed(func() map[string]shape { return blockShapes }, commonBlock, types...)
}

// task is one of a plan's, which needs no type: the documentation's example has none.
func task(r *Report, v any, at string) {
	if o, ok := v.(obj); ok && o["type"] == nil {
		typed := maps.Clone(o)
		typed["type"], v = "task_card", typed
	}
	blockOf("task_card")(r, v, at)
}

func fullCard(r *Report, o obj, at string) {
	if !slices.ContainsFunc([]string{"hero_image", "title", "actions", "body"}, func(k string) bool { return o[k] != nil }) {
		r.add(at, "must define at least one of `hero_image`, `title`, `actions`, or `body`")
	}
	uniqueActions("actions")(r, o, at)
}

func titledContainer(r *Report, o obj, at string) {
	if o["title"] == nil && o["rich_text_title"] == nil {
		r.add(at, "must define either `title` or `rich_text_title`")
	}
	if o["default_collapsed"] == true && o["is_collapsible"] != true {
		r.add(at+"/default_collapsed", "requires `is_collapsible` to be true")
	}
}

// slackIcons are the names that the documentation of the Slack icon object lists.
var slackIcons = []string{"archive", "book", "bookmark", "bot", "bug", "calendar", "call", "caret-left", "caret-right",
	"check", "clipboard", "code", "comment", "compass", "copy", "cube", "download", "edit", "email", "eye-closed",
	"eye-open", "file", "flag", "folder", "gear", "globe", "heart", "help", "image", "info", "key", "lightbulb", "link",
	"map", "mobile", "new-window", "pin", "plus", "refine", "refresh", "rocket", "save", "screen", "share", "sparkle",
	"star", "star-filled", "tag", "thumbs-down", "thumbs-up", "trash", "upload", "user", "warning"}

func slackIcon(r *Report, v any, at string) {
	typed(func() map[string]shape {
		return map[string]shape{"icon": {fields: fields{"name": must(oneOf(slackIcons...))}}}
	}, nil)(r, v, at)
}

// cardElements are the elements that stand in those blocks only.
func cardElements() map[string]shape {
	feedback := must(object(shape{fields: fields{"text": must(plain(75)), "value": must(chars(0, 2000)),
		"accessibility_label": opt(chars(0, 75))}}))
	return map[string]shape{
		"feedback_buttons": {fields: fields{"action_id": opt(chars(0, 255)), "positive_button": feedback,
			"negative_button": feedback}},
		"icon_button": {fields: fields{"icon": must(oneOf("trash")), "text": must(plain(75)),
			"action_id": opt(chars(0, 255)), "value": opt(chars(0, 2000)), "confirm": opt(confirmation),
			"accessibility_label": opt(chars(0, 75)), "visible_to_user_ids": opt(list(0, math.MaxInt, chars(1, 255)))}},
		"url": {fields: fields{"url": must(chars(1, 3000)), "text": must(chars(1, 3000))}},
	}
}
