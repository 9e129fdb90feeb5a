package webapi

import (
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/stationmaster/stationmaster/bot/emulator/blockkit"
	"github.com/stationmaster/stationmaster/bot/emulator/jsonvalue"
	"github.com/stationmaster/stationmaster/bot/emulator/workspace"
)

// Limits on text, in characters.
const (
	PostMax       = 40_000
	updateMax     = 4_000
	blocksTextMax = 13_200 // all text in all blocks together; observed, not documented
	metadataMax   = 16_384 // bytes
)

// Draft is a message as a caller sent it, checked but not yet posted.
type Draft struct {
	text        string
	blocks      json.RawMessage // nil: not sent; []: sent, empty
	attachments json.RawMessage
	metadata    *workspace.Metadata
	noMetadata  bool // metadata was sent as {}
	files       []workspace.File
	Thread      string
	username    string
	icons       workspace.Icons
	mrkdwn      *bool
}

// ReadDraft checks what a message is made of.
func (s *API) ReadDraft(a Args, limit int) (*Draft, *Failure) {
	d := &Draft{text: a.Str("text"), Thread: a.Str("thread_ts"), username: a.Str("username"),
		icons: workspace.Icons{Emoji: a.Str("icon_emoji"), Image: a.Str("icon_url")}}
	if md := a.Str("markdown_text"); md != "" {
		if d.text != "" || a.has("blocks") {
			return nil, refuse("markdown_text_conflict")
		}
		if utf8.RuneCountInString(md) > 12_000 {
			return nil, refuse("msg_too_long")
		}
		d.text = md
	}
	if utf8.RuneCountInString(d.text) > limit {
		return nil, refuse("msg_too_long")
	}
	if a.has("mrkdwn") && !a.bool("mrkdwn") {
		d.mrkdwn = new(bool)
	}
	var ref *Failure
	if d.blocks, ref = s.readBlocks(a); ref != nil {
		return nil, ref
	}
	if ref := d.readAttachments(a); ref != nil {
		return nil, ref
	}
	if ref := d.readMetadata(a); ref != nil {
		return nil, ref
	}
	if d.Thread != "" {
		if _, ok := workspace.Micros(d.Thread); !ok || !strings.Contains(d.Thread, ".") {
			return nil, refuse("invalid_thread_ts")
		}
	}
	for _, id := range a.list("file_ids") {
		f, ok := s.ws.Files.Uploaded(id)
		if !ok {
			return nil, refuse("file_not_found")
		}
		d.files = append(d.files, f)
	}
	return d, nil
}

// readBlocks checks the blocks and gives each the ids that Slack would give it.
func (s *API) readBlocks(a Args) (json.RawMessage, *Failure) {
	v, ok := a.json("blocks")
	if !ok {
		return nil, refuse("invalid_blocks_format")
	}
	if v == nil {
		return nil, nil
	}
	var list []any
	if json.Unmarshal(v, &list) != nil {
		return nil, refuse("invalid_blocks_format")
	}
	if errs := blockkit.CheckBlocks(list, "/blocks", s.cfg.Team.WithoutBlocks...).Words(); len(errs) > 0 {
		return nil, &Failure{"invalid_blocks", obj{"errors": errs, "response_metadata": obj{"messages": errorMessages(errs)}}}
	}
	if blockkit.TextLength(list) > blocksTextMax {
		return nil, refuse("msg_blocks_too_long")
	}
	if len(list) == 0 {
		return json.RawMessage("[]"), nil
	}
	return jsonvalue.Encode(blockkit.Identify(list)), nil
}

// errorMessages is how response_metadata.messages repeats what errors say.
func errorMessages(errs []string) []string {
	out := make([]string, len(errs))
	for i, e := range errs {
		out[i] = "[ERROR] " + e
	}
	return out
}

func (d *Draft) readAttachments(a Args) *Failure {
	v, ok := a.json("attachments")
	if !ok {
		return refuse("invalid_attachments")
	}
	if v == nil {
		return nil
	}
	var list []map[string]any
	if json.Unmarshal(v, &list) != nil {
		return refuse("invalid_attachments")
	}
	if len(list) > 100 {
		return refuse("too_many_attachments")
	}
	for i, a := range list {
		at := "/attachments/" + strconv.Itoa(i) + "/blocks"
		if blocks, ok := a["blocks"]; ok {
			if errs := blockkit.CheckBlocks(blocks, at).Words(); len(errs) > 0 {
				return &Failure{"invalid_attachments", obj{"response_metadata": obj{"messages": errorMessages(errs)}}}
			}
		}
	}
	d.attachments = v
	return nil
}

// readMetadata takes {} and slack-go's zero SlackMetadata for "none".
func (d *Draft) readMetadata(a Args) *Failure {
	v, ok := a.json("metadata")
	if !ok {
		return refuse("invalid_metadata_format")
	}
	if v == nil {
		return nil
	}
	if len(v) > metadataMax {
		return refuse("metadata_too_large")
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(v, &fields) != nil {
		return refuse("invalid_metadata_format")
	}
	var m workspace.Metadata
	if json.Unmarshal(v, &m) != nil {
		return refuse("invalid_metadata_schema")
	}
	if m.EventType == "" && m.EventPayload == nil {
		d.noMetadata = true
		return nil
	}
	if m.EventType == "" || m.EventPayload == nil {
		return refuse("invalid_metadata_schema")
	}
	d.metadata = &m
	return nil
}

// Empty says whether there would be nothing to show.
func (d *Draft) Empty() bool {
	return d.text == "" && isEmptyList(d.blocks) && isEmptyList(d.attachments) && len(d.files) == 0
}

func isEmptyList(v json.RawMessage) bool { return len(v) == 0 || string(v) == "[]" }

// displayText is the message's text: where only blocks were sent, what can be read in them.
func (d *Draft) displayText() string {
	if d.text != "" || isEmptyList(d.blocks) {
		return d.text
	}
	return blockkit.Summary(d.blocks)
}

// message is the draft as a message of the app that calls.
func (c *call) message(d *Draft) *workspace.Message { return c.messageOf(c.cfg.App, d) }

// messageOf is the draft as an app's message.
func (s *API) messageOf(a workspace.App, d *Draft) *workspace.Message {
	m := &workspace.Message{User: a.BotUserID, BotID: a.BotID, AppID: a.ID, BotProfile: workspace.BotProfileOf(s.ws.Config, a),
		Text: d.displayText(), Mrkdwn: d.mrkdwn, Metadata: d.metadata, ThreadTS: d.Thread, Files: d.files}
	if !isEmptyList(d.blocks) {
		m.Blocks = d.blocks
	}
	if !isEmptyList(d.attachments) {
		m.Attachments = d.attachments
	}
	if workspace.Granted(a, "chat:write.customize") {
		m.Username = d.username
		if d.icons.Emoji != "" {
			m.Icons = &workspace.Icons{Emoji: d.icons.Emoji}
		} else if d.icons.Image != "" {
			m.Icons = &d.icons
		}
	}
	return m
}
