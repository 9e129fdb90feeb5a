package directory

import (
	"context"
	"fmt"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/slackapi"
	"github.com/stationmaster/stationmaster/deployer"
)

// What somebody is to the workspace is asked at the click, as who is in a group
// is: it decides about production. Slack's events keep it right in between, and
// the whole list is read every hour.
const (
	accountFreshWithin  = time.Minute      // older: asked again at the click
	accountCountsWithin = 10 * time.Minute // older, and Slack can't be asked: nobody knows who that is
)

const listPage = 1000 // the most that Slack gives at once

// known is what is known of somebody, and whether it is young enough not to be
// asked again.
func (a *accounts) known(id string) (one account, fresh, counts bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	one, ok := a.byID[id]
	age := a.now().Sub(one.at)
	return one, ok && age < accountFreshWithin && one.at.After(a.doubtedAt), ok && age < accountCountsWithin
}

// lookUp is what Slack says of somebody now, as often as it allows; what was told
// last where that counts still, and Slack can't be asked. An error means that
// nobody knows.
func (a *accounts) lookUp(ctx context.Context, id string) (account, error) {
	last, fresh, counts := a.known(id)
	if fresh {
		return last, nil
	}
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	one, err := a.askAbout(ctx, id, counts)
	if err != nil && counts {
		a.log.Info("who somebody is could not be asked; what was known last counts", "user", id, "known for", a.now().Sub(last.at).Round(time.Second), "err", err)
		return last, nil
	}
	return one, err
}

// askAbout asks Slack about somebody, in turn. Where there is something to fall
// back on, no turn is waited for.
func (a *accounts) askAbout(ctx context.Context, id string, spare bool) (account, error) {
	if spare && !a.asks.AllowN(a.now(), 1) {
		return account{}, errNoTurn
	}
	if !spare {
		if err := a.asks.Wait(ctx); err != nil {
			return account{}, fmt.Errorf("wait for a turn to ask Slack about %s: %w", id, err)
		}
	}
	us, err := a.ourTeam(ctx)
	if err != nil {
		return account{}, err
	}
	asked := a.now()
	u, err := a.api.GetUserInfoContext(ctx, id)
	switch word, _ := slackapi.ErrorCode(err); {
	case word == "user_not_found" || word == "users_not_found" || word == "user_not_visible":
		nobody := account{id: id, standing: deployer.Nobody, at: asked}
		a.note(nobody)
		return nobody, nil
	case err != nil:
		return account{}, fmt.Errorf("look up the user %s: %w", id, err)
	}
	one := us.accountOf(*u, asked)
	a.note(one)
	return one, nil
}

// ourTeam is the workspace that the bot is of. Slack is asked once.
func (a *accounts) ourTeam(ctx context.Context) (team, error) {
	a.mu.Lock()
	us := a.us
	a.mu.Unlock()
	if us.id != "" {
		return us, nil
	}
	var r *slack.AuthTestResponse
	err := slackapi.RetryRateLimited(ctx, func() (err error) { r, err = a.api.AuthTestContext(ctx); return err })
	if err != nil {
		return team{}, fmt.Errorf("ask Slack which workspace is ours: %w", err)
	}
	us = team{r.TeamID, r.EnterpriseID}
	a.mu.Lock()
	a.us = us
	a.mu.Unlock()
	return us, nil
}

// list reads the list of all people, to its end: who bears a name twice, or has
// two accounts, is not known before. Slack gives twenty pages a minute.
func (a *accounts) list(ctx context.Context) error {
	a.mu.Lock()
	began := a.now()
	young := !a.listedAt.IsZero() && a.listedAt.After(a.doubtedAt) && began.Sub(a.listedAt) < rolesEvery-rolesFreshWithin
	a.mu.Unlock()
	if young {
		return nil
	}
	us, err := a.ourTeam(ctx)
	if err != nil {
		return err
	}
	all := map[string]account{}
	for pages := a.api.GetUsersPaginated(slack.GetUsersOptionLimit(listPage)); ; {
		next, asked := pages, a.now()
		err := slackapi.RetryRateLimited(ctx, func() (err error) { asked = a.now(); next, err = pages.Next(ctx); return err })
		if pages.Done(err) {
			break
		}
		if err != nil {
			return fmt.Errorf("list the users: %w", err)
		}
		pages = next
		for _, u := range pages.Users {
			all[u.ID] = us.accountOf(u, asked)
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for id, one := range a.byID {
		foreign := one.standing == deployer.Stranger || one.standing == deployer.OtherTeam // whom the list may not have
		if one.at.After(all[id].at) && (all[id].id != "" || one.at.After(began) || foreign) {
			all[id] = one // an event, or an answer, is younger than the page
		}
	}
	a.byID, a.byMail, a.byLike, a.listedAt = map[string]account{}, map[string][]string{}, map[string]map[string]bool{}, began
	for _, one := range all {
		a.put(one)
	}
	return nil
}
