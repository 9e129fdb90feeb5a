package emulator

import (
	"slices"
	"unicode/utf8"

	"github.com/stationmaster/stationmaster/bot/emulator/blockkit"
	"github.com/stationmaster/stationmaster/bot/emulator/jsonvalue"
)

// What streaming_state says of a streamed message.
const (
	streaming = "in_progress"
	finished  = "completed"
)

// streamed is what a streamed message is made of so far. It is never written to again: every chunk makes a new one.
type streamed struct {
	mode   string // the argument that brought the first of it: "markdown_text", "chunks", or empty while there is none
	text   string
	plan   bool // tasks stand together in a plan
	title  string
	tasks  []obj
	blocks []any
}

// startStream is chat.startStream: a message that grows.
func startStream(c *call) (obj, *refusal) {
	next, ref := c.stream(&streamed{plan: c.str("task_display_mode") == "plan"})
	if ref != nil {
		return nil, ref
	}
	d, ref := c.readDraft(args{"thread_ts": c.args["thread_ts"]}.sent(), maxPost)
	if ref != nil {
		return nil, ref
	}
	w := c.ws
	w.Lock()
	defer w.Unlock()
	ch, ref := c.writable(c.str("channel"))
	switch {
	case ref != nil:
		return nil, ref
	case ch.kind() != directIM && c.str("recipient_user_id") == "":
		return nil, refuse("missing_recipient_user_id")
	case ch.kind() != directIM && c.str("recipient_team_id") == "":
		return nil, refuse("missing_recipient_team_id")
	}
	m := c.message(d)
	m.StreamingState = streaming
	c.flow(m, next)
	m = w.add(ch, m, false)
	c.ws.events.tellApp(ch, m)
	return obj{"channel": ch.id, "ts": m.TS}, nil
}

func appendStream(c *call) (obj, *refusal) {
	if !c.has("markdown_text") && !c.has("chunks") {
		return nil, refuse("markdown_text_or_chunks_required")
	}
	return c.goOn(streaming)
}

func stopStream(c *call) (obj, *refusal) { return c.goOn(finished) }

// goOn adds what a call brings to a message that is still streamed.
func (c *call) goOn(state string) (obj, *refusal) {
	w := c.ws
	w.Lock()
	defer w.Unlock()
	ch, m, ref := c.own("message_not_owned_by_app")
	switch {
	case ref != nil:
		return nil, ref
	case m.StreamingState != streaming:
		return nil, refuse("message_not_in_streaming_state")
	}
	next, ref := c.stream(m.stream)
	if ref != nil {
		return nil, ref
	}
	var end draft
	if state == finished {
		if end.blocks, ref = c.readBlocks(c.args); ref == nil {
			ref = end.readMetadata(c.args)
		}
		if ref != nil {
			return nil, ref
		}
		next.blocks = append(slices.Clone(next.blocks), blockkit.Parse(end.blocks)...)
	}
	before := m
	m = w.change(ch, m, func(m *Message) {
		m.StreamingState = state
		c.flow(m, next)
		if end.metadata != nil {
			m.Metadata = end.metadata
		}
	})
	c.ws.events.tellChanged(ch, before, m)
	out := obj{"channel": ch.id, "ts": m.TS}
	if state == finished {
		out["message"] = m
	}
	return out, nil
}

// stream is what a message is made of with the markdown_text and the chunks of a call.
func (c *call) stream(old *streamed) (*streamed, *refusal) {
	next := *old
	switch {
	case c.has("markdown_text") && c.has("chunks") && c.method != "chat.startStream":
		return nil, refuse("cannot_provide_both_markdown_text_and_chunks")
	case c.has("markdown_text") && old.mode == "chunks" || c.has("chunks") && old.mode == "markdown_text":
		return nil, refuse("streaming_mode_mismatch")
	case c.has("chunks"):
		next.mode = "chunks"
	case c.has("markdown_text"):
		next.mode = "markdown_text"
	}
	next.tasks, next.blocks = slices.Clone(old.tasks), slices.Clone(old.blocks)
	next.text += c.str("markdown_text")
	v, ok := c.json("chunks")
	var chunks []obj
	if !ok || decode(v, &chunks) != nil {
		return nil, refuse("invalid_chunks")
	}
	for _, chunk := range chunks {
		if !next.add(chunk) {
			return nil, refuse("invalid_chunks")
		}
	}
	if utf8.RuneCountInString(next.text) > blockkit.MaxMarkdown {
		return nil, refuse("msg_too_long")
	}
	if errs := blockkit.CheckBlocks(next.all(), "/blocks").Words(); len(errs) > 0 {
		return nil, &refusal{"invalid_blocks", obj{"errors": errs, "response_metadata": obj{"messages": marked(errs)}}}
	}
	return &next, nil
}

// add takes one chunk; false for one that is none.
func (t *streamed) add(chunk obj) bool {
	switch jsonvalue.AsString(chunk["type"]) {
	case "markdown_text":
		t.text += jsonvalue.AsString(chunk["text"])
	case "plan_update":
		t.plan, t.title = true, jsonvalue.AsString(chunk["title"])
	case "blocks":
		t.blocks = append(t.blocks, jsonvalue.AsList(chunk["blocks"])...)
	case "task_update":
		task := obj{"type": "task_card", "task_id": chunk["id"], "title": chunk["title"], "status": chunk["status"]}
		for _, k := range []string{"details", "output"} {
			if s := jsonvalue.AsString(chunk[k]); s != "" {
				task[k] = obj{"type": "rich_text", "elements": []any{obj{"type": "rich_text_section",
					"elements": []any{obj{"type": "text", "text": s}}}}}
			}
		}
		if l := jsonvalue.AsList(chunk["sources"]); len(l) > 0 {
			task["sources"] = l
		}
		i := slices.IndexFunc(t.tasks, func(o obj) bool { return o["task_id"] == chunk["id"] })
		if i < 0 {
			t.tasks = append(t.tasks, task)
		} else {
			t.tasks[i] = task
		}
	default:
		return false
	}
	return true
}

// all are the blocks that a streamed message shows.
func (t *streamed) all() []any {
	var out, tasks []any
	if t.text != "" {
		out = append(out, obj{"type": "markdown", "text": t.text})
	}
	for _, task := range t.tasks {
		tasks = append(tasks, jsonvalue.Clone(task))
	}
	if t.plan && len(tasks) > 0 {
		title := t.title
		if title == "" {
			title = jsonvalue.AsString(t.tasks[0]["title"])
		}
		tasks = []any{obj{"type": "plan", "title": title, "tasks": tasks}}
	}
	out = append(append(out, tasks...), t.blocks...)
	if out == nil {
		out = []any{}
	}
	return out
}

// flow writes a stream into its message.
func (c *call) flow(m *Message, t *streamed) {
	m.stream, m.Text, m.Blocks = t, t.text, nil
	if all := t.all(); len(all) > 0 {
		m.Blocks = jsonvalue.Encode(blockkit.Identify(jsonvalue.Clone(all)))
	}
	if m.Text == "" {
		m.Text = (&draft{blocks: m.Blocks}).shown()
	}
}

// sent is a without the arguments that were not sent.
func (a args) sent() args {
	for k, v := range a {
		if v == nil {
			delete(a, k)
		}
	}
	return a
}
