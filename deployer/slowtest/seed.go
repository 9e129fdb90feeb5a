package slowtest

import (
	"os"
	"strconv"
	"sync"
	"testing"
	"time"
)

// SeedVariable sets the seed of everything that is drawn in a test.
const SeedVariable = "STATIONMASTER_SEED"

// clock is the seed of a process to which nobody has given one.
var clock = sync.OnceValue(func() uint64 { return uint64(time.Now().UnixNano()) })

// Seed is what a test draws from: another one in every process, unless SeedVariable sets it. A test that fails
// names it, so that the same can be drawn again.
func Seed(t testing.TB) uint64 {
	t.Helper()
	seed := clock()
	if text := os.Getenv(SeedVariable); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatalf("%s: %v", SeedVariable, err)
		}
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("to do this again: %s=1 %s=%d", Variable, SeedVariable, seed)
		}
	})
	return seed
}
