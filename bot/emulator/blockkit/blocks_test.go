package blockkit_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/bot/emulator/blockkit"
	"github.com/stationmaster/stationmaster/bot/emulator/jsonvalue"
)

type o = map[string]any
type l = []any

func xs(n int) string { return strings.Repeat("x", n) }

func words(kind string, n int) o { return o{"type": kind, "text": xs(n)} }

func many(n int, f func(i int) any) l {
	out := l{}
	for i := range n {
		out = append(out, f(i))
	}
	return out
}

func push(i int) any {
	return o{"type": "button", "text": words("plain_text", 1), "action_id": fmt.Sprint(i)}
}

func choice(i int) any { return o{"text": words("plain_text", 1), "value": fmt.Sprint(i)} }

func section(n int) o { return o{"type": "section", "text": words("mrkdwn", n)} }

func with(base o, kv ...any) o {
	out := o{}
	for k, v := range base {
		out[k] = v
	}
	for i := 0; i < len(kv); i += 2 {
		out[kv[i].(string)] = kv[i+1]
	}
	return out
}

func without(base o, keys ...string) o {
	out := with(base)
	for _, k := range keys {
		delete(out, k)
	}
	return out
}

func actions(e ...any) o { return o{"type": "actions", "elements": e} }

func menu(n int) o { return o{"type": "static_select", "options": many(n, choice)} }

// limit is one rule of Block Kit, once just kept and once just broken.
type limit struct {
	name         string
	fine, broken any
	complain     string
}

// hold checks both sides of every limit and wants Slack's words and pointer for the broken one.
func hold(t *testing.T, limits []limit) {
	t.Helper()
	for _, c := range limits {
		if errs := blockkit.CheckBlocks(sent(c.fine), "/blocks").Words(); len(errs) > 0 {
			t.Errorf("%s: what is allowed was refused: %v", c.name, errs)
		}
		if errs := blockkit.CheckBlocks(sent(c.broken), "/blocks").Words(); !slices.Contains(errs, c.complain) {
			t.Errorf("%s: want %q\ngot %v", c.name, c.complain, errs)
		}
	}
}

// sent is a message's only block as it comes over the wire.
func sent(block any) l { return jsonvalue.Clone(l{block}) }

func TestBlockLimitsAreSlacks(t *testing.T) {
	b := push(0).(o)
	confirm := o{"title": words("plain_text", 100), "text": words("mrkdwn", 300), "confirm": words("plain_text", 30), "deny": words("plain_text", 30)}
	hold(t, []limit{
		{"section text", section(3000), section(3001), "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"},
		{"empty text", section(1), section(0), "must be more than 0 characters [json-pointer:/blocks/0/text/text]"},
		{"section without text", section(1), o{"type": "section"}, "must define either `text` or `fields` [json-pointer:/blocks/0]"},
		{"fields", o{"type": "section", "fields": many(10, func(int) any { return words("mrkdwn", 1) })},
			o{"type": "section", "fields": many(11, func(int) any { return words("mrkdwn", 1) })}, "no more than 10 items allowed [json-pointer:/blocks/0/fields]"},
		{"field", o{"type": "section", "fields": l{words("mrkdwn", 2000)}}, o{"type": "section", "fields": l{words("mrkdwn", 2001)}},
			"must be less than 2001 characters [json-pointer:/blocks/0/fields/0/text]"},
		{"header", o{"type": "header", "text": words("plain_text", 150)}, o{"type": "header", "text": words("plain_text", 151)},
			"must be less than 151 characters [json-pointer:/blocks/0/text/text]"},
		{"header mrkdwn", o{"type": "header", "text": words("plain_text", 1)}, o{"type": "header", "text": words("mrkdwn", 1)},
			"unsupported type: mrkdwn [json-pointer:/blocks/0/text/type]"},
		{"actions", actions(many(25, push)...), actions(many(26, push)...), "no more than 25 items allowed [json-pointer:/blocks/0/elements]"},
		{"action ids", actions(push(1), push(2)), actions(push(1), push(1)), "`action_id` already exists: 1 [json-pointer:/blocks/0/elements]"},
		{"context", o{"type": "context", "elements": many(10, func(int) any { return words("mrkdwn", 1) })},
			o{"type": "context", "elements": many(11, func(int) any { return words("mrkdwn", 1) })}, "no more than 10 items allowed [json-pointer:/blocks/0/elements]"},
		{"button text", actions(with(b, "text", words("plain_text", 75))), actions(with(b, "text", words("plain_text", 76))),
			"must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]"},
		{"button value", actions(with(b, "value", xs(2000))), actions(with(b, "value", xs(2001))),
			"must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]"},
		{"button url", actions(with(b, "url", xs(3000))), actions(with(b, "url", xs(3001))),
			"must be less than 3001 characters [json-pointer:/blocks/0/elements/0/url]"},
		{"button disabled", actions(b), actions(with(b, "disabled", true)), "invalid additional property: disabled [json-pointer:/blocks/0/elements/0]"},
		{"action_id", actions(with(b, "action_id", xs(255))), actions(with(b, "action_id", xs(256))),
			"must be less than 256 characters [json-pointer:/blocks/0/elements/0/action_id]"},
		{"block_id", with(section(1), "block_id", xs(255)), with(section(1), "block_id", xs(256)),
			"must be less than 256 characters [json-pointer:/blocks/0/block_id]"},
		{"confirm title", actions(with(b, "confirm", confirm)), actions(with(b, "confirm", with(confirm, "title", words("plain_text", 101)))),
			"must be less than 101 characters [json-pointer:/blocks/0/elements/0/confirm/title/text]"},
		{"confirm text", actions(with(b, "confirm", confirm)), actions(with(b, "confirm", with(confirm, "text", words("mrkdwn", 301)))),
			"must be less than 301 characters [json-pointer:/blocks/0/elements/0/confirm/text/text]"},
		{"confirm button", actions(with(b, "confirm", confirm)), actions(with(b, "confirm", with(confirm, "deny", words("plain_text", 31)))),
			"must be less than 31 characters [json-pointer:/blocks/0/elements/0/confirm/deny/text]"},
		{"options", actions(menu(100)), actions(menu(101)), "no more than 100 items allowed [json-pointer:/blocks/0/elements/0/options]"},
		{"option value", actions(o{"type": "static_select", "options": l{with(choice(0).(o), "value", xs(150))}}),
			actions(o{"type": "static_select", "options": l{with(choice(0).(o), "value", xs(151))}}),
			"must be less than 151 characters [json-pointer:/blocks/0/elements/0/options/0/value]"},
		{"option text", actions(o{"type": "static_select", "options": l{with(choice(0).(o), "text", words("plain_text", 75))}}),
			actions(o{"type": "static_select", "options": l{with(choice(0).(o), "text", words("plain_text", 76))}}),
			"must be less than 76 characters [json-pointer:/blocks/0/elements/0/options/0/text/text]"},
		{"placeholder", actions(with(menu(1), "placeholder", words("plain_text", 150))), actions(with(menu(1), "placeholder", words("plain_text", 151))),
			"must be less than 151 characters [json-pointer:/blocks/0/elements/0/placeholder/text]"},
		{"checkboxes", actions(o{"type": "checkboxes", "options": many(10, choice)}), actions(o{"type": "checkboxes", "options": many(11, choice)}),
			"no more than 10 items allowed [json-pointer:/blocks/0/elements/0/options]"},
		{"radio buttons", actions(o{"type": "radio_buttons", "options": many(10, choice)}), actions(o{"type": "radio_buttons", "options": many(11, choice)}),
			"no more than 10 items allowed [json-pointer:/blocks/0/elements/0/options]"},
		{"overflow", actions(o{"type": "overflow", "options": many(5, choice)}), actions(o{"type": "overflow", "options": many(6, choice)}),
			"no more than 5 items allowed [json-pointer:/blocks/0/elements/0/options]"},
		{"image", o{"type": "image", "image_url": "u", "alt_text": xs(2000)}, o{"type": "image", "image_url": "u", "alt_text": xs(2001)},
			"must be less than 2001 characters [json-pointer:/blocks/0/alt_text]"},
		{"image without alt", o{"type": "image", "image_url": "u", "alt_text": ""}, o{"type": "image", "image_url": "u"},
			"missing required field: alt_text [json-pointer:/blocks/0]"},
		{"markdown", o{"type": "markdown", "text": xs(12_000)}, o{"type": "markdown", "text": xs(12_001)},
			"must be less than 12001 characters [json-pointer:/blocks/0/text]"},
		{"table", o{"type": "table", "rows": many(100, func(int) any { return l{o{"type": "raw_text", "text": "x"}} })},
			o{"type": "table", "rows": many(101, func(int) any { return l{o{"type": "raw_text", "text": "x"}} })},
			"no more than 100 items allowed [json-pointer:/blocks/0/rows]"},
		{"table cells", o{"type": "table", "rows": l{many(20, func(int) any { return o{"type": "raw_text", "text": "x"} })}},
			o{"type": "table", "rows": l{many(21, func(int) any { return o{"type": "raw_text", "text": "x"} })}},
			"no more than 20 items allowed [json-pointer:/blocks/0/rows/0]"},
		{"unknown type", o{"type": "divider"}, o{"type": "nonsense"}, "unsupported type: nonsense [json-pointer:/blocks/0/type]"},
		{"unknown property", o{"type": "divider"}, o{"type": "divider", "color": "red"}, "invalid additional property: color [json-pointer:/blocks/0]"},
	})
}
