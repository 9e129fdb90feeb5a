package record

import (
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// The parts that several records have.
type (
	person struct {
		Kind deployer.ActorKind `json:"kind,omitzero"`
		ID   string             `json:"id,omitzero"`
		Name string             `json:"name,omitzero"`
	}
	release struct {
		Service  string `json:"service,omitzero"`
		Tag      string `json:"tag,omitzero"`
		Revision string `json:"revision,omitzero"`
	}
	state struct {
		Version  string `json:"version,omitzero"`
		Image    string `json:"image,omitzero"`
		Revision string `json:"revision,omitzero"`
		Template string `json:"template,omitzero"`
	}
	post struct {
		DedupKey string `json:"key,omitzero"`
		Channel  string `json:"channel,omitzero"`
		TS       string `json:"ts,omitzero"`
	}
	target struct {
		Service string            `json:"service,omitzero"`
		Runner  string            `json:"runner,omitzero"`
		Where   map[string]string `json:"where,omitzero"`
		Before  state             `json:"before,omitzero"`
		After   state             `json:"after,omitzero"`
		Live    bool              `json:"live,omitzero"`
		Pauses  bool              `json:"pauses,omitzero"`
		Good    good              `json:"good,omitzero"`
		Remarks []string          `json:"remarks,omitzero"`
	}
	good struct {
		State state             `json:"state,omitzero"`
		How   deployer.Evidence `json:"how,omitzero"`
		By    string            `json:"by,omitzero"`
		Since time.Time         `json:"since,omitzero"`
		Until time.Time         `json:"until,omitzero"`
	}
	outcome struct {
		Result    deployer.Result  `json:"result,omitzero"`
		Why       string           `json:"why,omitzero"`
		Detail    string           `json:"detail,omitzero"`
		DetailSHA string           `json:"detail_sha,omitzero"` // instead, if it is kept aside
		Kind      string           `json:"kind,omitzero"`
		State     state            `json:"state,omitzero"`
		Outputs   map[string]value `json:"outputs,omitzero"`
		Remark    string           `json:"remark,omitzero"`
	}
	locale struct {
		Title     string            `json:"title,omitzero"`
		Zone      string            `json:"zone,omitzero"`
		Namespace string            `json:"namespace,omitzero"`
		Groups    []string          `json:"groups,omitzero"`
		Retailers []string          `json:"retailers,omitzero"`
		Owners    map[string]string `json:"owners,omitzero"`
	}
	start struct {
		Origin       string            `json:"origin,omitzero"`
		SiteKind     deployer.SiteKind `json:"site_kind,omitzero"`
		Retailer     string            `json:"retailer,omitzero"` // the site's name
		Environment  string            `json:"environment,omitzero"`
		Channels     map[string]string `json:"channels,omitzero"`
		ProcedureSHA string            `json:"procedure_sha"` // it is kept aside
		Releases     []release         `json:"wants,omitzero"`
		Inputs       map[string]string `json:"inputs,omitzero"`
		Reason       string            `json:"reason,omitzero"`
		Planned      time.Time         `json:"planned,omitzero"`
		Warnings     []string          `json:"warnings,omitzero"`
		Terms        map[string]string `json:"terms,omitzero"`
		Place        locale            `json:"place,omitzero"`
		Back         string            `json:"back,omitzero"`
		Within       time.Duration     `json:"within,omitzero"` // in nanoseconds
		Earlier      []earlier         `json:"earlier,omitzero"`
		Drill        bool              `json:"drill,omitzero"`
		DrillFails   []string          `json:"drill_fails,omitzero"`

		// What was written before there were warnings and terms; see modernize.
		TAM  string        `json:"tam,omitzero"`
		Lead time.Duration `json:"lead,omitzero"` // in nanoseconds
	}
)

// each converts a list; none stays none.
func each[A, B any](list []A, convert func(A) B) []B {
	if list == nil {
		return nil
	}
	out := make([]B, len(list))
	for i, a := range list {
		out[i] = convert(a)
	}
	return out
}

func toRelease(w deployer.Release) release  { return release(w) }
func (w release) release() deployer.Release { return deployer.Release(w) }
func toItem(i deployer.Item) item           { return item(i) }
func (i item) item() deployer.Item          { return deployer.Item(i) }
func toInput(i deployer.Input) input        { return input(i) }
func (i input) input() deployer.Input       { return deployer.Input(i) }

func toTarget(t deployer.Target) target {
	return target{
		Service: t.Service, Runner: t.Runner, Where: t.Where, Before: state(t.Before), After: state(t.After),
		Live: t.Live, Pauses: t.Pauses, Good: toGood(t.Good), Remarks: t.Remarks,
	}
}

func (t target) target() deployer.Target {
	return deployer.Target{
		Service: t.Service, Runner: t.Runner, Where: t.Where, Before: deployer.State(t.Before), After: deployer.State(t.After),
		Live: t.Live, Pauses: t.Pauses, Good: t.Good.good(), Remarks: t.Remarks,
	}
}

func toGood(g deployer.Good) good {
	return good{State: state(g.State), How: g.How, By: g.By, Since: g.Since, Until: g.Until}
}

func (g good) good() deployer.Good {
	return deployer.Good{State: deployer.State(g.State), How: g.How, By: g.By, Since: g.Since, Until: g.Until}
}

func toOutcome(o deployer.Outcome, blobs Blobs) outcome {
	r := outcome{Result: o.Result, Why: o.Why, Kind: o.Kind, State: state(o.State), Outputs: toValues(o.Outputs), Remark: o.Remark}
	r.Detail, r.DetailSHA = blobs.text(o.Detail)
	return r
}

func (r outcome) outcome(aside Aside) (deployer.Outcome, error) {
	detail, err := aside.text(r.Detail, r.DetailSHA)
	return deployer.Outcome{
		Result: r.Result, Why: r.Why, Detail: detail, Kind: r.Kind, State: deployer.State(r.State), Outputs: values(r.Outputs), Remark: r.Remark,
	}, err
}

func toStart(s deployer.Start, blobs Blobs) (start, error) {
	p, err := encodeProcedure(s.Procedure)
	if err != nil {
		return start{}, err
	}
	return start{
		Origin: s.Origin, SiteKind: s.Site.Kind, Retailer: s.Site.Name, Environment: s.Site.Environment, Channels: s.Channels,
		ProcedureSHA: blobs.put(p), Releases: each(s.Releases, toRelease), Inputs: s.Inputs, Reason: s.Reason,
		Planned: s.Planned, Warnings: s.Warnings, Terms: s.Terms, Place: locale(s.Place), Within: s.Within, Earlier: each(s.Earlier, toEarlier), Back: s.Back,
		Drill: s.Drill.On, DrillFails: s.Drill.Fail,
	}, nil
}

func (r start) start(aside Aside) (deployer.Start, error) {
	p, err := aside.procedure(r.ProcedureSHA)
	if err != nil {
		return deployer.Start{}, err
	}
	return deployer.Start{
		Origin: r.Origin, Site: deployer.Site{Kind: r.SiteKind, Name: r.Retailer, Environment: r.Environment}, Channels: r.Channels,
		Procedure: p, Releases: each(r.Releases, release.release), Inputs: r.Inputs, Reason: r.Reason,
		Planned: r.Planned, Warnings: r.Warnings, Terms: r.Terms, Place: deployer.Locale(r.Place), Within: r.Within, Earlier: each(r.Earlier, earlier.earlier), Back: r.Back,
		Drill: deployer.Drill{On: r.Drill, Fail: r.DrillFails},
	}, nil
}
