package trial

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/launch"
	"github.com/stationmaster/stationmaster/deployer/spelling"
	"github.com/stationmaster/stationmaster/templates/strict"
)

// A Setting is what tests are run with. It must not be changed meanwhile.
type Setting struct {
	Procedures map[string]deployer.Procedure // by id
	Language   deployer.Language
	Others     []string // further ids that there are, for whoever misspells one
	Looked     string   // where procedures were looked for, for whoever names one that is not there; "": it is not said
}

// Tries is the id of the procedure that a file of tests tries; "": it names none.
func Tries(data []byte) string {
	var f file
	_, _ = strict.DecodePlain("", data, &f) // what is wrong with it, Run says
	return f.Procedure.Value
}

// A Result is what came of one test.
type Result struct {
	Name  string
	Line  int                  // where it stands
	Wrong []string             // what did not come out as it says; none: it passed
	Took  time.Duration        // of the deployment, by its own clock
	Real  time.Duration        // of the test
	State deployer.Status      // in which it ended
	Steps []deployer.StepState // as they ended
}

// Run tries all tests of a file. The error is [strict.Problems] if the file is wrong.
func Run(s Setting, name string, data []byte) ([]Result, error) {
	var f file
	if _, found := strict.DecodePlain(name, data, &f); len(found) > 0 {
		return nil, found.Err()
	}
	p, ok := s.Procedures[f.Procedure.Value]
	if !ok {
		return nil, strict.Problems{f.Procedure.At(name, "%s", s.unknown(f.Procedure.Value))}
	}
	r := reader{file: name, procedure: p}
	scripts := make([]script, len(f.Tests))
	r.started(f.Start)
	r.held(data, f.Roles)
	for i, t := range f.Tests {
		r.started(t.Start)
		began := merged(f.Start, t.Start)
		r.cast, r.hand = castOf(p, f.Roles, began), began.ByHand
		r.expected(t.Expect)
		if reflect.DeepEqual(t.Expect, expect{}) {
			at := t.Name
			if !at.Written() {
				at = f.Procedure
			}
			r.problems = append(r.problems, at.At(name, "this test expects nothing, so that it shows nothing; add expect, such as expect: {end: complete}"))
		}
		scripts[i] = r.script(&f.Tests[i].Do)
		if t.Kill.Value != "" && t.Kill.Value != "everywhere" {
			r.problems = append(r.problems, t.Kill.At(name, "kill is %q; it can be everywhere alone", t.Kill.Value))
		}
	}
	if len(r.problems) > 0 {
		return nil, r.problems.Err()
	}
	var out []Result
	for i, t := range f.Tests {
		began := time.Now()
		result := s.try(f, p, t, scripts[i])
		result.Name, result.Line, result.Real = t.Name.Value, t.Name.Line, time.Since(began)
		out = append(out, result)
	}
	return out, nil
}

// unknown says that there is no procedure of an id.
func (s Setting) unknown(id string) string {
	ids := slices.Concat(s.Others, slices.Sorted(maps.Keys(s.Procedures)))
	slices.Sort(ids)
	ids = slices.Compact(ids)
	why := strict.Unknown("procedure", id, ids)
	if s.Looked != "" && spelling.SuggestAs("%q", id, ids) == "" {
		why += "; " + s.Looked
	}
	return why
}

// roleOnCall is the role of those who are on call in every test.
const roleOnCall = "on-call"

// try runs one test.
func (s Setting) try(f file, p deployer.Procedure, t test, director script) Result {
	began := merged(f.Start, t.Start)
	at, err := time.Parse(time.RFC3339, cmp.Or(began.At.Value, "2026-03-05T10:00:00Z"))
	if err != nil {
		return Result{Wrong: []string{"start: at is no time such as 2026-03-05T22:10:00Z"}}
	}
	w := newWorld(s.Language, director, maps.Clone(f.Roles), at)
	w.restarts = t.Kill.Value != ""
	if w.roles == nil {
		w.roles = map[string][]string{}
	}
	start, err := s.start(f, p, began, at)
	if err == nil {
		start.Procedure.OnCall, start.Procedure.BreakGlass = roleOnCall, roleOnCall
		err = w.begin(cmp.Or(began.By, "requester"), start)
	}
	if err == nil {
		err = w.play()
	}
	result := Result{State: w.d.Status, Steps: w.d.Steps}
	if w.d.ID != "" {
		result.Took = w.d.Took(w.now)
	}
	if refusal, ok := errors.AsType[*deployer.Refusal](err); ok && w.d.ID == "" {
		result.State, err = deployer.Refused, nil
		if t.Expect.End.Value != string(deployer.Refused) {
			result.Wrong = append(result.Wrong, "it was refused: "+refusal.Error())
		} else if t.Expect.End = (strict.Text{}); !reflect.DeepEqual(t.Expect, expect{}) || len(t.Do.Content) > 0 {
			result.Wrong = append(result.Wrong, "it was refused, so that nothing else can come of it: expect: {end: refused} stands alone")
		}
		return result
	}
	if err != nil {
		result.Wrong = append(result.Wrong, err.Error())
	}
	result.Wrong = append(result.Wrong, w.compare(t.Expect)...)
	if err == nil { // else it did not get so far
		result.Wrong = append(result.Wrong, director.idle(w.decisions)...)
	}
	if len(result.Wrong) > 0 {
		result.Wrong = append(result.Wrong, w.repeated()...)
	}
	return result
}

// merged is how a test is started: as it says, and for the rest as the file does.
func merged(all, own start) start {
	out := all
	out.By, out.Reason = cmp.Or(own.By, all.By), cmp.Or(own.Reason, all.Reason)
	out.In.Retailer, out.In.Environment = cmp.Or(own.In.Retailer, all.In.Retailer), cmp.Or(own.In.Environment, all.In.Environment)
	out.In.Channel = cmp.Or(own.In.Channel, all.In.Channel)
	if own.At.Value != "" {
		out.At = own.At
	}
	if own.Planned.Value != "" {
		out.Planned = own.Planned
	}
	if own.ByHand != nil {
		out.ByHand = own.ByHand
	}
	if len(own.Services) > 0 {
		out.Services = own.Services
	}
	out.Inputs = map[string]strict.Text{}
	maps.Copy(out.Inputs, all.Inputs)
	maps.Copy(out.Inputs, own.Inputs)
	return out
}

// roleOwner is whom tests mean by the owners of the services, and by those on call.
const roleOwner = "owner"

// start makes what starts the deployment, as every other start is made.
func (s Setting) start(f file, p deployer.Procedure, began start, at time.Time) (deployer.Start, error) {
	retailer, environment := cmp.Or(began.In.Retailer, "retailer"), cmp.Or(began.In.Environment, "prod")
	cfg := launch.Config{Services: map[string]string{}, Procedures: s.Procedures, Sites: map[string]launch.Site{}, Settings: launch.Settings{Language: s.Language, Owners: map[string]launch.Owner{}}}
	cfg.Has = func(kind deployer.Kind, _, _ string) bool {
		return !slices.ContainsFunc(began.ByHand, func(t strict.Text) bool { return t.Value == systemOf(kind.Name) })
	}
	channels := map[string]string{}
	for _, name := range channelsOf(p) {
		channels[name] = name
	}
	for _, name := range append(slices.Clone(f.Retailers), retailer) {
		cfg.Sites[name] = launch.Site{Environments: map[string]launch.Environment{environment: {Default: true}}, Channels: channels}
	}
	r := launch.Request{
		By: cmp.Or(began.By, "requester"), Site: retailer, Environment: environment, Channel: cmp.Or(began.In.Channel, deployer.ChannelDeploys), Procedure: p.ID,
		Inputs: map[string]string{}, Reason: began.Reason, Asked: at,
	}
	for id, t := range began.Inputs {
		r.Inputs[id] = t.Value
	}
	for _, service := range slices.Sorted(maps.Keys(began.Services)) {
		cfg.Services[service] = p.ID
		cfg.Owners[service] = launch.Owner{Name: roleOwner, Role: roleOwner}
		r.Releases = append(r.Releases, deployer.Release{Service: service, Tag: began.Services[service]})
	}
	if began.Planned.Value != "" {
		r.Planned = func() (time.Time, error) { return time.Parse(time.RFC3339, began.Planned.Value) }
	}
	l := launch.New(cfg, launch.Ports{
		Channel: func(_ context.Context, name string) (string, error) { return name, nil },
		Lacks:   func(context.Context, string, string) []string { return nil },
	})
	start, err := l.Start(context.Background(), r)
	start.Origin = "trial"
	return start, err
}

// systemOf is the system that does the steps of a kind: what stands before the dot.
func systemOf(kind string) string {
	system, _, _ := strings.Cut(kind, ".")
	return system
}

// systemsOf are the systems of a procedure that people can do the work of, sorted.
func systemsOf(p deployer.Procedure) []string {
	var out []string
	for _, s := range slices.Concat(p.Steps, p.Rollback, p.Failure.Steps, p.After) {
		if s.Work() == deployer.WorkSystem && !s.Deploys() && strings.Contains(s.Uses, ".") {
			out = append(out, systemOf(s.Uses))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// channelsOf are the channels that a procedure may tell something.
func channelsOf(p deployer.Procedure) []string {
	out := slices.Clone(p.Failure.To)
	for _, steps := range [][]deployer.Step{p.Steps, p.Rollback, p.Failure.Steps, p.After} {
		for _, s := range steps {
			out = append(out, s.To()...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// String is the result as go test prints one.
func (r Result) String() string {
	if len(r.Wrong) == 0 {
		return fmt.Sprintf("--- PASS: %s (%s)", r.Name, deployer.Span(r.Took.Round(time.Second)))
	}
	text := fmt.Sprintf("--- FAIL: %s (%s)", r.Name, deployer.Span(r.Took.Round(time.Second)))
	for _, why := range r.Wrong {
		text += "\n    " + why
	}
	return text
}
