package emulator_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/slack-go/slack"
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

func actions(e ...any) o { return o{"type": "actions", "elements": e} }

func menu(n int) o { return o{"type": "static_select", "options": many(n, choice)} }

// limit is one rule of Block Kit, once just kept and once just broken.
type limit struct {
	name         string
	fine, broken any
	complain     string
}

// hold posts both sides of every limit and wants Slack's words and pointer for the broken one.
func (w *fixture) hold(limits []limit) {
	w.t.Helper()
	for _, c := range limits {
		if a := w.json("chat.postMessage", o{"channel": "CTANGERINEDEPLOYS", "text": "x", "blocks": l{c.fine}}); !a.Ok {
			w.t.Errorf("%s: what is allowed was refused: %s %v", c.name, a.Error, a.Errors)
		}
		a := w.json("chat.postMessage", o{"channel": "CTANGERINEDEPLOYS", "text": "x", "blocks": l{c.broken}})
		if a.Error != "invalid_blocks" || !slices.Contains(a.Errors, c.complain) || !slices.Contains(a.Meta.Messages, "[ERROR] "+c.complain) {
			w.t.Errorf("%s: want %q\ngot %s %v", c.name, c.complain, a.Error, a.Errors)
		}
	}
}

// The tables of limits are held in blockkit; here, that a message which breaks one is refused with all of Slack's words.
func TestBrokenBlocksAreRefusedInSlacksWords(t *testing.T) {
	w := start(t)
	w.hold([]limit{
		{"section text", section(3000), section(3001), "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"},
		{"action ids", actions(push(1), push(2)), actions(push(1), push(1)), "`action_id` already exists: 1 [json-pointer:/blocks/0/elements]"},
		{"options", actions(menu(100)), actions(menu(101)), "no more than 100 items allowed [json-pointer:/blocks/0/elements/0/options]"},
		{"table cells", o{"type": "table", "rows": l{many(20, func(int) any { return o{"type": "raw_text", "text": "x"} })}},
			o{"type": "table", "rows": l{many(21, func(int) any { return o{"type": "raw_text", "text": "x"} })}},
			"no more than 20 items allowed [json-pointer:/blocks/0/rows/0]"},
		{"unknown type", o{"type": "divider"}, o{"type": "nonsense"}, "unsupported type: nonsense [json-pointer:/blocks/0/type]"},
		{"unknown property", o{"type": "divider"}, o{"type": "divider", "color": "red"}, "invalid additional property: color [json-pointer:/blocks/0]"},
	})
}

func TestWholeMessageLimitsAreSlacks(t *testing.T) {
	w := start(t)
	post := func(blocks l) answer {
		return w.json("chat.postMessage", o{"channel": "CTANGERINEDEPLOYS", "text": "x", "blocks": blocks})
	}
	divider := func(int) any { return o{"type": "divider"} }
	if a := post(many(50, divider)); !a.Ok {
		t.Errorf("50 blocks: %v", a.Errors)
	}
	if a := post(many(51, divider)); !slices.Contains(a.Errors, "no more than 50 items allowed [json-pointer:/blocks]") {
		t.Errorf("51 blocks: %s %v", a.Error, a.Errors)
	}
	if a := post(l{section(3000), section(3000), section(3000), section(3000), section(1300)}); a.Error != "msg_blocks_too_long" {
		t.Errorf("13,300 characters: %+v", a)
	}
	if a := post(l{with(section(1), "block_id", "a"), with(section(1), "block_id", "a")}); a.Error != "invalid_blocks" {
		t.Errorf("a block_id twice: %+v", a)
	}
	a := post(l{section(1), actions(o{"type": "button", "text": words("plain_text", 1)})})
	var blocks []struct {
		ID       string `json:"block_id"`
		Elements []struct {
			ID string `json:"action_id"`
		}
	}
	w.must(json.Unmarshal(a.Message.Blocks, &blocks))
	if blocks[0].ID == "" || blocks[1].ID == "" || blocks[1].Elements[0].ID == "" {
		t.Errorf("ids were not made up: %s", a.Message.Blocks)
	}
}

func TestViewLimitsAreSlacks(t *testing.T) {
	w := start(t)
	modal := o{"type": "modal", "title": words("plain_text", 24), "blocks": l{}}
	input := o{"type": "input", "label": words("plain_text", 2000), "element": o{"type": "plain_text_input"}}
	for _, c := range []struct {
		name     string
		view     o
		complain string
	}{
		{"title", with(modal, "title", words("plain_text", 25)), "must be less than 25 characters [json-pointer:/view/title/text]"},
		{"submit", with(modal, "submit", words("plain_text", 25)), "must be less than 25 characters [json-pointer:/view/submit/text]"},
		{"close", with(modal, "close", words("plain_text", 25)), "must be less than 25 characters [json-pointer:/view/close/text]"},
		{"private_metadata", with(modal, "private_metadata", xs(3001)), "must be less than 3001 characters [json-pointer:/view/private_metadata]"},
		{"callback_id", with(modal, "callback_id", xs(256)), "must be less than 256 characters [json-pointer:/view/callback_id]"},
		{"blocks", with(modal, "blocks", many(101, func(int) any { return o{"type": "divider"} })), "no more than 100 items allowed [json-pointer:/view/blocks]"},
		{"input without submit", with(modal, "blocks", l{input}), "missing required field: submit [json-pointer:/view]"},
		{"label", with(modal, "submit", words("plain_text", 1), "blocks", l{with(input, "label", words("plain_text", 2001))}),
			"must be less than 2001 characters [json-pointer:/view/blocks/0/label/text]"},
		{"no title", o{"type": "modal", "blocks": l{}}, "missing required field: title [json-pointer:/view]"},
		{"wrong type", with(modal, "type", "home"), "unsupported type: home [json-pointer:/view/type]"},
		{"markdown", with(modal, "blocks", l{o{"type": "markdown", "text": "x"}}), "unsupported type: markdown [json-pointer:/view/blocks/0/type]"},
		{"extra", with(modal, "submit_disabled", true), "invalid additional property: submit_disabled [json-pointer:/view]"},
	} {
		a := w.json("views.open", o{"trigger_id": "t", "view": c.view})
		if a.Error != "invalid_arguments" || !slices.Contains(a.Meta.Messages, "[ERROR] "+c.complain) {
			t.Errorf("%s: want %q\ngot %s %v", c.name, c.complain, a.Error, a.Meta.Messages)
		}
	}
	a := w.json("views.open", o{"trigger_id": "t", "view": with(modal, "submit", words("plain_text", 24), "blocks", l{input})})
	if a.Error != "invalid_trigger_id" {
		t.Errorf("a good view: %s %v", a.Error, a.Meta.Messages)
	}
}

// slack-go's own marshalling of what a bot uses must pass, omitted and empty properties included.
func TestBlocksOfSlackGoAreTaken(t *testing.T) {
	w := start(t)
	opt := slack.NewOptionBlockObject("v", plain("Text"), plain("More"))
	btn := slack.NewButtonBlockElement("a", "v", plain("B")).WithStyle(slack.StyleDanger).
		WithConfirm(slack.NewConfirmationBlockObject(plain("T"), mrkdwn("t"), plain("Y"), plain("N")))
	rich := slack.NewRichTextBlock("r", slack.NewRichTextSection(slack.NewRichTextSectionTextElement("x", nil)))
	blocks := []slack.Block{
		slack.NewHeaderBlock(plain("Header")), slack.NewDividerBlock(), rich,
		slack.NewSectionBlock(nil, []*slack.TextBlockObject{mrkdwn("*a*")}, slack.NewAccessory(slack.NewOverflowBlockElement("o", opt))),
		slack.NewContextBlock("c", mrkdwn("x"), slack.NewImageBlockElement("http://x/y.png", "alt")),
		slack.NewActionBlock("", btn, slack.NewCheckboxGroupsBlockElement("cb", opt), slack.NewDatePickerBlockElement("d"),
			slack.NewRadioButtonsBlockElement("ra", opt), slack.NewTimePickerBlockElement("ti"),
			slack.NewOptionsSelectBlockElement(slack.OptTypeUser, plain("Who"), "u")),
		slack.NewImageBlock("http://x/y.png", "alt", "", plain("Title")),
	}
	if _, _, err := w.api.PostMessage(w.ChannelID(deploys), slack.MsgOptionBlocks(blocks...)); err != nil {
		t.Fatal(err)
	}
	var back []slack.Block
	h, err := w.api.GetConversationHistory(&slack.GetConversationHistoryParameters{ChannelID: w.ChannelID(deploys)})
	w.must(err)
	back = h.Messages[0].Blocks.BlockSet
	if d := cmp.Diff(len(blocks), len(back)); d != "" {
		t.Error(d)
	}
	if h.Messages[0].Text == "" {
		t.Error("a message of blocks alone has no text to read out")
	}
}
