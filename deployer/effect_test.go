package deployer_test

import (
	"testing"

	"github.com/stationmaster/stationmaster/deployer"
)

// The texts of keys are in people's stores.
func TestEffectKeysHaveOneText(t *testing.T) {
	t.Parallel()
	for text, key := range map[string]deployer.EffectKey{
		"rollout/web":         {Step: "rollout", Item: "web"},
		"rollout/web/pause":   {Step: "rollout", Item: "web", Verb: deployer.VerbPause},
		"rollout/pause":       {Step: "rollout", Item: "pause"},
		"rollout/pause/pause": {Step: "rollout", Item: "pause", Verb: deployer.VerbPause},
		"back/shop%2Fweb":     {Step: "back", Item: "shop/web"},
		"window":              {Step: "window"},
		"window//abort":       {Step: "window", Verb: "abort"},
	} {
		if got := deployer.ParseEffectKey(text); got != key || key.String() != text {
			t.Errorf("%q is %+v, and %+v is %q", text, got, key, key)
		}
	}
}

func TestKeysOfMessagesNameStepKindAndChannel(t *testing.T) {
	t.Parallel()
	step, channel, ok := deployer.ParseAnnouncementKey(deployer.AnnouncementKey("starting", "change"))
	if step != "starting" || channel != "change" || !ok {
		t.Errorf("%q %q %v", step, channel, ok)
	}
	if _, _, ok := deployer.ParseAnnouncementKey(deployer.MessageCard); ok {
		t.Error("the card is an announcement")
	}
	for key, kind := range map[string]string{"card": "card", "ask/17": "ask", "failed/17/change": "failed"} {
		if got := deployer.MessageKindOf(key); got != kind {
			t.Errorf("the kind of %s is %q", key, got)
		}
	}
	if got := (deployer.Message{DedupKey: "failed/17/change"}).ChannelName(); got != "change" {
		t.Errorf("the channel is %q", got)
	}
}

// No command of the chat system stands in what a log says.
func TestARefusalSaysInLogsWhatToDo(t *testing.T) {
	t.Parallel()
	r := deployer.Refuse("Wait.", "%s is under way.", "x-1").Hint("or end it", deployer.VerbStop, "x-1").Hint("", deployer.VerbLocks)
	if got, want := r.Error(), "x-1 is under way. Wait. – or end it: stop x-1 – locks"; got != want {
		t.Errorf("it says %q, want %q", got, want)
	}
}
