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
	Past        []lockChange      `json:"past,omitzero"` // up to a hundred changes, from before they had records
}

type lockRecord struct {
	stamp
	At      time.Time       `json:"at"`
	Changes []lockChange    `json:"changes"`
	Locks   json.RawMessage `json:"locks"`
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

// EncodeLocks returns the stored form of an environment's locks. Their revision is
// the store's, and their changes are in a LockRecord.
func EncodeLocks(l deployer.Locks) ([]byte, error) {
	r := locks{stamp: stamp{locksFormat.version()}, SiteKind: l.Site.Kind, Retailer: l.Site.Name, Environment: l.Site.Environment, All: []lock{}}
	for _, x := range l.All {
		r.All = append(r.All, toLock(x))
	}
	b, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("encode locks: %w", err)
	}
	return b, nil
}

// DecodeLocks is the opposite of EncodeLocks. Changes that were stored with the
// locks are in no record yet. A newer form is ErrNewer.
func DecodeLocks(b []byte) (deployer.Locks, error) {
	r, err := read[locks](locksFormat, b)
	if err != nil {
		return deployer.Locks{}, err
	}
	l := deployer.Locks{Site: deployer.Site{Kind: r.SiteKind, Name: r.Retailer, Environment: r.Environment}}
	for _, x := range r.All {
		l.All = append(l.All, x.lock())
	}
	l.Changes = each(r.Past, lockChange.change)
	return l, nil
}

// A LockRecord is one commit of changes of an environment's locks.
type LockRecord struct {
	At      time.Time // when it was written
	Changes []deployer.LockChange
	Locks   []byte // from then on, exactly as EncodeLocks returned them
}

// Encode returns the record.
func (r LockRecord) Encode() ([]byte, error) {
	b, err := json.Marshal(lockRecord{stamp: stamp{lockRecordFormat.version()}, At: r.At, Changes: each(r.Changes, toLockChange), Locks: r.Locks})
	if err != nil {
		return nil, fmt.Errorf("encode change of locks: %w", err)
	}
	return b, nil
}

// DecodeLockRecord is the opposite of Encode. A newer form is ErrNewer.
func DecodeLockRecord(b []byte) (LockRecord, error) {
	r, err := read[lockRecord](lockRecordFormat, b)
	if err != nil {
		return LockRecord{}, err
	}
	return LockRecord{At: r.At, Changes: each(r.Changes, lockChange.change), Locks: r.Locks}, nil
}

func toLockChange(c deployer.LockChange) lockChange {
	return lockChange{At: c.At, By: person(c.By), Lifted: c.Lifted, Lock: toLock(c.Lock)}
}

func (c lockChange) change() deployer.LockChange {
	return deployer.LockChange{At: c.At, By: deployer.Actor(c.By), Lifted: c.Lifted, Lock: c.Lock.lock()}
}

func toLock(x deployer.Lock) lock {
	return lock{Service: x.Service, By: person(x.By), Reason: x.Reason, At: x.At, Until: x.Until, Origin: x.Origin, Deployment: x.Deployment}
}

func (r lock) lock() deployer.Lock {
	return deployer.Lock{Service: r.Service, By: deployer.Actor(r.By), Reason: r.Reason, At: r.At, Until: r.Until, Origin: r.Origin, Deployment: r.Deployment}
}
