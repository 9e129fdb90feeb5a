package language

import "cel.dev/cel-go/cel"

// costMax bounds what one expression may cost, in CEL's units.
const costMax = 100_000

// bounded stops an expression that costs more.
func bounded() cel.ProgramOption { return cel.CostLimit(costMax) }
