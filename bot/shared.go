package bot

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/directory"
	"github.com/stationmaster/stationmaster/bot/flood"
	"github.com/stationmaster/stationmaster/bot/hometab"
	"github.com/stationmaster/stationmaster/bot/inflight"
	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/bot/outbox"
	"github.com/stationmaster/stationmaster/bot/permalink"
	"github.com/stationmaster/stationmaster/bot/slackapi"
	"github.com/stationmaster/stationmaster/bot/socketmode"
	"github.com/stationmaster/stationmaster/bot/tags"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/bot/view/refusal"
	"github.com/stationmaster/stationmaster/deployer"
)

// shared is what all handlers work with. It is whole from New on.
type shared struct {
	Ports
	cfg Config
	log *slog.Logger

	api      *slack.Client
	people   *directory.Directory
	channels *directory.Channels
	renderer view.Renderer
	tags     *tags.Lists
	out      *outbox.Outbox
	flood    *flood.Limiter
	inFlight *inflight.Index
	links    *permalink.Links
	homes    *hometab.Tabs
	queues   socketmode.Queues
	identity atomic.Pointer[identity]
	unheld   atomic.Pointer[error] // why the records are not those that Slack knows of; nil: they are, as far as is known

	life   context.Context // ends a little after Run is told to
	hangUp context.CancelFunc
	tuning
}

// tuning are the paces that only tests change.
type tuning struct {
	answerWithin time.Duration // until an envelope is given up
	nameWithin   time.Duration // how long an order waits for a name
	stagger      time.Duration // between the beginnings of the two sockets
	rest, again  time.Duration // of the home tabs
	pace         outbox.Pace
}

// An identity is what Slack says the bot is.
type identity struct {
	ID, BotID, AppID, Handle, TeamID string

	Lacks []scope // of the token's, as far as Slack says; none that the bot can't do without
}

// author is the identity as messages show it. A bot of a workspace is one
// installation, whatever becomes of its token.
func (i identity) author() outbox.Author {
	return outbox.Author{BotID: i.BotID, AppID: i.AppID, Installation: i.TeamID + "/" + i.BotID}
}

// whoAmI is who the bot is; nobody before it has met Slack.
func (s *shared) whoAmI() identity {
	if me := s.identity.Load(); me != nil {
		return *me
	}
	return identity{Handle: "stationmaster"}
}

// quick is how long a system may take to answer before the acknowledgement.
func (s *shared) quick() time.Duration { return s.answerWithin * 3 / 5 }

// workWithin is how long a request, or an event, may take.
const workWithin = 8 * time.Second

// background does what nobody waits for, in the order that it was asked for by
// one person.
func (s *shared) background(user string, do func(context.Context)) {
	s.queues.Put("background/"+user, func() {
		ctx, cancel := context.WithTimeout(s.life, 2*workWithin)
		defer cancel()
		do(ctx)
	})
}

// open shows a form. A trigger that came too late is a person's to repeat.
func (s *shared) open(ctx context.Context, trigger string, modal slack.ModalViewRequest) answer {
	if _, err := s.api.OpenViewContext(ctx, trigger, modal); err != nil {
		s.log.Warn("a form could not be opened", "form", modal.CallbackID, "err", err, "details", slackapi.ErrorDetails(err))
		return answer{text: "Slack did not open the form. Try it again.", failed: true}
	}
	return answer{}
}

// refuse turns an error into the answer that the person reads.
func (s *shared) refuse(err error) answer { return s.refuseAs(refusal.ForMessage, err) }

func (s *shared) refuseAs(v refusal.Style, err error) answer {
	if r, ok := errors.AsType[*deployer.Refusal](err); ok {
		return answer{text: refusal.Say(s.renderer, v, r) + s.contested(r)}
	}
	status := refusal.Hints(s.renderer, v, deployer.Hint{Verb: deployer.VerbStatus})
	switch {
	case errors.Is(err, deployer.ErrNotFound):
		return answer{text: "That deployment is not known here. " + refusal.Hints(s.renderer, v, deployer.Hint{Say: "See what there is", Verb: "history"})}
	case errors.Is(err, deployer.ErrUnknown), errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		s.log.Error("it is unknown whether an order was carried out", "err", err)
		return answer{text: "It is not known whether that was written down. Look before you try again: " + status, failed: true}
	}
	s.log.Error("an order failed", "err", err)
	return answer{text: "That did not work, and nothing was changed: the log of stationmaster says why. Try again in a minute; where things stand: " + status, failed: true}
}

// refuseInForm says under a field why the form was not taken. It stays open, with
// all that was typed.
func (s *shared) refuseInForm(block string, v refusal.Style, err error) answer {
	a := s.refuseAs(v, err)
	return answer{payload: errorInForm(block, a.text+s.unknownGroups(err)).payload, failed: a.failed}
}

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
func (s *shared) order(ctx context.Context, o deployer.Order) (d deployer.Deployment, err error) {
	o.By = s.knownPerson(ctx, o.By)
	give := func() error {
		d, err = s.Orders.Do(ctx, o)
		return err
	}
	if isTold(o.Command) {
		err = s.unlessFlooding(o.By, give)
	} else {
		err = give()
	}
	s.out.TryAgain(d.Channels[deployer.ChannelDeploys])
	return d, err
}

// isTold reports whether an order may be given often, and has the channels told each
// time: one that starts, or that tries once more what may fail once more.
func isTold(c deployer.Command) bool {
	a, answers := c.(deployer.Answer)
	_, starts := c.(deployer.Start)
	return starts || answers && (a.Choice == deployer.ChoiceRetry || a.Choice == deployer.ChoiceCheck)
}

// unlessFlooding gives an order of which the channels are told, unless its giver has
// given too many in a short time. One that is refused does not count.
func (s *shared) unlessFlooding(by deployer.Actor, give func() error) error {
	if wait := s.flood.Take(by.ID, time.Now()); wait > 0 {
		return deployer.Refuse("Try again in "+deployer.Count(int((wait+time.Second-1)/time.Second), "second")+".",
			"That is too much at once: the channel would show nothing else. After %d starts, locks and retries in a row, one more comes every %s.", flood.Burst, deployer.Span(flood.Every))
	}
	err := give()
	if _, refused := errors.AsType[*deployer.Refusal](err); refused {
		s.flood.Return(by.ID)
	}
	return err
}

// disallows is the refusal that the core would give to somebody who starts that,
// as far as is known of them.
func (s *shared) disallows(start deployer.Start, by deployer.Actor) *deployer.Refusal {
	if s.cfg.Policy == nil {
		return nil
	}
	p := s.cfg.Policy(start.Site)
	return p.Allows(start, by, s.people.Known(by.ID))
}

// indexedOrders has the index know at once what came of an order, so that whoever
// gave it finds it in the next list.
type indexedOrders struct {
	Orders
	index *inflight.Index
}

// Do carries out an order.
func (o indexedOrders) Do(ctx context.Context, order deployer.Order) (deployer.Deployment, error) {
	d, err := o.Orders.Do(ctx, order)
	if err == nil && d.ID != "" {
		o.index.Put(d)
	}
	return d, err
}

// knownPerson returns somebody by the name that they are called by. Slack is
// waited for only a moment; what it says later is on the cards then.
func (s *shared) knownPerson(ctx context.Context, p deployer.Actor) deployer.Actor {
	wait, cancel := context.WithTimeout(ctx, s.nameWithin)
	defer cancel()
	if !s.people.KnowsName(p.ID) && s.queues.Put("name/"+p.ID, func() { s.introduce(p.ID); cancel() }) {
		<-wait.Done()
	}
	return s.people.PersonOf(p.ID, p.Name)
}

// introducedMax is how many cards show at once how somebody is called: as many as
// Slack lets us edit in a minute. The others do with their next change.
const introducedMax = 50

// introduce finds out how somebody is called, and has that put on the newest cards
// that show them by their handle.
func (s *shared) introduce(id string) {
	ctx, cancel := context.WithTimeout(s.life, slackapi.CallWithin)
	defer cancel()
	if !s.people.LearnName(ctx, id) {
		return
	}
	for _, deployment := range s.inFlight.Naming(id, s.people.Held(id), introducedMax) {
		s.out.Dirty(deployment)
	}
}

// contested adds to a refusal for want of a role that somebody may hold it, and is
// not known any more by the name that the configuration has.
func (s *shared) contested(r *deployer.Refusal) string {
	if r.May == nil {
		return ""
	}
	var out string
	for _, role := range r.May.Roles {
		for _, why := range s.people.Contested(role) {
			out += "\n" + mrkdwn.Escape(role+": "+why, 600) + "."
		}
	}
	return out
}

// unknownGroups adds to a refusal that some groups count as empty, because Slack
// does not say who is in them.
func (s *shared) unknownGroups(err error) string {
	groups := s.people.UnknownGroups()
	if _, ok := errors.AsType[*deployer.Refusal](err); !ok || len(groups) == 0 {
		return ""
	}
	return "\nSlack does not say now who is in " + mrkdwn.Escape(strings.Join(groups, ", "), 300) + ", so nobody counts as a member. Try again in a minute."
}
