package bot

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/bot/slackapi"
	"github.com/stationmaster/stationmaster/deployer"
)

// nameWithin is how long an order waits for a name.
const nameWithin = 300 * time.Millisecond

// carryOut gives an order about a deployment; the card shows what came of it.
func (s *shared) carryOut(ctx context.Context, o deployer.Order) answer {
	if _, err := s.order(ctx, o); err != nil {
		a := s.refuse(err)
		a.text += s.unknownGroups(err)
		s.out.Dirty(o.Deployment) // whoever pressed a stale button gets to see a fresh one
		return a
	}
	return answer{}
}

// order gives an order by the name that its giver is called by, which goes into
// the record.
func (s *shared) order(ctx context.Context, o deployer.Order) (deployer.Deployment, error) {
	o.By = s.knownPerson(ctx, o.By)
	return s.Orders.Do(ctx, o)
}

// knownPerson returns somebody by the name that they are called by. Slack is
// waited for only a moment; what it says later is on the cards then.
func (s *shared) knownPerson(ctx context.Context, p deployer.Person) deployer.Person {
	wait, cancel := context.WithTimeout(ctx, s.nameWithin)
	defer cancel()
	if !s.people.Acquainted(p.ID) && s.queues.Put("name/"+p.ID, func() { s.introduce(p.ID); cancel() }) {
		<-wait.Done()
	}
	return s.people.PersonOf(p.ID, p.Name)
}

// introduce finds out how somebody is called, and has that put on the cards
// that show them by their handle.
func (s *shared) introduce(id string) {
	ctx, cancel := context.WithTimeout(s.life, slackapi.CallWithin)
	defer cancel()
	if !s.people.Learn(ctx, id) {
		return
	}
	live, err := s.Deployments.Live(ctx)
	if err != nil {
		s.log.Warn("who is live can't be read; a name comes with their next change", "err", err)
	}
	for _, deployment := range live {
		s.out.Dirty(deployment)
	}
}

// unknownGroups adds to a refusal that some groups count as empty, because Slack
// does not say who is in them.
func (s *shared) unknownGroups(err error) string {
	groups := s.people.Unknown()
	if _, ok := errors.AsType[*deployer.Refusal](err); !ok || len(groups) == 0 {
		return ""
	}
	return "\nSlack does not say now who is in " + mrkdwn.Escape(strings.Join(groups, ", "), 300) + ", so nobody counts as a member. Try again in a minute."
}
