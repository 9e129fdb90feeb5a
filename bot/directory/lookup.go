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
func (d *Directory) known(id string) (a account, fresh, counts bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	a, ok := d.accounts[id]
	age := d.now().Sub(a.at)
	return a, ok && age < accountFreshWithin && a.at.After(d.doubtedAt), ok && age < accountCountsWithin
}

// lookUp is what Slack says of somebody now, as often as it allows; what was told
// last where that counts still, and Slack can't be asked. An error means that
// nobody knows.
func (d *Directory) lookUp(ctx context.Context, id string) (account, error) {
	last, fresh, counts := d.known(id)
	if fresh {
		return last, nil
	}
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	a, err := d.askAbout(ctx, id, counts)
	if err != nil && counts {
		d.log.Info("who somebody is could not be asked; what was known last counts", "user", id, "known for", d.now().Sub(last.at).Round(time.Second), "err", err)
		return last, nil
	}
	return a, err
}

// askAbout asks Slack about somebody, in turn. Where there is something to fall
// back on, no turn is waited for.
func (d *Directory) askAbout(ctx context.Context, id string, spare bool) (account, error) {
	if spare && !d.nameAsks.AllowN(d.now(), 1) {
		return account{}, errNoTurn
	}
	if !spare {
		if err := d.nameAsks.Wait(ctx); err != nil {
			return account{}, fmt.Errorf("wait for a turn to ask Slack about %s: %w", id, err)
		}
	}
	us, err := d.ourTeam(ctx)
	if err != nil {
		return account{}, err
	}
	asked := d.now()
	u, err := d.api.GetUserInfoContext(ctx, id)
	switch word, _ := slackapi.ErrorCode(err); {
	case word == "user_not_found" || word == "users_not_found" || word == "user_not_visible":
		nobody := account{id: id, standing: deployer.Nobody, at: asked}
		d.note(nobody)
		return nobody, nil
	case err != nil:
		return account{}, fmt.Errorf("look up the user %s: %w", id, err)
	}
	a := us.accountOf(*u, asked)
	d.note(a)
	return a, nil
}

// ourTeam is the workspace that the bot is of. Slack is asked once.
func (d *Directory) ourTeam(ctx context.Context) (team, error) {
	d.mu.Lock()
	us := d.team
	d.mu.Unlock()
	if us.id != "" {
		return us, nil
	}
	var r *slack.AuthTestResponse
	err := slackapi.RetryRateLimited(ctx, func() (err error) { r, err = d.api.AuthTestContext(ctx); return err })
	if err != nil {
		return team{}, fmt.Errorf("ask Slack which workspace is ours: %w", err)
	}
	us = team{r.TeamID, r.EnterpriseID}
	d.mu.Lock()
	d.team = us
	d.mu.Unlock()
	return us, nil
}

// list reads the list of all people, to its end: who bears a name twice, or has
// two accounts, is not known before. Slack gives twenty pages a minute.
func (d *Directory) list(ctx context.Context) error {
	d.mu.Lock()
	began := d.now()
	young := !d.listedAt.IsZero() && d.listedAt.After(d.doubtedAt) && began.Sub(d.listedAt) < rolesEvery-rolesFreshWithin
	d.mu.Unlock()
	if young {
		return nil
	}
	us, err := d.ourTeam(ctx)
	if err != nil {
		return err
	}
	all := map[string]account{}
	for pages := d.api.GetUsersPaginated(slack.GetUsersOptionLimit(listPage)); ; {
		next, asked := pages, d.now()
		err := slackapi.RetryRateLimited(ctx, func() (err error) { asked = d.now(); next, err = pages.Next(ctx); return err })
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
	d.mu.Lock()
	defer d.mu.Unlock()
	for id, a := range d.accounts {
		if a.at.After(all[id].at) && (all[id].id != "" || a.at.After(began)) {
			all[id] = a // an event, or an answer, is younger than the page
		}
	}
	d.accounts, d.byMail, d.listedAt = map[string]account{}, map[string][]string{}, began
	for _, a := range all {
		d.put(a)
	}
	return nil
}
