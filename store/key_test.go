package store

import (
	"testing"

	"github.com/stationmaster/stationmaster/deployer"
)

// A procedure of earlier days may announce something that it calls card. It does
// not lie in the place of the card, which each newer card takes.
func TestAnnouncementDoesNotLieInThePlaceOfTheCard(t *testing.T) {
	t.Parallel()
	card := deployer.Message{Kind: deployer.MessageCard, DedupKey: deployer.MessageCard, Channel: "C1"}
	words := deployer.Message{Kind: deployer.MessageCard, DedupKey: deployer.AnnouncementKey("tell", "deploys"), Channel: "C1"}
	if a, b := messageKey("tangerine-1", card, 1, 0), messageKey("tangerine-1", words, 1, 1); a == b || a != messageKey("tangerine-1", card, 2, 0) {
		t.Errorf("they lie at %s and %s", a, b)
	}
}
