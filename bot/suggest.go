package bot

import "github.com/stationmaster/stationmaster/deployer"

// didYouMean is the half sentence that goes with an unknown word, or "".
func didYouMean(word string, candidates []string) string {
	if n := deployer.Nearest(word, candidates); n != "" {
		return "Did you mean " + n + "?"
	}
	return ""
}
