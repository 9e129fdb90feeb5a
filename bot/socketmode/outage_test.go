package socketmode

import (
	"testing"
)

// Of two sockets one is enough: nothing is missed when the other one goes.
func TestOneSocketLeavesNoGap(t *testing.T) {
	var g Outages
	g.opened()
	g.found = nil // the first one counts
	g.opened()
	g.left()
	g.opened()
	g.left()
	if g.found != nil {
		t.Errorf("it counts %v", *g.found)
	}
	g.left()
	g.opened()
	if g.found == nil {
		t.Error("a time without a socket does not count")
	}
}
