package report_test

import (
	"fmt"
	"reflect"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/report"
	"pgregory.net/rapid"
)

// events is one of each, with nothing in it.
var events = []deployer.Event{
	deployer.Created{}, deployer.Resolved{}, deployer.OrderSeen{}, deployer.StepBegan{}, deployer.ConditionSeen{}, deployer.StepHeld{},
	deployer.StepEnded{}, deployer.Answered{}, deployer.ApprovalVoided{}, deployer.ApprovalLapsed{}, deployer.ApprovalCarried{}, deployer.TargetChanged{}, deployer.EffectIntended{},
	deployer.EffectTried{}, deployer.EffectActed{}, deployer.GateOpened{}, deployer.EffectSettled{}, deployer.EffectRechecked{},
	deployer.EffectReopened{}, deployer.StepExpired{}, deployer.Reminded{}, deployer.Escalated{}, deployer.Delivered{}, deployer.Undelivered{},
	deployer.PlacesFreed{}, deployer.Ended{}, deployer.Overridden{},
}

// nasty are parts of texts that mean something in CSV, in a spreadsheet, in Markdown or in JSON.
var nasty = []string{
	"=1+2", "+", "-", "@", "\t", "\r\n", "\r", "\n", "'", `"`, `""`, ",", ";", "|", "`", "```", "*", "_", "# ", "> ", "1. ", "<b>", "&amp;", "\\",
	"[a](https://x.example)", "https://x.example/a_b", "www.x.example", "@bob", ":smile:", "\x00", "\x1b[31m", "\xff", "\u202e", "ａ＝", "é", "🚀", ": ", "name", "web", "=",
}

func text(t *rapid.T) string {
	out := ""
	for range rapid.IntRange(0, 4).Draw(t, "parts") {
		out += rapid.OneOf(rapid.SampledFrom(nasty), rapid.StringN(0, 5, -1)).Draw(t, "text")
	}
	return out
}

// fill puts anything into a value, as far as its type has it.
func fill(t *rapid.T, v reflect.Value, depth int) {
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(tenPM.Add(time.Duration(rapid.Int64Range(0, int64(100*time.Hour)).Draw(t, "time")))))
		return
	case v.Type() == reflect.TypeFor[deployer.Procedure](), v.Type() == reflect.TypeFor[deployer.StepStatus]() && rapid.Bool().Draw(t, "known"):
		if v.Kind() == reflect.String {
			v.SetString(rapid.SampledFrom([]string{"done", "failed", "not-needed", "interrupted"}).Draw(t, "status"))
		}
		return
	case v.Type() == reflect.TypeFor[deployer.Choice]():
		v.SetString(rapid.SampledFrom([]string{"Done", "Approve", "Reject", "Send", "Retry", "Skip", "Roll back", "Proceed", "Abort", "Stop", "Done by hand", "Take over", "Hand back", "View"}).Draw(t, "choice"))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(text(t))
	case reflect.Int, reflect.Int64:
		v.SetInt(rapid.Int64Range(0, 9).Draw(t, "number"))
	case reflect.Bool:
		v.SetBool(rapid.Bool().Draw(t, "flag"))
	case reflect.Struct:
		for i := range v.NumField() {
			fill(t, v.Field(i), depth)
		}
	case reflect.Slice:
		for range several(t, depth) {
			one := reflect.New(v.Type().Elem()).Elem()
			fill(t, one, depth-1)
			v.Set(reflect.Append(v, one))
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range several(t, depth) {
			key, one := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			fill(t, key, depth-1)
			fill(t, one, depth-1)
			v.SetMapIndex(key, one)
		}
	}
}

func several(t *rapid.T, depth int) int {
	return rapid.IntRange(0, max(0, min(depth, 2))).Draw(t, "several")
}

// history is one with any events and texts, about steps that are there and others.
func history(t *rapid.T) report.History {
	h := report.History{Deployment: deployer.Deployment{
		ID: text(t), Site: deployer.Site{Name: text(t), Environment: text(t)}, Procedure: procedure(), Reason: text(t), Inputs: map[string]string{text(t): text(t)},
		Status: deployer.Complete, Created: tenPM, Ended: tenPM.Add(time.Hour),
	}}
	ids := []string{"gone"}
	for _, s := range procedure().Steps {
		s.Title += text(t)
		h.Deployment.Steps = append(h.Deployment.Steps, deployer.StepState{Step: s})
		ids = append(ids, s.ID)
	}
	h.Deployment.Targets = []deployer.Target{{Service: "web", Before: deployer.State{Version: text(t), Image: text(t)}}}
	for n := range rapid.IntRange(1, 8).Draw(t, "records") {
		e := reflect.New(reflect.TypeOf(rapid.SampledFrom(events).Draw(t, "event"))).Elem()
		fill(t, e, 3)
		if step := e.FieldByName("Step"); step.IsValid() && rapid.Bool().Draw(t, "of a step") {
			step.SetString(rapid.SampledFrom(ids).Draw(t, "step"))
		}
		if key := e.FieldByName("Key"); key.IsValid() && rapid.Bool().Draw(t, "of an effect") {
			key.SetString(rapid.SampledFrom(ids).Draw(t, "step") + "/web")
		}
		r := deployer.Record{Seq: n + 1, At: tenPM.Add(time.Duration(n)), Hash: fmt.Sprint("h", n+1), Events: []deployer.Event{e.Interface().(deployer.Event)}}
		if n > 0 {
			r.Prev = fmt.Sprint("h", n)
		}
		h.Records = append(h.Records, r)
	}
	return h
}
