package kube

import (
	"slices"
	"strings"

	"github.com/stationmaster/stationmaster/deployer"
)

// suggestMax bounds how many names a refusal lists.
const suggestMax = 8

// suggestOrList says which of the names was probably meant, or which there are.
func suggestOrList(typed string, names []string) string {
	if len(names) == 0 {
		return "There is none."
	}
	slices.Sort(names)
	if meant := deployer.Suggest(typed, names); meant != "" {
		return meant
	}
	if len(names) > suggestMax {
		return "There are " + strings.Join(names[:suggestMax], ", ") + " and more."
	}
	if len(names) == 1 {
		return "There is only " + names[0] + "."
	}
	return "There are " + strings.Join(names, ", ") + "."
}
