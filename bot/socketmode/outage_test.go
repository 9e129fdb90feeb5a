package socketmode

import (
	"testing"
)

// Of two sockets one is enough: nothing is missed when the other one goes.
func TestOfTwoSocketsOneIsEnough(t *testing.T) {
	t.Parallel()
	var o Outages
	o.opened()
	o.found = nil // the first one counts
	o.opened()
	o.left()
	o.opened()
	o.left()
	if o.found != nil {
		t.Errorf("it counts %v", *o.found)
	}
	o.left()
	o.opened()
	if o.found == nil {
		t.Error("a time without a socket does not count")
	}
}
