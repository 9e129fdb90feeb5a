package record

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

type locks struct {
	stamp
	Retailer    string `json:"retailer"`
	Environment string `json:"environment"`
	All         []lock `json:"all"`
}

type lock struct {
	Service string    `json:"service,omitzero"`
	By      person    `json:"by"`
	Reason  string    `json:"reason"`
	At      time.Time `json:"at"`
	Until   time.Time `json:"until"`
	Origin  string    `json:"origin,omitzero"`
}

// EncodeLocks returns the record of an environment's locks. Their revision is the store's.
func EncodeLocks(l deployer.Locks) ([]byte, error) {
	r := locks{stamp: stamp{locksFormat.version()}, Retailer: l.Retailer, Environment: l.Environment, All: []lock{}}
	for _, x := range l.All {
		r.All = append(r.All, lock{Service: x.Service, By: person(x.By), Reason: x.Reason, At: x.At, Until: x.Until, Origin: x.Origin})
	}
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
	l := deployer.Locks{Retailer: r.Retailer, Environment: r.Environment}
	for _, x := range r.All {
		l.All = append(l.All, deployer.Lock{Service: x.Service, By: deployer.Person(x.By), Reason: x.Reason, At: x.At, Until: x.Until, Origin: x.Origin})
	}
	return l, nil
}
