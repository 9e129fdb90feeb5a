package bot

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"sync"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/bot/socketmode"
)

// An answer goes to the one person who asked.
type answer struct {
	text    string        // mrkdwn; "" says nothing
	blocks  []slack.Block // a command's answer with more than words
	payload any           // what a form or a menu takes instead
	after   func(context.Context)
	failed  bool // nothing was written down: the same may be tried again
}

// payloadFor is what goes with the acknowledgement.
func (a answer) payloadFor(e socketmode.Envelope) any {
	switch {
	case a.payload != nil:
		return a.payload
	case e.Type != "slash_commands" || a.text == "" && len(a.blocks) == 0:
		return nil
	}
	blocks := a.blocks
	if len(blocks) == 0 { // there alone Slack makes no links of what looks like an address
		blocks = mrkdwn.Sections([]string{a.text})
	}
	return struct {
		Type   string        `json:"response_type"`
		Text   string        `json:"text"`
		Blocks []slack.Block `json:"blocks"`
	}{"ephemeral", a.text, blocks}
}

// errorInForm says something under a field of a form that was sent.
func errorInForm(block, text string) answer {
	return answer{payload: slack.NewErrorsViewSubmissionResponse(map[string]string{block: mrkdwn.Clip(text, 300)})}
}

// fingerprint is short and the same for the same parts.
func fingerprint(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:16])
}

// A recentAnswers keeps the last answers, so that what is delivered again is answered
// the same. It spares work; that nothing happens twice is the store's promise.
type recentAnswers struct {
	mu      sync.Mutex
	answers map[string]answer
	order   []string
}

const answersMax = 2048

func (m *recentAnswers) recall(id string) (answer, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	a, ok := m.answers[id]
	return a, ok && id != ""
}

func (m *recentAnswers) keep(id string, a answer) {
	if id == "" {
		return
	}
	a.after = nil
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.answers == nil {
		m.answers = map[string]answer{}
	}
	if _, ok := m.answers[id]; !ok {
		m.order = append(m.order, id)
	}
	m.answers[id] = a
	if len(m.order) > answersMax {
		delete(m.answers, m.order[0])
		m.order = m.order[1:]
	}
}
