package probe

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/stationmaster/stationmaster/deployer"
)

// A sent is what came of a request that may change something, as the reference of its
// effect: it was made once, and is judged from this ever after, by whichever process.
type sent struct {
	OK      bool              `json:"ok"`
	Kind    string            `json:"kind,omitzero"`
	Why     string            `json:"why"`
	Detail  string            `json:"detail,omitzero"`
	Outputs map[string]string `json:"outputs,omitzero"`
}

// send makes a request that may change something, once. A request that surely never
// reached anybody is a Refusal; where that can't be told it is another error, and the
// engine has a person asked.
func (s *System) send(ctx context.Context, c check) (ref string, err error) {
	a := s.ask(ctx, c)
	switch {
	case a.unsent:
		return "", deployer.Refuse("", "%s %s: %s. Nothing was sent.", c.method, c.shown, a.trouble)
	case a.trouble != "":
		return "", fmt.Errorf("%s %s: it %s", c.method, c.shown, a.trouble)
	}
	o := c.outcome(a, 1)
	r := sent{OK: o.Result == deployer.OK, Kind: o.Kind, Why: o.Why, Detail: o.Detail}
	for name, v := range o.Outputs {
		if r.Outputs == nil {
			r.Outputs = map[string]string{}
		}
		r.Outputs[name] = v.Text
	}
	b, err := json.Marshal(r)
	return string(b), err
}

// outcomeOf is what the reference says.
func outcomeOf(ref string) (deployer.Outcome, error) {
	var r sent
	if err := json.Unmarshal([]byte(ref), &r); err != nil {
		return deployer.Outcome{}, fmt.Errorf("read what came of a request: %w", err)
	}
	o := deployer.Outcome{Result: deployer.Failed, Kind: r.Kind, Why: r.Why, Detail: r.Detail}
	if r.OK {
		o.Result = deployer.OK
	}
	for name, text := range r.Outputs {
		o.Outputs = o.Outputs.Set(name, deployer.Value{Text: text})
	}
	return o, nil
}
