package blockkit

import (
	"maps"
	"unicode/utf8"

	"github.com/stationmaster/stationmaster/bot/emulator/jsonvalue"
)

// This file is Block Kit's limits as a table: one line for each property that Slack documents.

// commonBlock are the properties of every block.
var commonBlock = fields{"block_id": opt(func(r *Report, v any, at string) {
	chars(0, 255)(r, v, at)
	if id := jsonvalue.AsString(v); id != "" && r.seen[id] {
		r.add(at, "`block_id` already exists: %s", id)
	} else {
		r.seen[id] = true
	}
})}

// block is any block.
func block(r *Report, v any, at string) {
	typed(func() map[string]shape { return blockShapes }, commonBlock)(r, v, at)
}

// elementOf is an element of one of the types.
func elementOf(types ...string) check {
	return typed(func() map[string]shape { return elementShapes }, nil, types...)
}

var (
	selects = []string{"static_select", "external_select", "users_select", "conversations_select", "channels_select"}
	multis  = []string{"multi_static_select", "multi_external_select", "multi_users_select",
		"multi_conversations_select", "multi_channels_select"}
	pickers = []string{"datepicker", "timepicker", "datetimepicker", "checkboxes", "radio_buttons"}
	typing  = []string{"plain_text_input", "email_text_input", "url_text_input", "number_input", "rich_text_input",
		"file_input"}

	accessories = join([]string{"button", "image", "overflow", "workflow_button"}, selects, multis, pickers)
	actions     = join([]string{"button", "overflow", "workflow_button", "rich_text_input"}, selects, multis, pickers)
	formFields  = join(typing, selects, multis, pickers)
)

func join(lists ...[]string) (out []string) {
	for _, l := range lists {
		out = append(out, l...)
	}
	return out
}

var blockShapes map[string]shape

// The tables refer to checks that refer to the tables, hence init.
func init() {
	blockShapes = map[string]shape{
		"section": {fields: fields{
			"text": opt(anyText(3000)), "fields": opt(list(1, 10, anyText(2000))),
			"accessory": opt(elementOf(accessories...)), "expand": opt(boolean),
		}, also: func(r *Report, o obj, at string) {
			if o["text"] == nil && o["fields"] == nil {
				r.add(at, "must define either `text` or `fields`")
			}
		}},
		"header":  {fields: fields{"text": must(plain(150)), "level": opt(number(1, 4))}},
		"divider": {},
		"context": {fields: fields{"elements": must(list(1, 10, contextElement))}},
		"actions": {fields: fields{"elements": must(list(1, 25, elementOf(actions...)))}, also: uniqueActions("elements")},
		"input": {fields: fields{
			"label": must(plain(2000)), "element": must(elementOf(formFields...)), "hint": opt(plain(2000)),
			"optional": opt(boolean), "dispatch_action": opt(boolean),
		}},
		"image": {fields: fields{
			"image_url": opt(chars(1, 3000)), "slack_file": opt(slackFile), "alt_text": must(chars(0, 2000)),
			"title": opt(plain(2000)),
		}, also: imageSource},
		"video": {fields: fields{
			"title": must(plain(200)), "title_url": opt(chars(1, 3000)), "video_url": must(chars(1, 3000)),
			"thumbnail_url": must(chars(1, 3000)), "alt_text": must(chars(0, 2000)), "description": opt(plain(200)),
			"author_name": opt(chars(0, 50)), "provider_name": opt(chars(0, 50)), "provider_icon_url": opt(chars(1, 3000)),
		}},
		"file": {fields: fields{"external_id": must(chars(1, 255)), "source": must(oneOf("remote"))},
			surfaces: []string{"message"}},
		"markdown":  {fields: fields{"text": must(chars(1, MarkdownMax))}, also: allMarkdown, surfaces: []string{"message"}},
		"rich_text": {fields: richText},
		"call":      {open: true, surfaces: []string{"message"}}, // only Slack itself makes them
	}
	for _, more := range []map[string]shape{cardBlocks(), dataBlocks()} {
		maps.Copy(blockShapes, more)
	}
}

// MarkdownMax is how many characters all markdown blocks of a message may have together.
const MarkdownMax = 12_000

// allMarkdown refuses the block with which a message's markdown becomes too long.
func allMarkdown(r *Report, o obj, at string) {
	n := utf8.RuneCountInString(jsonvalue.AsString(o["text"]))
	if r.markdown += n; n <= MarkdownMax && r.markdown > MarkdownMax {
		r.add(at+"/text", "must be less than %d characters", MarkdownMax+1)
	}
}

// contextElement is a text or an image.
func contextElement(r *Report, v any, at string) {
	if o, ok := v.(obj); ok && jsonvalue.AsString(o["type"]) != "image" {
		anyText(3000)(r, v, at)
		return
	}
	elementOf("image")(r, v, at)
}

// imageSource wants exactly one of the two places that an image can come from.
func imageSource(r *Report, o obj, at string) {
	switch {
	case o["image_url"] == nil && o["slack_file"] == nil:
		r.add(at, "missing required field: image_url")
	case o["image_url"] != nil && o["slack_file"] != nil:
		r.add(at, "must define either `image_url` or `slack_file`")
	}
}

// slackFile names an uploaded image, by its id or its address.
func slackFile(r *Report, v any, at string) {
	object(shape{fields: fields{"id": opt(chars(1, 255)), "url": opt(chars(1, 3000))},
		also: func(r *Report, o obj, at string) {
			if (o["id"] == nil) == (o["url"] == nil) {
				r.add(at, "must define either `id` or `url`")
			}
		}})(r, v, at)
}

// uniqueActions refuses two elements of one block with the same action_id; the field holds the elements.
func uniqueActions(field string) func(*Report, obj, string) {
	return func(r *Report, o obj, at string) {
		seen := map[string]bool{}
		list, _ := o[field].([]any)
		for _, e := range list {
			id := jsonvalue.AsString(jsonvalue.AsObject(e)["action_id"])
			if id != "" && seen[id] {
				r.add(at+"/"+field, "`action_id` already exists: %s", id)
			}
			seen[id] = true
		}
	}
}

// viewShapes are the two kinds of views.
var viewShapes map[string]shape

func init() {
	common := func() fields {
		return fields{"blocks": must(list(0, 100, block)), "private_metadata": opt(chars(0, 3000)),
			"callback_id": opt(chars(0, 255)), "external_id": opt(chars(0, 255))}
	}
	modal := common()
	modal["title"], modal["submit"], modal["close"] = must(plain(24)), opt(plain(24)), opt(plain(24))
	modal["clear_on_close"], modal["notify_on_close"] = opt(boolean), opt(boolean)
	viewShapes = map[string]shape{
		"modal": {fields: modal, also: func(r *Report, o obj, at string) {
			blocks, _ := o["blocks"].([]any)
			for _, b := range blocks {
				if jsonvalue.AsString(jsonvalue.AsObject(b)["type"]) == "input" && o["submit"] == nil {
					r.add(at, "missing required field: submit")
					return
				}
			}
		}},
		"home": {fields: common()},
	}
}
