package app

import (
	"fmt"
	"sync"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/telling"
	"github.com/stationmaster/stationmaster/store"
)

// inFlight is how many deployments are under way at once, at most.
const inFlight = 10_000

const asks = `
id: asks
title: Asks
owner: nobody
unapproved: it is measured, and rolled out nowhere
phases: [{id: go, title: Go, steps: [{id: ready, title: It is ready, uses: confirm}, {id: rollout, uses: rollout}]}]
`

const soaks = `
id: soaks
title: Soaks
owner: nobody
unapproved: it is measured, and rolled out nowhere
phases: [{id: go, title: Go, steps: [{id: soak, uses: wait, with: {for: 5m}}, {id: ready, title: It is ready, uses: confirm}, {id: rollout, uses: rollout}]}]
`

// A beginning is what a deployment follows, and when it began.
type beginning struct {
	procedure string
	at        time.Time
	said      bool // Slack has what was to be said
}

// asksNow is the beginning of one that has its card to be sent and waits for ana.
func asksNow(int) beginning { return beginning{procedure: "asks", at: time.Now()} }

// fill writes so many deployments, as an earlier process would have; how says how
// the i-th began.
func (r *benchFixture) fill(n int, how func(i int) beginning) {
	s, err := store.Open(r.b.Context(), r.cfg.Store)
	if err != nil {
		r.b.Fatal(err)
	}
	var all sync.WaitGroup
	at := make(chan int)
	for range 64 { // they share what a commit costs
		all.Go(func() {
			for i := range at {
				if err := r.begin(s, i, how(i)); err != nil {
					r.b.Error(err)
				}
			}
		})
	}
	for i := range n {
		at <- i
	}
	close(at)
	all.Wait()
	if err := s.Close(); err != nil {
		r.b.Fatal(err)
	}
}

// begin starts the i-th deployment, up to what it waits for.
func (r *benchFixture) begin(s *store.Store, i int, how beginning) error {
	retailer, service := r.retailers[i%len(r.retailers)], fmt.Sprint("old-", i)
	id, err := s.Allocate(r.b.Context(), retailer)
	if err != nil {
		return err
	}
	channel := r.slack.ChannelID(channelOf(retailer))
	var d deployer.Deployment
	for _, o := range []deployer.Order{
		{By: deployer.Actor{ID: "UANA", Name: "ana"}, Nonce: id, Command: deployer.Start{
			Origin: id, Site: deployer.Site{Name: retailer, Environment: "prod"}, Channels: map[string]string{deployer.ChannelDeploys: channel}, Inputs: map[string]string{},
			Procedure: r.cfg.Procedures[how.procedure], Releases: []deployer.Release{{Service: service, Tag: "v2"}},
		}},
		{Command: deployer.Resolve{Targets: []deployer.Target{{
			Service: service, Runner: "kubernetes", Before: deployer.State{Version: "v1"}, After: deployer.State{Version: "v2"},
		}}}},
	} {
		events, messages, err := telling.Decide(d, o, deployer.Facts{ID: id, Now: how.at})
		if err == nil {
			if how.said {
				messages = nil
			}
			c := deployer.Pack(d, o, events, messages)
			d, err = c.After, s.Append(r.b.Context(), c)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
