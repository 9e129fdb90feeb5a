// Package catalog declares the step kinds of systems that this program does not talk
// to yet. Procedures name them as they will be; until a runner comes, a person does
// them by hand, but for promote, which nothing but a runner can do. It holds those as
// well that the core needs no system for, and that are not part of the core's own list.
package catalog

import (
	"slices"

	"github.com/stationmaster/stationmaster/deployer"
)

// Kinds are all of them, in the order in which people read them.
func Kinds() []deployer.Kind {
	return slices.Concat(peopleKinds, clusterKinds, codeKinds, clientsKinds, measureKinds)
}
