package workspace

import (
	"slices"

	"github.com/stationmaster/stationmaster/bot/emulator/blockkit"
	"github.com/stationmaster/stationmaster/bot/emulator/jsonvalue"
)

// What streaming_state says of a streamed message.
const (
	StreamInProgress = "in_progress"
	StreamCompleted  = "completed"
)

// Streamed is what a streamed message is made of so far. It is never written to again: every chunk makes a new one.
type Streamed struct {
	Mode   string // the argument that brought the first of it: "markdown_text", "chunks", or empty while there is none
	Text   string
	Plan   bool // tasks stand together in a plan
	title  string
	Tasks  []obj
	Blocks []any
}

// Add takes one chunk; false for one that is none.
func (t *Streamed) Add(chunk obj) bool {
	switch jsonvalue.AsString(chunk["type"]) {
	case "markdown_text":
		t.Text += jsonvalue.AsString(chunk["text"])
	case "plan_update":
		t.Plan, t.title = true, jsonvalue.AsString(chunk["title"])
	case "blocks":
		t.Blocks = append(t.Blocks, jsonvalue.AsList(chunk["blocks"])...)
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
		i := slices.IndexFunc(t.Tasks, func(o obj) bool { return o["task_id"] == chunk["id"] })
		if i < 0 {
			t.Tasks = append(t.Tasks, task)
		} else {
			t.Tasks[i] = task
		}
	default:
		return false
	}
	return true
}

// All are the blocks that a streamed message shows.
func (t *Streamed) All() []any {
	var out, tasks []any
	if t.Text != "" {
		out = append(out, obj{"type": "markdown", "text": t.Text})
	}
	for _, task := range t.Tasks {
		tasks = append(tasks, jsonvalue.Clone(task))
	}
	if t.Plan && len(tasks) > 0 {
		title := t.title
		if title == "" {
			title = jsonvalue.AsString(t.Tasks[0]["title"])
		}
		tasks = []any{obj{"type": "plan", "title": title, "tasks": tasks}}
	}
	out = append(append(out, tasks...), t.Blocks...)
	if out == nil {
		out = []any{}
	}
	return out
}

// ShowStream writes a stream into its message.
func (m *Message) ShowStream(t *Streamed) {
	m.stream, m.Text, m.Blocks = t, t.Text, nil
	if all := t.All(); len(all) > 0 {
		m.Blocks = jsonvalue.Encode(blockkit.Identify(jsonvalue.Clone(all)))
	}
	if m.Text == "" && len(m.Blocks) > 0 {
		m.Text = blockkit.Summary(m.Blocks)
	}
}

// Streamed is what a streamed message is made of so far; nil for others.
func (m *Message) Streamed() *Streamed { return m.stream }
