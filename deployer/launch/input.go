package launch

import (
	"maps"
	"slices"

	"github.com/stationmaster/stationmaster/deployer"
)

// fillInputs adds the defaults and notices typing mistakes in names and
// values. Those in linked take a key alone. Whether all is there is the core's
// decision.
func fillInputs(known []deployer.Input, given map[string]string, linked []string) (map[string]string, error) {
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
		if err := checkLink(id, out[id], slices.Contains(linked, id)); err != nil {
			return nil, err
		}
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

// checkLink refuses what would be shown as a link to somewhere else than it
// leads to.
func checkLink(id, value string, linked bool) error {
	switch {
	case linked && value != "" && !deployer.IsKey(value):
		return FieldError{FieldInput, id, deployer.Refuse("Give the key alone, such as CHG-123: its link is made of it.", "The input %s can’t be %q.", id, value)}
	case deployer.HasUser(value):
		return FieldError{FieldInput, id, deployer.Refuse("Leave out what stands before the @.", "The input %s is a URL with a user in it, which hides where it leads.", id)}
	}
	return nil
}
