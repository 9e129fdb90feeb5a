package store

import (
	"testing"

	"github.com/stationmaster/stationmaster/deployer/deployertest"
)

// A store keeps what the journal of everybody else's tests keeps.
func TestTheStoreKeepsWhatAJournalPromises(t *testing.T) {
	deployertest.RunJournal(t, func(t *testing.T) deployertest.Store { return openNew(t) })
}
