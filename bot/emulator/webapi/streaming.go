package webapi

import (
	"slices"
	"unicode/utf8"

	"github.com/stationmaster/stationmaster/bot/emulator/blockkit"
	"github.com/stationmaster/stationmaster/bot/emulator/workspace"
)

// startStream is chat.startStream: a message that grows.
func startStream(c *call) (obj, *Failure) {
	next, ref := c.stream(&workspace.Streamed{Plan: c.Str("task_display_mode") == "plan"})
	if ref != nil {
		return nil, ref
	}
	d, ref := c.ReadDraft(Args{"thread_ts": c.Args["thread_ts"]}.sent(), PostMax)
	if ref != nil {
		return nil, ref
	}
	w := c.ws
	w.Lock()
	defer w.Unlock()
	ch, ref := c.writable(c.Str("channel"))
	switch {
	case ref != nil:
		return nil, ref
	case ch.Kind() != workspace.DirectIM && c.Str("recipient_user_id") == "":
		return nil, refuse("missing_recipient_user_id")
	case ch.Kind() != workspace.DirectIM && c.Str("recipient_team_id") == "":
		return nil, refuse("missing_recipient_team_id")
	}
	m := c.message(d)
	m.StreamingState = workspace.StreamInProgress
	m.ShowStream(next)
	m = w.AddMessage(ch, m, false)
	c.ws.Events.TellPosted(ch, m)
	return obj{"channel": ch.ID, "ts": m.TS}, nil
}

func appendStream(c *call) (obj, *Failure) {
	if !c.has("markdown_text") && !c.has("chunks") {
		return nil, refuse("markdown_text_or_chunks_required")
	}
	return c.continueStream(workspace.StreamInProgress)
}

func stopStream(c *call) (obj, *Failure) { return c.continueStream(workspace.StreamCompleted) }

// continueStream adds what a call brings to a message that is still streamed.
func (c *call) continueStream(state string) (obj, *Failure) {
	w := c.ws
	w.Lock()
	defer w.Unlock()
	ch, m, ref := c.ownMessage("message_not_owned_by_app")
	switch {
	case ref != nil:
		return nil, ref
	case m.StreamingState != workspace.StreamInProgress:
		return nil, refuse("message_not_in_streaming_state")
	}
	next, ref := c.stream(m.Streamed())
	if ref != nil {
		return nil, ref
	}
	var end Draft
	if state == workspace.StreamCompleted {
		if end.blocks, ref = c.readBlocks(c.Args); ref == nil {
			ref = end.readMetadata(c.Args)
		}
		if ref != nil {
			return nil, ref
		}
		next.Blocks = append(slices.Clone(next.Blocks), blockkit.Parse(end.blocks)...)
	}
	before := m
	m = w.ChangeMessage(ch, m, func(m *workspace.Message) {
		m.StreamingState = state
		m.ShowStream(next)
		if end.metadata != nil {
			m.Metadata = end.metadata
		}
	})
	c.ws.Events.TellChanged(ch, before, m)
	out := obj{"channel": ch.ID, "ts": m.TS}
	if state == workspace.StreamCompleted {
		out["message"] = m
	}
	return out, nil
}

// stream is what a message is made of with the markdown_text and the chunks of a call.
func (c *call) stream(old *workspace.Streamed) (*workspace.Streamed, *Failure) {
	next := *old
	switch {
	case c.has("markdown_text") && c.has("chunks") && c.method != "chat.startStream":
		return nil, refuse("cannot_provide_both_markdown_text_and_chunks")
	case c.has("markdown_text") && old.Mode == "chunks" || c.has("chunks") && old.Mode == "markdown_text":
		return nil, refuse("streaming_mode_mismatch")
	case c.has("chunks"):
		next.Mode = "chunks"
	case c.has("markdown_text"):
		next.Mode = "markdown_text"
	}
	next.Tasks, next.Blocks = slices.Clone(old.Tasks), slices.Clone(old.Blocks)
	next.Text += c.Str("markdown_text")
	v, ok := c.json("chunks")
	var chunks []obj
	if !ok || decode(v, &chunks) != nil {
		return nil, refuse("invalid_chunks")
	}
	for _, chunk := range chunks {
		if !next.Add(chunk) {
			return nil, refuse("invalid_chunks")
		}
	}
	if utf8.RuneCountInString(next.Text) > blockkit.MarkdownMax {
		return nil, refuse("msg_too_long")
	}
	if errs := blockkit.CheckBlocks(next.All(), "/blocks").Words(); len(errs) > 0 {
		return nil, &Failure{"invalid_blocks", obj{"errors": errs, "response_metadata": obj{"messages": errorMessages(errs)}}}
	}
	return &next, nil
}

// sent is a without the arguments that were not sent.
func (a Args) sent() Args {
	for k, v := range a {
		if v == nil {
			delete(a, k)
		}
	}
	return a
}
