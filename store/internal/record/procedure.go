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
		ID         string            `json:"id,omitzero"`
		Title      string            `json:"title,omitzero"`
		Owner      string            `json:"owner,omitzero"`
		Unapproved string            `json:"unapproved,omitzero"`
		SHA        string            `json:"sha,omitzero"`
		Kinds      []stepKind        `json:"kinds,omitzero"`
		Inputs     []input           `json:"inputs,omitzero"`
		Steps      []step            `json:"steps,omitzero"`
		Failure    failure           `json:"failure,omitzero"`
		Rollback   []step            `json:"rollback,omitzero"`
		Messages   map[string]string `json:"messages,omitzero"`
	}
	input struct {
		ID       string   `json:"id,omitzero"`
		Label    string   `json:"label,omitzero"`
		Options  []string `json:"options,omitzero"`
		Default  string   `json:"default,omitzero"`
		Required bool     `json:"required,omitzero"`
	}
	step struct {
		ID              string           `json:"id,omitzero"`
		Phase           string           `json:"phase,omitzero"`
		Title           string           `json:"title,omitzero"`
		Uses            string           `json:"uses,omitzero"`
		Needs           []string         `json:"needs,omitzero"`
		When            string           `json:"when,omitzero"`
		Else            string           `json:"else,omitzero"`
		Each            []string         `json:"each,omitzero"`
		With            map[string]value `json:"with,omitzero"`
		Expect          string           `json:"expect,omitzero"`
		Troubleshooting string           `json:"troubleshooting,omitzero"`
		Estimate        time.Duration    `json:"estimate,omitzero"`
		Timeout         time.Duration    `json:"timeout,omitzero"`
		Remind          []time.Duration  `json:"remind,omitzero"`
	}
	value struct {
		Text     string        `json:"text,omitzero"`
		Number   int           `json:"number,omitzero"`
		Flag     bool          `json:"flag,omitzero"`
		Duration time.Duration `json:"duration,omitzero"`
		List     []string      `json:"list,omitzero"`
		Items    []item        `json:"items,omitzero"`
	}
	stepKind struct {
		Name     string          `json:"name,omitzero"`
		Doc      string          `json:"doc,omitzero"`
		Params   []param         `json:"params,omitzero"`
		Outputs  []param         `json:"outputs,omitzero"`
		Fails    []string        `json:"fails,omitzero"`
		Work     deployer.Work   `json:"work,omitzero"`
		Scope    deployer.Scope  `json:"scope,omitzero"`
		Repeat   deployer.Repeat `json:"repeat,omitzero"`
		Mutates  bool            `json:"mutates,omitzero"`
		Deploys  bool            `json:"deploys,omitzero"`
		OfTarget bool            `json:"of_target,omitzero"`
		Asks     *asks           `json:"asks,omitzero"`
		Gate     string          `json:"gate,omitzero"`
	}
	param struct {
		Name     string             `json:"name,omitzero"`
		Type     deployer.ParamType `json:"type,omitzero"`
		Required bool               `json:"required,omitzero"`
		Options  []string           `json:"options,omitzero"`
		Doc      string             `json:"doc,omitzero"`
	}
	asks struct {
		Role    string   `json:"role,omitzero"`
		Count   string   `json:"count,omitzero"`
		Subject bool     `json:"subject,omitzero"`
		Choices []option `json:"choices,omitzero"`
	}
	option struct {
		Choice deployer.Choice `json:"choice,omitzero"`
		Leads  deployer.Lead   `json:"leads,omitzero"`
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
		stamp: stamp{procedureFormat.version()}, ID: p.ID, Title: p.Title, Owner: p.Owner, Unapproved: p.Unapproved, SHA: p.SHA,
		Kinds: each(p.Kinds, toStepKind), Inputs: each(p.Inputs, toInput), Steps: each(p.Steps, toStep), Failure: failure(p.Failure),
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
		ID: r.ID, Title: r.Title, Owner: r.Owner, Unapproved: r.Unapproved, SHA: r.SHA,
		Kinds: each(r.Kinds, stepKind.kind), Inputs: each(r.Inputs, input.input), Steps: each(r.Steps, step.step),
		Failure: deployer.Failure(r.Failure), Rollback: each(r.Rollback, step.step), Messages: r.Messages,
	}, nil
}

func toStep(s deployer.Step) step {
	return step{
		ID: s.ID, Phase: s.Phase, Title: s.Title, Uses: s.Uses, Needs: s.Needs, When: s.When, Else: s.Else, Each: s.Each, With: toValues(s.With),
		Expect: s.Expect, Troubleshooting: s.Troubleshooting, Estimate: s.Estimate, Timeout: s.Timeout, Remind: s.Remind,
	}
}

func (r step) step() deployer.Step {
	return deployer.Step{
		ID: r.ID, Phase: r.Phase, Title: r.Title, Uses: r.Uses, Needs: r.Needs, When: r.When, Else: r.Else, Each: r.Each, With: values(r.With),
		Expect: r.Expect, Troubleshooting: r.Troubleshooting, Estimate: r.Estimate, Timeout: r.Timeout, Remind: r.Remind,
	}
}

func toValues(v deployer.Values) map[string]value {
	return eachValue(v, func(v deployer.Value) value {
		return value{Text: v.Text, Number: v.Number, Flag: v.Flag, Duration: v.Duration, List: v.List, Items: each(v.Items, toItem)}
	})
}

func values(r map[string]value) deployer.Values {
	return eachValue(r, func(r value) deployer.Value {
		return deployer.Value{Text: r.Text, Number: r.Number, Flag: r.Flag, Duration: r.Duration, List: r.List, Items: each(r.Items, item.item)}
	})
}

// eachValue converts a map; none stays none.
func eachValue[A, B any](m map[string]A, convert func(A) B) map[string]B {
	if m == nil {
		return nil
	}
	out := make(map[string]B, len(m))
	for name, a := range m {
		out[name] = convert(a)
	}
	return out
}

func toStepKind(k deployer.Kind) stepKind {
	r := stepKind{
		Name: k.Name, Doc: k.Doc, Params: each(k.Params, toParam), Outputs: each(k.Outputs, toParam), Fails: k.Fails,
		Work: k.Work, Scope: k.Scope, Repeat: k.Repeat, Mutates: k.Mutates, Deploys: k.Deploys, OfTarget: k.OfTarget, Gate: k.Gate,
	}
	if a := k.Asks; a != nil {
		r.Asks = &asks{Role: a.Role, Count: a.Count, Subject: a.Subject, Choices: each(a.Choices, toOption)}
	}
	return r
}

func (r stepKind) kind() deployer.Kind {
	k := deployer.Kind{
		Name: r.Name, Doc: r.Doc, Params: each(r.Params, param.param), Outputs: each(r.Outputs, param.param), Fails: r.Fails,
		Work: r.Work, Scope: r.Scope, Repeat: r.Repeat, Mutates: r.Mutates, Deploys: r.Deploys, OfTarget: r.OfTarget, Gate: r.Gate,
	}
	if a := r.Asks; a != nil {
		k.Asks = &deployer.Asks{Role: a.Role, Count: a.Count, Subject: a.Subject, Choices: each(a.Choices, option.option)}
	}
	return k
}

func toParam(p deployer.Param) param     { return param(p) }
func (r param) param() deployer.Param    { return deployer.Param(r) }
func toOption(o deployer.Option) option  { return option(o) }
func (r option) option() deployer.Option { return deployer.Option(r) }
