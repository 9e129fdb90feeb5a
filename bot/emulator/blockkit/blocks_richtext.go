package blockkit

import "math"

// richText are the fields of a rich_text block, which is also what a rich_text_input holds.
var richText = fields{"elements": must(list(0, math.MaxInt, elementOf("rich_text_section", "rich_text_list",
	"rich_text_preformatted", "rich_text_quote")))}

// richTextValue is a rich_text block inside something else.
func richTextValue(r *Report, v any, at string) {
	typed(func() map[string]shape { return blockShapes }, commonBlock, "rich_text")(r, v, at)
}

// spans are the elements inside the parts of a rich text.
var spans = []string{"broadcast", "channel", "color", "date", "emoji", "link", "team", "text", "user", "usergroup"}

// richElements are the parts of a rich text and what may stand in them.
func richElements() map[string]shape {
	style := opt(object(shape{fields: fields{"bold": opt(boolean), "italic": opt(boolean), "strike": opt(boolean),
		"code": opt(boolean), "underline": opt(boolean), "highlight": opt(boolean), "client_highlight": opt(boolean),
		"unlink": opt(boolean)}}))
	word, id := must(chars(1, math.MaxInt)), must(chars(1, 255))
	some := func(kinds ...string) field { return must(list(0, math.MaxInt, elementOf(kinds...))) }
	border := opt(number(0, 1))
	span := func(f fields) shape {
		f["style"] = style
		return shape{fields: f}
	}
	return map[string]shape{
		"rich_text_section": {fields: fields{"elements": some(spans...)}},
		"rich_text_list": {fields: fields{"elements": some("rich_text_section"), "border": border,
			"style": must(oneOf("bullet", "ordered")), "indent": opt(number(0, 8)), "offset": opt(number(0, math.MaxInt32))}},
		"rich_text_preformatted": {fields: fields{"elements": some(spans...), "border": border,
			"language": opt(chars(0, 255))}},
		"rich_text_quote": {fields: fields{"elements": some(spans...), "border": border}},

		"text":      span(fields{"text": word}),
		"link":      span(fields{"url": must(chars(1, 3000)), "text": opt(chars(0, math.MaxInt)), "unsafe": opt(boolean)}),
		"emoji":     span(fields{"name": word, "unicode": opt(chars(0, 255)), "url": opt(chars(0, 3000)), "skin_tone": opt(number(1, 6))}),
		"user":      span(fields{"user_id": id}),
		"usergroup": span(fields{"usergroup_id": id}),
		"channel":   span(fields{"channel_id": id}),
		"team":      span(fields{"team_id": id}),
		"broadcast": span(fields{"range": must(oneOf("here", "channel", "everyone"))}),
		"color":     span(fields{"value": id}),
		"date": span(fields{"timestamp": must(number(0, math.MaxInt32*1000.0)), "format": word, "url": opt(chars(0, 3000)),
			"fallback": opt(chars(0, math.MaxInt))}),
	}
}
