package webapi

import (
	"encoding/base64"
	"math"
	"strconv"
	"strings"

	"github.com/stationmaster/stationmaster/bot/emulator/workspace"
)

// span is the part of a history that a caller asks for.
type span struct {
	oldest, latest int64
	inclusive      bool
	limit          int
	metadata       bool
}

func (c *call) span(def, most int) (span, *Failure) {
	s := span{latest: math.MaxInt64, metadata: c.bool("include_all_metadata")}
	s.inclusive = c.bool("inclusive")
	if v := c.Str("oldest"); v != "" {
		n, ok := workspace.Micros(v)
		if !ok {
			return s, refuse("invalid_ts_oldest")
		}
		s.oldest = n
	} else {
		s.oldest = math.MinInt64
	}
	if v := c.Str("latest"); v != "" && v != "now" {
		n, ok := workspace.Micros(v)
		if !ok {
			return s, refuse("invalid_ts_latest")
		}
		s.latest = n
	}
	limit, ok := c.integer("limit", def)
	if !ok || limit < 0 || limit > most {
		return s, refuse("invalid_limit")
	}
	if s.limit = limit; limit == 0 {
		s.limit = def
	}
	return s, nil
}

func (s span) holds(ts string) bool {
	n, _ := workspace.Micros(ts)
	if s.inclusive && (n == s.oldest || n == s.latest) {
		return true
	}
	return n > s.oldest && n < s.latest
}

// shown is a message as a caller gets it: metadata only when asked for.
func (s span) shown(m *workspace.Message) *workspace.Message {
	if s.metadata || m.Metadata == nil {
		return m
	}
	c := *m
	c.Metadata = nil
	return &c
}

func channelHistory(c *call, ch *workspace.Conversation) (obj, *Failure) {
	s, ref := c.span(100, 999)
	if ref != nil {
		return nil, ref
	}
	before, ref := c.cursor("next_ts:", math.MaxInt64)
	if ref != nil {
		return nil, ref
	}
	out, next := newest(ch, s, before)
	body := obj{"messages": out, "has_more": next != "", "pin_count": len(ch.Pins)}
	if next != "" {
		body["response_metadata"] = obj{"next_cursor": next}
	}
	if v := c.Str("latest"); v != "" {
		body["latest"] = v
	}
	return body, nil
}

// newest lists the top-level messages of a span, the newest first, and the cursor to go on with.
func newest(ch *workspace.Conversation, s span, before int64) (out []*workspace.Message, next string) {
	out = []*workspace.Message{}
	for i := len(ch.Messages) - 1; i >= 0; i-- {
		m := ch.Messages[i]
		if m.ThreadTS != "" && m.ThreadTS != m.TS && m.Subtype != "thread_broadcast" {
			continue
		}
		n, _ := workspace.Micros(m.TS)
		if n < s.oldest {
			break
		}
		if n >= before || !s.holds(m.TS) {
			continue
		}
		if len(out) == s.limit {
			last, _ := workspace.Micros(out[s.limit-1].TS)
			return out, cursorOf("next_ts:", last)
		}
		out = append(out, s.shown(m))
	}
	return out, ""
}

func replies(c *call, ch *workspace.Conversation) (obj, *Failure) {
	s, ref := c.span(1000, 1000)
	if ref != nil {
		return nil, ref
	}
	after, ref := c.cursor("next_ts:", math.MinInt64)
	if ref != nil {
		return nil, ref
	}
	parent := ch.Message(c.Str("ts"))
	if parent == nil {
		return nil, refuse("thread_not_found")
	}
	if parent.ThreadTS != "" && parent.ThreadTS != parent.TS {
		parent = ch.Message(parent.ThreadTS)
	}
	out, next := thread(ch, parent, s, after)
	body := obj{"messages": out, "has_more": next != ""}
	if next != "" {
		body["response_metadata"] = obj{"next_cursor": next}
	}
	return body, nil
}

// thread lists a parent and its replies, the oldest first. The parent always comes along on the first page.
func thread(ch *workspace.Conversation, parent *workspace.Message, s span, after int64) (out []*workspace.Message, next string) {
	out = []*workspace.Message{}
	if after == math.MinInt64 {
		out = append(out, s.shown(parent))
	}
	for _, ts := range ch.Threads[parent.TS] {
		n, _ := workspace.Micros(ts)
		if n <= after || !s.holds(ts) {
			continue
		}
		if len(out) >= s.limit {
			last, _ := workspace.Micros(out[len(out)-1].TS)
			return out, cursorOf("next_ts:", last)
		}
		out = append(out, s.shown(ch.Message(ts)))
	}
	return out, ""
}

// cursorOf and cursor are the two ends of Slack's opaque page marks.
func cursorOf(kind string, at int64) string {
	return base64.StdEncoding.EncodeToString([]byte(kind + strconv.FormatInt(at, 10)))
}

func (c *call) cursor(kind string, def int64) (int64, *Failure) {
	v := c.Str("cursor")
	if v == "" {
		return def, nil
	}
	b, err := base64.StdEncoding.DecodeString(v)
	if err != nil {
		return 0, refuse("invalid_cursor")
	}
	num, ok := strings.CutPrefix(string(b), kind)
	if !ok {
		return 0, refuse("invalid_cursor")
	}
	n, err := strconv.ParseInt(num, 10, 64)
	if err != nil {
		return 0, refuse("invalid_cursor")
	}
	return n, nil
}
