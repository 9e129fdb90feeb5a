// Package export writes what the store of a config has of deployments, for people outside,
// also while the bot runs.
package export

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/stationmaster/stationmaster/cmd/internal/app"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/report"
	"github.com/stationmaster/stationmaster/store"
)

// A Selection says which deployments: one, or those that were created in a span of time.
type Selection struct {
	ID    string    // "": those of the span
	Since time.Time // zero: from the first one on
	Until time.Time // before it; zero: to the last one
}

// Done is what was written.
type Done struct {
	Deployments, Events int
	Broken              []error // of those of which the records are not what was written: they are written as far as they can be trusted
	Archived            int     // that are no longer in the store, of whatever time
}

// Write writes the deployments that are selected, the first one first.
func Write(ctx context.Context, cfg app.Config, which Selection, format report.Format, out io.Writer) (done Done, err error) {
	w, err := report.NewWriter(out, format)
	if err != nil {
		return done, err
	}
	s, end, err := store.OpenBeside(ctx, cfg.Store)
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, end()) }()
	ids := []string{which.ID}
	if which.ID == "" {
		if ids, err = created(ctx, s, which); err != nil {
			return done, err
		}
	}
	for _, id := range ids {
		h, err := history(ctx, s, cfg, id)
		if err != nil {
			return done, err
		}
		if err := w.Write(h); err != nil {
			return done, fmt.Errorf("write %s: %w", id, err)
		}
		done.counts(h)
	}
	archives, err := store.Archives(ctx, s)
	for _, a := range archives {
		done.Archived += a.Deployments
	}
	return done, errors.Join(err, w.Flush())
}

func (d *Done) counts(h report.History) {
	d.Deployments++
	for _, r := range h.Records {
		d.Events += len(r.Events)
	}
	if h.Broken != nil {
		d.Broken = append(d.Broken, h.Broken)
	}
}

// created are the ids of what was created in a span of time, the first one first.
func created(ctx context.Context, s *store.Store, which Selection) ([]string, error) {
	const page = 100
	var ids []string
	for q := (deployer.Query{Limit: page}); ; {
		list, err := s.List(ctx, q)
		if err != nil {
			return nil, err
		}
		for _, one := range list {
			if one.Created.Before(which.Since) {
				list = nil // the newest come first
				break
			}
			if which.Until.IsZero() || one.Created.Before(which.Until) {
				ids = append(ids, one.ID)
			}
		}
		if len(list) < page {
			slices.Reverse(ids)
			return ids, nil
		}
		q.Before = list[page-1].ID
	}
}

// history is a deployment with its records, as far as they can be trusted.
func history(ctx context.Context, s *store.Store, cfg app.Config, id string) (report.History, error) {
	h := report.History{}
	d, err := s.Load(ctx, id)
	if errors.Is(err, deployer.ErrNotFound) || ctx.Err() != nil {
		return h, err
	}
	records, broken := s.Trail(ctx, id)
	if ctx.Err() != nil {
		return h, broken
	}
	if d.ID == "" { // what can still be read of it
		for _, r := range records {
			d = deployer.Fold(d, r.Events...)
		}
		d.ID = id
	}
	if h = (report.History{Deployment: d, Records: records, Broken: broken}); broken == nil {
		h.Broken = err
	}
	if d.Place.Zone == "" {
		h.Zone = cfg.Retailers[d.Site.Name].Zone
	}
	return h, nil
}
