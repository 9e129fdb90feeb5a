package bot

import (
	"cmp"
	"context"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/bot/view/form"
	"github.com/stationmaster/stationmaster/bot/view/refusal"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/preview"
)

// commands are what people type.
type commands struct{ *resolver }

// explainWrong says what is wrong with words that can't be read.
func (c commands) explainWrong(_ context.Context, r *request) answer {
	return c.refuse(c.explain(r.wrong))
}

// deploy starts a deployment, or says what one would be.
func (c commands) deploy(ctx context.Context, r *request) answer {
	start, err := c.startOf(ctx, r)
	if err != nil {
		return c.refuse(err)
	}
	start.Origin = cmp.Or(r.origin, strings.Join([]string{"slack", r.team, r.trigger}, "/"))
	if again, ok := c.asksAgain(r, start); ok && !r.typed.DryRun {
		return again
	}
	return c.begin(ctx, start, r.by, r.typed.DryRun)
}

// begin gives the order. The card is the answer of a good one. A rehearsal says
// all that is known to stand in its way.
func (c commands) begin(ctx context.Context, start deployer.Start, by deployer.Actor, dry bool) answer {
	if dry {
		if no := c.disallows(start, by); no != nil {
			return c.refuse(no)
		}
		look, cancel := context.WithTimeout(ctx, c.quick())
		runs := map[string]string{}
		for service, run := range c.running(look, start.Site, view.ServicesOf(start.Releases)...) {
			runs[service] = run.State.Version
		}
		cancel()
		text := form.DryRun(c.renderer, preview.Of(start, preview.Facts{Now: time.Now(), By: by, Language: c.Language, Runs: runs}), by)
		if start.Drill.On { // nothing of that keeps it away
			return answer{text: text}
		}
		if no := c.conflict(ctx, start.Site, by.ID, view.ServicesOf(start.Releases)...); no != nil {
			text += "\n*Now it would be refused:* " + refusal.Say(c.renderer, refusal.ForMessage, no)
		}
		return answer{text: text}
	}
	if _, err := c.order(ctx, deployer.Order{By: by, Command: start}); err != nil {
		return c.refuse(err)
	}
	return answer{}
}
