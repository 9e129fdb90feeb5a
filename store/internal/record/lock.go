package record

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

type locks struct {
	stamp
	SiteKind    deployer.SiteKind `json:"site_kind,omitzero"`
	Retailer    string            `json:"retailer"`
	Environment string            `json:"environment"`
	All         []lock            `json:"all"`
	Past        []lockChange      `json:"past,omitzero"`
}

type lockChange struct {
	At     time.Time `json:"at"`
	By     person    `json:"by"`
	Lifted bool      `json:"lifted,omitzero"`
	Lock   lock      `json:"lock"`
}

type lock struct {
	Service string    `json:"service,omitzero"`
	By      person    `json:"by"`
	Reason  string    `json:"reason"`
	At      time.Time `json:"at"`
	Until   time.Time `json:"until"`
	Origin  string    `json:"origin,omitzero"`

	Deployment string `json:"deployment,omitzero"`
}

// EncodeLocks returns the record of an environment's locks. Their revision is the store's.
func EncodeLocks(l deployer.Locks) ([]byte, error) {
	r := locks{stamp: stamp{locksFormat.version()}, SiteKind: l.Site.Kind, Retailer: l.Site.Name, Environment: l.Site.Environment, All: []lock{}}
	for _, x := range l.All {
		r.All = append(r.All, toLock(x))
	}
	r.Past = each(l.Past, func(c deployer.LockChange) lockChange {
		return lockChange{At: c.At, By: person(c.By), Lifted: c.Lifted, Lock: toLock(c.Lock)}
	})
	b, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("encode locks: %w", err)
	}
	return b, nil
}

// DecodeLocks is the opposite of EncodeLocks. A newer form is ErrNewer.
func DecodeLocks(b []byte) (deployer.Locks, error) {
	r, err := read[locks](locksFormat, b)
	if err != nil {
		return deployer.Locks{}, err
	}
	l := deployer.Locks{Site: deployer.Site{Kind: r.SiteKind, Name: r.Retailer, Environment: r.Environment}}
	for _, x := range r.All {
		l.All = append(l.All, x.lock())
	}
	l.Past = each(r.Past, func(c lockChange) deployer.LockChange {
		return deployer.LockChange{At: c.At, By: deployer.Actor(c.By), Lifted: c.Lifted, Lock: c.Lock.lock()}
	})
	return l, nil
}

func toLock(x deployer.Lock) lock {
	return lock{Service: x.Service, By: person(x.By), Reason: x.Reason, At: x.At, Until: x.Until, Origin: x.Origin, Deployment: x.Deployment}
}

func (r lock) lock() deployer.Lock {
	return deployer.Lock{Service: r.Service, By: deployer.Actor(r.By), Reason: r.Reason, At: r.At, Until: r.Until, Origin: r.Origin, Deployment: r.Deployment}
}
