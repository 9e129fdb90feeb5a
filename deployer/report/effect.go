package report

import (
	"fmt"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// effects describes what is done to the world outside, and what is found there. It reports
// whether the event is that.
func (d *describer) effects(event deployer.Event) bool {
	switch e := event.(type) {
	case deployer.EffectIntended:
		d.is("effect-intended", e.At, "About to do: "+d.ofEffect(e.Key)+number(e.Attempt))
		d.Attempt = e.Attempt
		d.saw("runner", e.Runner)
		d.state("before", e.Before)
	case deployer.EffectTried:
		d.is("effect-tried", e.At, "About to try: "+d.ofEffect(e.Key))
	case deployer.EffectActed:
		d.is("effect-acted", e.At, "Begun: "+d.ofEffect(e.Key))
		d.saw("reference", e.Ref)
	case deployer.GateOpened:
		d.is("gate-opened", e.At, "Its system asks somebody about "+d.ofEffect(e.Key))
		d.Subject, d.Why = e.Gate.ID, e.Gate.Asks
	case deployer.EffectSettled:
		d.is("effect-settled", e.At, "Ended: "+d.ofEffect(e.Key))
		d.outcome(e.Outcome)
	case deployer.EffectRechecked:
		d.is("effect-rechecked", e.At, "Looked at once more: "+d.ofEffect(e.Key))
		d.outcome(e.Outcome)
	case deployer.EffectReopened:
		d.is("effect-reopened", e.At, "Looked at again: "+d.ofEffect(e.Key)+number(e.Attempt))
		d.Attempt = e.Attempt
	default:
		return false
	}
	return true
}

func (d *describer) outcome(o deployer.Outcome) {
	d.Result, d.Why = string(o.Result), o.Why
	if o.Result != "" {
		d.What += ", " + string(o.Result)
	}
	d.saw("detail", o.Detail)
	d.saw("failure", o.Kind)
	d.saw("remark", o.Remark)
	d.state("runs", o.State)
	d.values("outputs.", "", o.Outputs)
}

// state keeps what something runs: the image with its digest is what proves it.
func (d *describer) state(name string, s deployer.State) {
	d.saw(name, s.Version)
	d.saw(name+".image", s.Image)
	d.saw(name+".revision", s.Revision)
}

// rest describes what is about the deployment as a whole, and its messages.
func (d *describer) rest(event deployer.Event) {
	switch e := event.(type) {
	case deployer.Resolved:
		d.is("resolved", e.At, "What is deployed, and where, is known")
		for _, t := range e.Targets {
			d.target(t)
		}
	case deployer.TargetChanged:
		d.is("target-changed", e.At, e.Service+" was seen to run something else now")
		d.Item, d.Why = e.Service, e.Why
		if d.state("runs", e.Before); e.Live {
			d.What = e.Service + " runs what is wanted already"
			if e.By.ID != "" {
				d.What += "; " + person(e.By) + " had taken over"
			}
		}
	case deployer.Delivered:
		d.is("delivered", e.At, "The message "+e.Post.DedupKey+" was posted")
		d.Channel = e.Post.Channel
		d.saw("message", e.Kind)
		d.saw("ts", e.Post.TS)
	case deployer.Undelivered:
		d.is("undelivered", e.At, "The message "+e.DedupKey+" can't be delivered")
		d.Why = e.Why
	case deployer.PlacesFreed:
		d.is("places-freed", e.At, "Others may deploy there again")
	case deployer.Ended:
		d.is("ended", e.At, "It ended: "+string(e.Status))
		d.Result, d.Why = string(e.Status), e.Why
	default:
		d.is(strings.TrimPrefix(fmt.Sprintf("%T", event), "deployer."), time.Time{}, "Something of which this version knows no words")
	}
}

func (d *describer) target(t deployer.Target) {
	d.state(t.Service+".before", t.Before)
	d.state(t.Service+".after", t.After)
	for name, v := range t.Where {
		d.saw(t.Service+".where."+name, v)
	}
	d.saw(t.Service+".remarks", strings.Join(t.Remarks, "\n"))
	if t.Live {
		d.saw(t.Service+".live", "yes")
	}
	d.saw(t.Service+".back", t.Good.State.Version)
}
