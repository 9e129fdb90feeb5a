package field

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/bot/bottest"
)

// An answer of more than 20,480 bytes would be dropped without a word; what was
// typed stays in it.
func TestSuggestionsFitIntoAnAcknowledgement(t *testing.T) {
	t.Parallel()
	var tags []string
	for i := range 300 {
		tags = append(tags, fmt.Sprintf("%03d-%s", i, strings.Repeat("x", 120)))
	}
	got := fitting(TagOptions("x", tags))
	b, err := json.Marshal(suggestions{got})
	if err != nil || len(b) > 20_000 || len(got) < 50 {
		t.Errorf("%d options of %d bytes: %v", len(got), len(b), err)
	}
	if got[0].Value != tags[0] || got[len(got)-1].Value != "x" {
		t.Errorf("it begins with %s and ends with %s", got[0].Value, got[len(got)-1].Value)
	}
	if got := fitting(Options(tags[:150])); len(got) > OptionsMax {
		t.Errorf("%d options", len(got))
	}
	if got, _ := json.Marshal(suggestions{fitting(nil)}); string(got) != `{"options":[]}` {
		t.Errorf("none are %s", got)
	}
}

func TestMatchesAtTheBeginningComeFirst(t *testing.T) {
	t.Parallel()
	words := []string{"api", "apples", "my-api", "web"}
	if got := Matching(words, " AP "); !slices.Equal(got, []string{"api", "apples", "my-api"}) {
		t.Errorf("got %v", got)
	}
	if got := Matching(words, ""); !slices.Equal(got, words) {
		t.Errorf("got %v", got)
	}
}

func TestSuggestionsTravelAsAList(t *testing.T) {
	t.Parallel()
	got, err := json.Marshal(Suggestions(TagOptions("v1", []string{"v1.0", "v2", "v1.1"})))
	if want := `"value":"v1.0"`; err != nil || !strings.Contains(string(got), want) || strings.Contains(string(got), `"v2"`) {
		t.Errorf("%v: %s", err, got)
	}
	bottest.Contains(t, bottest.JSON(t, Suggestions(TagOptions("v2.1", []string{"v2.0"}))), "v2.0 · did you mean this?", "v2.1 · as typed")
}
