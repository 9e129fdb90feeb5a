package view

import (
	"slices"
	"testing"
)

// The reaction on a card says the same as the card.
func TestEveryStateHasItsReaction(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"resolving": "gear", "confirm": "hourglass_flowing_sand", "approve": "hourglass_flowing_sand", "announcing": "gear", "rollout": "gear",
		"soak": "gear", "gate": "hourglass_flowing_sand", "held": "gear", "planned-waiting": "gear", "side-by-side": "hourglass_flowing_sand",
		"failed": "warning", "check-failed": "warning", "unclear": "warning", "stopping": "gear", "untold": "warning",
		"stopped": "octagonal_sign", "rejected": "octagonal_sign", "rolling-back": "gear", "rolled-back": "rewind",
		"complete": "white_check_mark", "skipped": "heavy_check_mark", "rolled-nothing-out": "heavy_check_mark",
	}
	seen := 0
	for _, s := range scenes(t) {
		got := Reaction(s.d)
		if !slices.Contains(Reactions, got) {
			t.Errorf("%s has the reaction %q, which is not among all", s.name, got)
		}
		if w := want[s.name]; w != "" {
			if seen++; got != w {
				t.Errorf("%s has the reaction %s, want %s", s.name, got, w)
			}
		}
	}
	if seen != len(want) {
		t.Errorf("%d of %d states were seen", seen, len(want))
	}
}
