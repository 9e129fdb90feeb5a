package trial

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// machine is what a system does next about an effect, and when.
func (w *world) machine(e deployer.Wanted) (time.Time, deployer.Command) {
	switch {
	case e.Stage == "":
		return w.now, deployer.Intend{Key: e.Key, Observation: deployer.Observation{Kind: deployer.ObservedAbsent, State: e.Intent.From}}
	case e.Halt != "":
		return w.now, deployer.Settle{Key: e.Key, Outcome: deployer.Outcome{Result: deployer.Failed, Why: e.Halt}}
	case e.Stage == deployer.Intended && !e.LookOnly:
		return w.now, w.act(e)
	}
	s := w.d.Step(e.Intent.Step)
	o := w.director.Machine(*s, e.Intent.Item)
	takes := o.After
	if takes == 0 {
		takes = s.Estimate
	}
	if takes == 0 {
		takes = machineTakes
	}
	if e.Verb != "" {
		return w.now, deployer.Settle{Key: e.Key, Outcome: deployer.Outcome{Result: deployer.OK, State: e.Intent.From}}
	}
	return e.Intent.At.Add(takes), deployer.Settle{Key: e.Key, Outcome: w.outcome(*s, e, o)}
}

// act does it. Where a repeat is not harmless by itself, the try is written down
// before.
func (w *world) act(e deployer.Wanted) deployer.Command {
	once := e.Repeat == deployer.RepeatFindable || e.Repeat == deployer.RepeatAtMostOnce
	if once && len(e.Sent) == 0 {
		return deployer.Try{Key: e.Key}
	}
	key := fmt.Sprintf("%s#%d", e.Key, e.Intent.Attempt)
	if !w.acted[key] {
		w.acted[key] = true
		w.noteAct(e)
	}
	return deployer.Act{Key: e.Key, Ref: key}
}

// noteAct keeps what people notice of an act: whom it pages, where it runs another
// procedure.
func (w *world) noteAct(e deployer.Wanted) {
	s := w.d.Step(e.Intent.Step)
	switch s.Uses {
	case "page.send":
		w.paged = append(w.paged, w.people(e.Intent.With["role"].Text)...)
	case deployer.KindRun:
		where := e.Intent.With["retailer"].Text
		if where == "" {
			where = e.Intent.Item
		}
		id := e.Intent.With["procedure"].Text
		w.run[id] = append(w.run[id], where)
	}
}

// outcome is how an effect ends.
func (w *world) outcome(s deployer.StepState, e deployer.Wanted, o Outcome) deployer.Outcome {
	if o.Fails != "" {
		return deployer.Outcome{Result: deployer.Failed, Kind: o.Fails, Why: "It failed: " + o.Fails + "."}
	}
	out := deployer.Outcome{Result: deployer.OK, State: e.Intent.To, Outputs: deployer.Values{}}
	for _, p := range s.Kind.Outputs {
		given, ok := o.Outputs[p.Name]
		out.Outputs[p.Name] = w.output(s, p, given, ok)
	}
	for name := range s.With["outputs"].Texts {
		out.Outputs[name] = w.output(s, deployer.Param{Name: name, Type: deployer.TypeText}, o.Outputs[name], o.Outputs[name] != "")
	}
	return out
}

// output is what a step leaves behind, as its type is. What a test does not say is
// something of that type.
func (w *world) output(s deployer.StepState, p deployer.Param, given string, ok bool) deployer.Value {
	switch p.Type {
	case deployer.TypeFlag:
		return deployer.Value{Flag: given == "true"}
	case deployer.TypeNumber:
		n, err := strconv.Atoi(given)
		if err != nil {
			n = 1
		}
		return deployer.Value{Number: n}
	case deployer.TypeTime:
		t, err := time.Parse(time.RFC3339, given)
		if err != nil {
			t = w.now
		}
		return deployer.Value{Time: t.UTC()}
	case deployer.TypeList:
		if !ok || given == "" {
			return deployer.Value{List: []string{}}
		}
		return deployer.Value{List: strings.Split(given, "\n")}
	}
	switch {
	case ok:
		return deployer.Value{Text: given}
	case len(p.Options) > 0:
		return deployer.Value{Text: p.Options[0]}
	case p.Name == "url":
		return deployer.Value{Text: "https://example.com/" + s.ID}
	}
	return deployer.Value{Text: s.ID + "-" + p.Name}
}

// targets are what the services run, and are to run.
func (w *world) targets() []deployer.Target {
	var out []deployer.Target
	for _, r := range deployer.Unresolved(w.d) {
		image := "registry.example/" + r.Service + ":"
		out = append(out, deployer.Target{
			Service: r.Service, Runner: "kubernetes",
			Before: deployer.State{Version: "before", Image: image + "before"}, After: deployer.State{Version: r.Tag, Image: image + r.Tag},
		})
	}
	return out
}
