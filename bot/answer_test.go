package bot

import (
	"encoding/json"
	"testing"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/socketmode"
)

// What a command is answered stands in a block, where Slack makes no links of
// what somebody typed.
func TestAnswersAreReadByNobodyButPeople(t *testing.T) {
	t.Parallel()
	said, err := json.Marshal(answer{text: "see https://evil.example"}.payloadFor(socketmode.Envelope{Type: "slash_commands"}))
	if err != nil {
		t.Fatal(err)
	}
	bottest.Contains(t, string(said), `"blocks":[{"type":"section"`, `"text":"see https://evil.example","verbatim":true`)
}
