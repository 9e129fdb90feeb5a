package emulator_test

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/emulator"
)

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

// Slack brings new blocks to one workspace after the other: where one is not there yet, it is refused by its name.
func TestWorkspaceRefusesBlocksThatItDoesNotHaveYet(t *testing.T) {
	plan := slack.NewPlanBlock("Steps").WithTasks(slack.NewTaskCardBlock("1", "Roll out").WithStatus(slack.TaskCardStatusInProgress))
	for _, c := range []struct {
		without []string
		want    []string
	}{
		{nil, nil},
		{[]string{"plan"}, []string{"[ERROR] unsupported type: plan [json-pointer:/blocks/1/type]"}},
		{[]string{"task_card"}, []string{"[ERROR] unsupported type: task_card [json-pointer:/blocks/1/tasks/0/type]"}},
	} {
		w := start(t, func(config *emulator.Config) { config.Team.WithoutBlocks = c.without })
		_, _, err := w.api.PostMessage(w.ChannelID(deploys), slack.MsgOptionBlocks(slack.NewDividerBlock(), plan))
		refused, _ := errors.AsType[slack.SlackErrorResponse](err)
		if got := refused.ResponseMetadata.Messages; !slices.Equal(got, c.want) {
			t.Errorf("without %v: %v, want %v", c.without, got, c.want)
		}
	}
}
