package record

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// The form of a procedure in version 1: a step had a field for each parameter
// that a kind of the core has, and texts for those of all others; and what its
// kind meant was nowhere written down.
type (
	procedureV1 struct {
		stamp
		ID       string            `json:"id,omitzero"`
		Title    string            `json:"title,omitzero"`
		Owner    string            `json:"owner,omitzero"`
		SHA      string            `json:"sha,omitzero"`
		Inputs   []input           `json:"inputs,omitzero"`
		Steps    []stepV1          `json:"steps,omitzero"`
		Failure  failure           `json:"failure,omitzero"`
		Rollback []stepV1          `json:"rollback,omitzero"`
		Messages map[string]string `json:"messages,omitzero"`
	}
	stepV1 struct {
		ID              string            `json:"id,omitzero"`
		Phase           string            `json:"phase,omitzero"`
		Title           string            `json:"title,omitzero"`
		Uses            string            `json:"uses,omitzero"`
		Needs           []string          `json:"needs,omitzero"`
		Role            string            `json:"role,omitzero"`
		Count           int               `json:"count,omitzero"`
		Items           []item            `json:"items,omitzero"`
		Message         string            `json:"message,omitzero"`
		To              []string          `json:"to,omitzero"`
		Planned         bool              `json:"planned,omitzero"`
		For             time.Duration     `json:"for,omitzero"`
		Until           string            `json:"until,omitzero"`
		Params          map[string]string `json:"params,omitzero"`
		Expect          string            `json:"expect,omitzero"`
		Troubleshooting string            `json:"troubleshooting,omitzero"`
		Estimate        time.Duration     `json:"estimate,omitzero"`
		Timeout         time.Duration     `json:"timeout,omitzero"`
		Remind          []time.Duration   `json:"remind,omitzero"`
	}
)

// systemKindsV1 are the kinds of outside systems that there were in version 1.
// Any other name did nothing but fail.
var systemKindsV1 = []deployer.Kind{
	{
		Name: "kubernetes.verify", Work: deployer.WorkSystem, Scope: deployer.ScopeServices, Repeat: deployer.RepeatReads,
		Params: []deployer.Param{{Name: "for", Type: deployer.TypeDuration}, {Name: "errors", Type: deployer.TypePattern}},
	},
	{
		Name: "probe.http", Work: deployer.WorkSystem, Scope: deployer.ScopeServices, Repeat: deployer.RepeatReads,
		Params: []deployer.Param{
			{Name: "url", Type: deployer.TypeURL}, {Name: "status", Type: deployer.TypeNumber}, {Name: "contains", Type: deployer.TypeText},
			{Name: "retries", Type: deployer.TypeNumber}, {Name: "every", Type: deployer.TypeDuration},
		},
	},
}

// procedureFromV1 makes version 2 of a procedure of version 1.
func procedureFromV1(b []byte) ([]byte, error) {
	var old procedureV1
	if err := strict(b, &old); err != nil {
		return nil, err
	}
	p := procedure{
		stamp: stamp{2}, ID: old.ID, Title: old.Title, Owner: old.Owner, SHA: old.SHA, Kinds: each(old.kinds(), toStepKind), Inputs: old.Inputs,
		Steps: each(old.Steps, stepFromV1), Failure: old.Failure, Rollback: each(old.Rollback, stepFromV1), Messages: old.Messages,
	}
	return json.Marshal(p)
}

// kinds are those that the steps use.
func (p procedureV1) kinds() []deployer.Kind {
	used := map[string]bool{}
	for _, steps := range [][]stepV1{p.Steps, p.Rollback} {
		for _, s := range steps {
			used[s.Uses] = true
		}
	}
	var out []deployer.Kind
	for _, kinds := range [][]deployer.Kind{deployer.CoreKinds(), systemKindsV1} {
		for _, k := range kinds {
			if used[k.Name] {
				out = append(out, k)
			}
		}
	}
	return out
}

func stepFromV1(old stepV1) step {
	return step{
		ID: old.ID, Phase: old.Phase, Title: old.Title, Uses: old.Uses, Needs: old.Needs, With: old.with(),
		Expect: old.Expect, Troubleshooting: old.Troubleshooting, Estimate: old.Estimate, Timeout: old.Timeout, Remind: old.Remind,
	}
}

// with are the parameters, each as its type is kept now.
func (s stepV1) with() map[string]value {
	role := "role"
	if s.Uses == deployer.KindAnnounce {
		role = "review"
	}
	all := map[string]value{
		role: {Text: s.Role}, "count": {Number: s.Count}, "items": {Items: s.Items}, "message": {Text: s.Message}, "to": {List: s.To},
		"planned": {Flag: s.Planned}, "for": {Duration: s.For}, "until": {Text: s.Until},
	}
	for name, v := range all {
		if v.isZero() {
			delete(all, name)
		}
	}
	for name, text := range s.Params {
		all[name] = valueFromV1(s.Uses, name, text)
	}
	if len(all) == 0 {
		return nil
	}
	return all
}

func (v value) isZero() bool {
	return v.Text == "" && v.Number == 0 && !v.Flag && v.Duration == 0 && v.List == nil && v.Items == nil
}

// valueFromV1 reads a text that was a parameter of a system's kind. Its loader
// had read it, so that nothing in it is wrong.
func valueFromV1(uses, name, text string) value {
	for _, k := range systemKindsV1 {
		for _, p := range k.Params {
			if k.Name != uses || p.Name != name {
				continue
			}
			switch p.Type {
			case deployer.TypeNumber:
				n, _ := strconv.Atoi(text)
				return value{Number: n}
			case deployer.TypeDuration:
				d, _ := time.ParseDuration(text)
				return value{Duration: d}
			}
		}
	}
	return value{Text: text}
}
