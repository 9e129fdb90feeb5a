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
		ID           string                       `json:"id,omitzero"`
		Title        string                       `json:"title,omitzero"`
		Owner        string                       `json:"owner,omitzero"`
		About        string                       `json:"about,omitzero"`
		Abstract     bool                         `json:"abstract,omitzero"`
		Services     deployer.ServiceCount        `json:"services,omitzero"`
		Environments []string                     `json:"environments,omitzero"`
		Unapproved   string                       `json:"unapproved,omitzero"`
		SHA          string                       `json:"sha,omitzero"`
		Kinds        []stepKind                   `json:"kinds,omitzero"`
		Inputs       []input                      `json:"inputs,omitzero"`
		Vars         map[string]string            `json:"vars,omitzero"`
		ServiceVars  map[string]map[string]string `json:"service_vars,omitzero"`
		Values       map[string]string            `json:"values,omitzero"`
		Windows      []window                     `json:"windows,omitzero"`
		Phases       []phase                      `json:"phases,omitzero"`
		Steps        []step                       `json:"steps,omitzero"`
		Failure      failure                      `json:"failure,omitzero"`
		Rollback     []step                       `json:"rollback,omitzero"`
		After        []step                       `json:"after,omitzero"`
		Messages     map[string]string            `json:"messages,omitzero"`
		Titles       map[string]string            `json:"titles,omitzero"`
		Troubles     []trouble                    `json:"troubles,omitzero"`
		OnCall       string                       `json:"on_call,omitzero"`
		BreakGlass   string                       `json:"break_glass,omitzero"`
	}
	input struct {
		ID        string             `json:"id,omitzero"`
		Label     string             `json:"label,omitzero"`
		Kind      deployer.InputKind `json:"kind,omitzero"`
		Options   []string           `json:"options,omitzero"`
		OptionsOf string             `json:"options_of,omitzero"`
		Default   string             `json:"default,omitzero"`
		Required  bool               `json:"required,omitzero"`
		Many      bool               `json:"many,omitzero"`
		When      string             `json:"when,omitzero"`
		Help      string             `json:"help,omitzero"`
		Pattern   string             `json:"pattern,omitzero"`
		Clients   bool               `json:"clients,omitzero"`
	}
	window struct {
		When         string            `json:"when,omitzero"`
		Environments []string          `json:"environments,omitzero"`
		Days         []string          `json:"days,omitzero"`
		From         string            `json:"from,omitzero"`
		To           string            `json:"to,omitzero"`
		Zone         string            `json:"zone,omitzero"`
		Is           deployer.WindowIs `json:"is,omitzero"`
		Why          string            `json:"why,omitzero"`
		Override     string            `json:"override,omitzero"`

		Ends deployer.WindowEnds `json:"ends,omitzero"`
	}
	phase struct {
		ID    string `json:"id,omitzero"`
		Title string `json:"title,omitzero"`
		When  string `json:"when,omitzero"`
		Else  string `json:"else,omitzero"`
	}
	step struct {
		ID              string             `json:"id,omitzero"`
		Phase           string             `json:"phase,omitzero"`
		Title           string             `json:"title,omitzero"`
		Uses            string             `json:"uses,omitzero"`
		Hand            bool               `json:"hand,omitzero"`
		Fields          []input            `json:"fields,omitzero"`
		Needs           []string           `json:"needs,omitzero"`
		When            string             `json:"when,omitzero"`
		Else            string             `json:"else,omitzero"`
		Each            []string           `json:"each,omitzero"`
		EachOf          string             `json:"each_of,omitzero"`
		Order           deployer.Waves     `json:"order,omitzero"`
		With            map[string]value   `json:"with,omitzero"`
		Expect          string             `json:"expect,omitzero"`
		How             string             `json:"how,omitzero"`
		Links           []item             `json:"links,omitzero"`
		Troubleshooting string             `json:"troubleshooting,omitzero"`
		Troubles        []trouble          `json:"troubles,omitzero"`
		Estimate        time.Duration      `json:"estimate,omitzero"`
		Timeout         time.Duration      `json:"timeout,omitzero"`
		Deadline        string             `json:"deadline,omitzero"`
		Retries         retries            `json:"retries,omitzero"`
		OnFailure       deployer.OnFailure `json:"on_failure,omitzero"`
		MaySkip         string             `json:"may_skip,omitzero"`
		Background      bool               `json:"background,omitzero"`
		Remind          []time.Duration    `json:"remind,omitzero"`
		Escalate        escalate           `json:"escalate,omitzero"`
		In              time.Duration      `json:"in,omitzero"`
		Every           time.Duration      `json:"every,omitzero"`
		Lasts           time.Duration      `json:"lasts,omitzero"`
	}
	trouble struct {
		Failure   string   `json:"failure,omitzero"`
		Symptom   string   `json:"symptom,omitzero"`
		Diagnosis string   `json:"diagnosis,omitzero"`
		Fix       string   `json:"fix,omitzero"`
		Causes    []string `json:"causes,omitzero"`
	}
	retries struct {
		Times int           `json:"times,omitzero"`
		Every time.Duration `json:"every,omitzero"`
	}
	escalate struct {
		Deputies   time.Duration `json:"deputies,omitzero"`
		Page       time.Duration `json:"page,omitzero"`
		BreakGlass time.Duration `json:"break_glass,omitzero"`
	}
	value struct {
		Text     string              `json:"text,omitzero"`
		Number   int                 `json:"number,omitzero"`
		Flag     bool                `json:"flag,omitzero"`
		Duration time.Duration       `json:"duration,omitzero"`
		Time     time.Time           `json:"time,omitzero"`
		List     []string            `json:"list,omitzero"`
		Items    []item              `json:"items,omitzero"`
		Texts    map[string]string   `json:"texts,omitzero"`
		Counts   map[string]int      `json:"counts,omitzero"`
		Rows     []map[string]string `json:"rows,omitzero"`
		Inputs   []input             `json:"inputs,omitzero"`
	}
	stepKind struct {
		Name     string          `json:"name,omitzero"`
		Doc      string          `json:"doc,omitzero"`
		Expect   string          `json:"expect,omitzero"`
		Params   []param         `json:"params,omitzero"`
		Outputs  []param         `json:"outputs,omitzero"`
		Fails    []string        `json:"fails,omitzero"`
		Work     deployer.Work   `json:"work,omitzero"`
		Scope    deployer.Scope  `json:"scope,omitzero"`
		Repeat   deployer.Repeat `json:"repeat,omitzero"`
		Reads    reading         `json:"reads,omitzero"`
		Mutates  bool            `json:"mutates,omitzero"`
		Deploys  bool            `json:"deploys,omitzero"`
		OfTarget bool            `json:"of_target,omitzero"`
		Asks     *asks           `json:"asks,omitzero"`
		Opens    string          `json:"opens,omitzero"`
		Gate     string          `json:"gate,omitzero"`
	}
	reading struct {
		Param  string   `json:"param,omitzero"`
		Values []string `json:"values,omitzero"`
	}
	param struct {
		Name     string             `json:"name,omitzero"`
		Type     deployer.ParamType `json:"type,omitzero"`
		Required bool               `json:"required,omitzero"`
		Options  []string           `json:"options,omitzero"`
		Default  string             `json:"default,omitzero"`
		Escape   deployer.Escape    `json:"escape,omitzero"`
		Instead  string             `json:"instead,omitzero"`
		Doc      string             `json:"doc,omitzero"`
	}
	asks struct {
		Role    string   `json:"role,omitzero"`
		Count   string   `json:"count,omitzero"`
		Roles   string   `json:"roles,omitzero"`
		Subject bool     `json:"subject,omitzero"`
		Choices []option `json:"choices,omitzero"`
	}
	option struct {
		Choice deployer.Choice `json:"choice,omitzero"`
		Leads  deployer.Lead   `json:"leads,omitzero"`
	}
	item struct {
		Title    string `json:"title,omitzero"`
		Link     string `json:"link,omitzero"`
		Evidence string `json:"evidence,omitzero"`
	}
	failure struct {
		Roles    []string        `json:"roles,omitzero"`
		Experts  []string        `json:"experts,omitzero"`
		Prefer   deployer.Choice `json:"prefer,omitzero"`
		Timeout  time.Duration   `json:"timeout,omitzero"`
		Default  deployer.Choice `json:"default,omitzero"`
		People   []string        `json:"people,omitzero"`
		Remind   []time.Duration `json:"remind,omitzero"`
		Escalate escalate        `json:"escalate,omitzero"`
		Steps    []step          `json:"steps,omitzero"`

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
		stamp: stamp{procedureFormat.version()}, ID: p.ID, Title: p.Title, Owner: p.Owner, About: p.About, Abstract: p.Abstract,
		Services: p.Services, Environments: p.Environments, Unapproved: p.Unapproved, SHA: p.SHA,
		Kinds: each(p.Kinds, toStepKind), Inputs: each(p.Inputs, toInput), Vars: p.Vars, ServiceVars: p.ServiceVars, Values: p.Values,
		Windows: each(p.Windows, toWindow), Phases: each(p.Phases, toPhase), Steps: each(p.Steps, toStep), Failure: toFailure(p.Failure),
		Rollback: each(p.Rollback, toStep), After: each(p.After, toStep), Messages: p.Messages, Titles: p.Titles, Troubles: each(p.Troubles, toTrouble), OnCall: p.OnCall, BreakGlass: p.BreakGlass,
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
		ID: r.ID, Title: r.Title, Owner: r.Owner, About: r.About, Abstract: r.Abstract,
		Services: r.Services, Environments: r.Environments, Unapproved: r.Unapproved, SHA: r.SHA,
		Kinds: each(r.Kinds, stepKind.kind), Inputs: each(r.Inputs, input.input), Vars: r.Vars, ServiceVars: r.ServiceVars, Values: r.Values,
		Windows: each(r.Windows, window.window), Phases: each(r.Phases, phase.phase), Steps: each(r.Steps, step.step), Failure: r.Failure.failure(),
		Rollback: each(r.Rollback, step.step), After: each(r.After, step.step), Messages: r.Messages, Titles: r.Titles, Troubles: each(r.Troubles, trouble.trouble), OnCall: r.OnCall, BreakGlass: r.BreakGlass,
	}, nil
}

func toStep(s deployer.Step) step {
	return step{
		ID: s.ID, Phase: s.Phase, Title: s.Title, Uses: s.Uses, Hand: s.Hand, Fields: each(s.Fields, toInput), Needs: s.Needs,
		When: s.When, Else: s.Else, Each: s.Each, EachOf: s.EachOf, Order: s.Order, With: toValues(s.With),
		Expect: s.Expect, How: s.How, Links: each(s.Links, toItem), Troubleshooting: s.Troubleshooting, Troubles: each(s.Troubles, toTrouble),
		Estimate: s.Estimate, Timeout: s.Timeout, Deadline: s.Deadline, Retries: retries(s.Retries), OnFailure: s.OnFailure, MaySkip: s.MaySkip,
		Background: s.Background, Remind: s.Remind, Escalate: escalate(s.Escalate), In: s.In, Every: s.Every, Lasts: s.Lasts,
	}
}

func (r step) step() deployer.Step {
	return deployer.Step{
		ID: r.ID, Phase: r.Phase, Title: r.Title, Uses: r.Uses, Hand: r.Hand, Fields: each(r.Fields, input.input), Needs: r.Needs,
		When: r.When, Else: r.Else, Each: r.Each, EachOf: r.EachOf, Order: r.Order, With: values(r.With),
		Expect: r.Expect, How: r.How, Links: each(r.Links, item.item), Troubleshooting: r.Troubleshooting, Troubles: each(r.Troubles, trouble.trouble),
		Estimate: r.Estimate, Timeout: r.Timeout, Deadline: r.Deadline, Retries: deployer.Retries(r.Retries), OnFailure: r.OnFailure, MaySkip: r.MaySkip,
		Background: r.Background, Remind: r.Remind, Escalate: deployer.Escalate(r.Escalate), In: r.In, Every: r.Every, Lasts: r.Lasts,
	}
}

func toFailure(f deployer.Failure) failure {
	return failure{
		Roles: f.Roles, Experts: f.Experts, Prefer: f.Prefer, Timeout: f.Timeout, Default: f.Default, People: f.People, Remind: f.Remind,
		Escalate: escalate(f.Escalate), Steps: each(f.Steps, toStep),
		Decide: f.Decide, Message: f.Message, Over: f.Over, Stopped: f.Stopped, To: f.To, Held: f.Held, Resumed: f.Resumed,
	}
}

func (r failure) failure() deployer.Failure {
	return deployer.Failure{
		Roles: r.Roles, Experts: r.Experts, Prefer: r.Prefer, Timeout: r.Timeout, Default: r.Default, People: r.People, Remind: r.Remind,
		Escalate: deployer.Escalate(r.Escalate), Steps: each(r.Steps, step.step),
		Decide: r.Decide, Message: r.Message, Over: r.Over, Stopped: r.Stopped, To: r.To, Held: r.Held, Resumed: r.Resumed,
	}
}

func toValues(v deployer.Values) map[string]value {
	return eachValue(v, func(v deployer.Value) value {
		return value{
			Text: v.Text, Number: v.Number, Flag: v.Flag, Duration: v.Duration, Time: v.Time, List: v.List, Items: each(v.Items, toItem),
			Texts: v.Texts, Counts: v.Counts, Rows: v.Rows, Inputs: each(v.Inputs, toInput),
		}
	})
}

func values(r map[string]value) deployer.Values {
	return eachValue(r, func(r value) deployer.Value {
		return deployer.Value{
			Text: r.Text, Number: r.Number, Flag: r.Flag, Duration: r.Duration, Time: r.Time, List: r.List, Items: each(r.Items, item.item),
			Texts: r.Texts, Counts: r.Counts, Rows: r.Rows, Inputs: each(r.Inputs, input.input),
		}
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
		Name: k.Name, Doc: k.Doc, Expect: k.Expect, Params: each(k.Params, toParam), Outputs: each(k.Outputs, toParam), Fails: k.Fails,
		Work: k.Work, Scope: k.Scope, Repeat: k.Repeat, Reads: reading(k.Reads), Mutates: k.Mutates, Deploys: k.Deploys, OfTarget: k.OfTarget, Opens: k.Opens, Gate: k.Gate,
	}
	if a := k.Asks; a != nil {
		r.Asks = &asks{Role: a.Role, Count: a.Count, Roles: a.Roles, Subject: a.Subject, Choices: each(a.Choices, toOption)}
	}
	return r
}

func (r stepKind) kind() deployer.Kind {
	k := deployer.Kind{
		Name: r.Name, Doc: r.Doc, Expect: r.Expect, Params: each(r.Params, param.param), Outputs: each(r.Outputs, param.param), Fails: r.Fails,
		Work: r.Work, Scope: r.Scope, Repeat: r.Repeat, Reads: deployer.Reading(r.Reads), Mutates: r.Mutates, Deploys: r.Deploys, OfTarget: r.OfTarget, Opens: r.Opens, Gate: r.Gate,
	}
	if a := r.Asks; a != nil {
		k.Asks = &deployer.Asks{Role: a.Role, Count: a.Count, Roles: a.Roles, Subject: a.Subject, Choices: each(a.Choices, option.option)}
	}
	return k
}

func toParam(p deployer.Param) param        { return param(p) }
func (r param) param() deployer.Param       { return deployer.Param(r) }
func toOption(o deployer.Option) option     { return option(o) }
func (r option) option() deployer.Option    { return deployer.Option(r) }
func toWindow(w deployer.Window) window     { return window(w) }
func (r window) window() deployer.Window    { return deployer.Window(r) }
func toPhase(p deployer.Phase) phase        { return phase(p) }
func (r phase) phase() deployer.Phase       { return deployer.Phase(r) }
func toTrouble(t deployer.Trouble) trouble  { return trouble(t) }
func (r trouble) trouble() deployer.Trouble { return deployer.Trouble(r) }
