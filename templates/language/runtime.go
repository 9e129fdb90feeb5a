package language

import "github.com/stationmaster/stationmaster/deployer"

// A Runtime computes what conditions and texts come to while a deployment runs. It
// implements deployer.Language, from the deployment alone. Its zero value is ready, and
// safe for concurrent use.
type Runtime struct{}

// Compute is what an expression comes to.
func (Runtime) Compute(expression string, as deployer.ParamType, at deployer.Moment) (deployer.Value, error) {
	return deployer.Value{}, nil
}

// With are the parameters of the step of a moment, filled and computed.
func (Runtime) With(at deployer.Moment) (deployer.Values, error) { return nil, nil }

// Words are the values of the placeholders in a text, by what stands in the braces.
func (Runtime) Words(text string, at deployer.Moment) (map[string]string, error) { return nil, nil }

var _ deployer.Language = Runtime{}
