package blockkit_test

import "testing"

func rich(parts ...any) o { return o{"type": "rich_text", "elements": append(l{}, parts...)} }

func part(kind string, spans ...any) o { return o{"type": kind, "elements": append(l{}, spans...)} }

func TestRichTextLimitsAreSlacks(t *testing.T) {
	span := func(e o) o { return rich(part("rich_text_section", e)) }
	bullets := o{"type": "rich_text_list", "style": "bullet", "elements": l{part("rich_text_section", o{"type": "text", "text": "x"})}}
	const at = " [json-pointer:/blocks/0/elements/0"
	hold(t, []limit{
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
