package command

import (
	"slices"
)

// Reserved are the words that no service may be called, since they are or will
// be subcommands.
func Reserved() []string { return slices.Concat(Subcommands(), reserved) }
