package launch

import (
	"maps"
	"slices"

	"github.com/stationmaster/stationmaster/deployer"
)

// fillInputs adds the defaults and notices typing mistakes in names and
// values. Whether all is there is the core's decision.
func fillInputs(known []deployer.Input, given map[string]string) (map[string]string, error) {
	out := map[string]string{}
	var ids []string
	for _, in := range known {
		ids = append(ids, in.ID)
		if in.Default != "" {
			out[in.ID] = in.Default
		}
	}
	seen := map[string]bool{}
	for _, word := range slices.Sorted(maps.Keys(given)) {
		id := Match(word, ids)
		switch {
		case id == "":
			return nil, Unknown("This procedure has no input", word, ids, "It has")
		case seen[id]:
			return nil, deployer.Refuse("Give it once.", "The input %s is there twice.", id)
		}
		seen[id], out[id] = true, given[word]
		options := known[slices.Index(ids, id)].Options
		if len(options) == 0 {
			continue
		}
		if out[id] = Match(given[word], options); out[id] == "" {
			return nil, FieldError{FieldInput, id, Unknown("The input "+id+" can't be", given[word], options, "It is one of")}
		}
	}
	return out, nil
}
