package command

import (
	"github.com/stationmaster/stationmaster/deployer"
)

// DidYouMean is the half sentence that goes with an unknown word, or "".
func DidYouMean(word string, candidates []string) string {
	if n := deployer.Nearest(word, candidates); n != "" {
		return "Did you mean " + n + "?"
	}
	return ""
}
