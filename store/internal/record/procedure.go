package record

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// The stored form of a procedure. Durations are in nanoseconds.
type (
	procedure struct {
		stamp
		ID       string            `json:"id,omitzero"`
		Title    string            `json:"title,omitzero"`
		Owner    string            `json:"owner,omitzero"`
		SHA      string            `json:"sha,omitzero"`
		Inputs   []input           `json:"inputs,omitzero"`
		Steps    []step            `json:"steps,omitzero"`
		Failure  failure           `json:"failure,omitzero"`
		Rollback []step            `json:"rollback,omitzero"`
		Messages map[string]string `json:"messages,omitzero"`
	}
	input struct {
		ID       string   `json:"id,omitzero"`
		Label    string   `json:"label,omitzero"`
		Options  []string `json:"options,omitzero"`
		Default  string   `json:"default,omitzero"`
		Required bool     `json:"required,omitzero"`
	}
	step struct {
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
	item struct {
		Title string `json:"title,omitzero"`
		Link  string `json:"link,omitzero"`
	}
	failure struct {
		Decide  string   `json:"decide,omitzero"`
		Message string   `json:"message,omitzero"`
		Over    string   `json:"over,omitzero"`
		Stopped string   `json:"stopped,omitzero"`
		To      []string `json:"to,omitzero"`
		Held    string   `json:"held,omitzero"`
		Resumed string   `json:"resumed,omitzero"`
	}
)

func encodeProcedure(p deployer.Procedure) ([]byte, error) {
	b, err := json.Marshal(procedure{
		stamp: stamp{procedureFormat.version()}, ID: p.ID, Title: p.Title, Owner: p.Owner, SHA: p.SHA,
		Inputs: each(p.Inputs, toInput), Steps: each(p.Steps, toStep), Failure: failure(p.Failure),
		Rollback: each(p.Rollback, toStep), Messages: p.Messages,
	})
	if err != nil {
		return nil, fmt.Errorf("encode procedure %s: %w", p.ID, err)
	}
	return b, nil
}

func decodeProcedure(b []byte) (deployer.Procedure, error) {
	r, err := read[procedure](procedureFormat, b)
	if err != nil {
		return deployer.Procedure{}, err
	}
	return deployer.Procedure{
		ID: r.ID, Title: r.Title, Owner: r.Owner, SHA: r.SHA,
		Inputs: each(r.Inputs, input.input), Steps: each(r.Steps, step.step), Failure: deployer.Failure(r.Failure),
		Rollback: each(r.Rollback, step.step), Messages: r.Messages,
	}, nil
}

func toStep(s deployer.Step) step {
	return step{
		ID: s.ID, Phase: s.Phase, Title: s.Title, Uses: s.Uses, Needs: s.Needs, Role: s.Role, Count: s.Count,
		Items: each(s.Items, toItem), Message: s.Message, To: s.To, Planned: s.Planned, For: s.For, Until: s.Until,
		Params: s.Params, Expect: s.Expect, Troubleshooting: s.Troubleshooting, Estimate: s.Estimate, Timeout: s.Timeout, Remind: s.Remind,
	}
}

func (r step) step() deployer.Step {
	return deployer.Step{
		ID: r.ID, Phase: r.Phase, Title: r.Title, Uses: r.Uses, Needs: r.Needs, Role: r.Role, Count: r.Count,
		Items: each(r.Items, item.item), Message: r.Message, To: r.To, Planned: r.Planned, For: r.For, Until: r.Until,
		Params: r.Params, Expect: r.Expect, Troubleshooting: r.Troubleshooting, Estimate: r.Estimate, Timeout: r.Timeout, Remind: r.Remind,
	}
}
