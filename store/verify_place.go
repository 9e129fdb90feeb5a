package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/store/internal/record"
	"github.com/stationmaster/stationmaster/store/kv"
)

// verifyPlace looks that a deployment is where it is looked for: in the lists and,
// while it has not ended, among those that run, with its places.
func (a *auditor) verifyPlace(ctx context.Context, w walk, head kv.Entry) error {
	of, err := a.decodeHead(head)
	if err != nil {
		return err
	}
	keys, err := keysOf(of, w)
	if err != nil {
		return err
	}
	var missing []string
	for some := range slices.Chunk(keys, kv.OpsMax) {
		got, err := a.kv.Get(ctx, some...)
		if err != nil {
			return err
		}
		for _, e := range got {
			if e.Rev == 0 {
				missing = append(missing, fmt.Sprintf("%s of %s is missing in %s", e.Key, w.id, a.name))
			} else if strings.HasPrefix(e.Key, placePrefix) && string(e.Value) != w.id {
				missing = append(missing, fmt.Sprintf("%s in %s is %q, and should be %s", e.Key, a.name, e.Value, w.id))
			}
		}
	}
	if len(missing) == 0 {
		return nil
	}
	now, err := a.kv.Get(ctx, head.Key)
	if err != nil || now[0].Rev != head.Rev {
		return err // something has happened to it since it was read
	}
	for _, m := range missing {
		a.find(fmt.Errorf("%s", m))
	}
	return nil
}

// keysOf are the keys besides its head by which a deployment is found.
func keysOf(of record.Head, w walk) ([]string, error) {
	_, n, err := number(w.id)
	if err != nil {
		return nil, err
	}
	s := of.Summary
	keys := []string{allPrefix + age(s, n), environmentPrefix(s.Site.Name, s.Site.Environment) + age(s, n)}
	for _, r := range s.Releases {
		if key := serviceKey(r.Service, s, n); !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	if s.Status.Ended() && !w.lives() {
		return keys, nil
	}
	keys = append(keys, liveKey(w.id))
	if !w.freed() {
		for _, place := range deployer.PlacesOf(s.Site, w.procedure(), s.Releases, s.Drill) {
			keys = append(keys, placeKey(place))
		}
	}
	return keys, nil
}

// procedure is the id of the one that the deployment follows.
func (w *walk) procedure() string {
	created, _ := w.records[0].Events[0].(deployer.Created)
	return created.Start.Procedure.ID
}

// lives reports whether something may still happen to the deployment, which has ended.
func (w *walk) lives() bool {
	if created, ok := w.records[0].Events[0].(deployer.Created); ok && !created.Start.Procedure.GoesOn() {
		return false
	}
	var d deployer.Deployment
	for _, r := range w.records {
		d = deployer.Fold(d, r.Events...)
	}
	return deployer.Lives(d)
}

// freed reports whether the deployment has given its places back.
func (w *walk) freed() bool {
	for _, r := range w.records {
		for _, e := range r.Events {
			if _, ok := e.(deployer.PlacesFreed); ok {
				return true
			}
		}
	}
	return false
}
