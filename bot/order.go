package bot

import (
	"context"
	"time"

	"github.com/stationmaster/stationmaster/bot/slackapi"
	"github.com/stationmaster/stationmaster/deployer"
)

// nameWithin is how long an order waits for a name.
const nameWithin = 300 * time.Millisecond

// order gives an order by the name that its giver is called by, which goes into
// the record.
func (b *Bot) order(ctx context.Context, o deployer.Order) (deployer.Deployment, error) {
	o.By = b.knownPerson(ctx, o.By)
	return b.engine.Do(ctx, o)
}

// knownPerson returns somebody by the name that they are called by. Slack is waited
// for only a moment; what it says later is on the cards then.
func (b *Bot) knownPerson(ctx context.Context, p deployer.Person) deployer.Person {
	wait, cancel := context.WithTimeout(ctx, b.nameWithin)
	defer cancel()
	if !b.people.Acquainted(p.ID) && b.pump.Put("name/"+p.ID, func() { b.introduce(p.ID); cancel() }) {
		<-wait.Done()
	}
	return b.people.PersonOf(p.ID, p.Name)
}

// introduce finds out how somebody is called, and has that put on the cards
// that show them by their handle.
func (b *Bot) introduce(id string) {
	ctx, cancel := context.WithTimeout(b.life, slackapi.CallWithin)
	defer cancel()
	if !b.people.Learn(ctx, id) {
		return
	}
	live, err := b.records.Live(ctx)
	if err != nil {
		b.log.Warn("who is live can't be read; a name comes with their next change", "err", err)
	}
	for _, deployment := range live {
		b.Dirty(deployment)
	}
}
