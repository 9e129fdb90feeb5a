package directory

import (
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/slack-go/slack"
	"golang.org/x/time/rate"

	"github.com/stationmaster/stationmaster/deployer"
)

// accounts are all that is known of people and bots, by id. They are guarded by
// themselves; whoever holds a directory's lock may call their methods.
type accounts struct {
	api  *slack.Client
	log  *slog.Logger
	now  func() time.Time
	asks *rate.Limiter       // turns to ask about one
	same map[string][]string // id: the others of the same human, as the configuration says

	mu        sync.Mutex
	us        team // zero: Slack was not asked yet
	byID      map[string]account
	byMail    map[string][]string        // ids, by the address in lower case
	byLike    map[string]map[string]bool // ids, by what is alike of their names and handles
	claims    map[string]string          // id: the workspace that their last click says they are of
	listedAt  time.Time                  // when the whole list was read
	doubtedAt time.Time                  // what was told before may be wrong
}

func newAccounts(c Config, asks *rate.Limiter) *accounts {
	return &accounts{
		api: c.API, log: c.Log, now: c.Now, asks: asks, same: samePeople(c.People),
		byID: map[string]account{}, byMail: map[string][]string{}, byLike: map[string]map[string]bool{}, claims: map[string]string{},
	}
}

// samePeople ties every id of a human to all the others.
func samePeople(people map[string][]string) map[string][]string {
	out := map[string][]string{}
	for id, others := range people {
		all := append([]string{id}, others...)
		for _, one := range all {
			out[one] = append(out[one], all...)
		}
	}
	return out
}

// get is what is known of an id; of one that nobody has, or that nothing is known
// of, it has no id.
func (a *accounts) get(id string) account {
	a.mu.Lock()
	defer a.mu.Unlock()
	if one := a.byID[id]; one.standing != deployer.Nobody {
		return one
	}
	return account{}
}

// heard reports whether Slack was asked about an id, and what it is to the
// workspace.
func (a *accounts) heard(id string) (standing deployer.Standing, heard bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	one, ok := a.byID[id]
	return one.standing, ok
}

// note takes in what Slack says of somebody, unless what is known is younger.
func (a *accounts) note(one account) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.byID[one.id].at.After(one.at) {
		a.put(one)
	}
}

// learn takes in what Slack says of somebody now, and returns what was known. Before
// it is known which workspace is ours, nothing is learnt.
func (a *accounts) learn(u slack.User) (before, now account) {
	a.mu.Lock()
	defer a.mu.Unlock()
	before = a.byID[u.ID]
	if a.us.id == "" {
		return before, before
	}
	now = a.us.accountOf(u, a.now())
	a.put(now)
	return before, now
}

// put replaces what is known of an account. The caller holds the lock.
func (a *accounts) put(one account) {
	a.putNames(one)
	if before := a.byID[one.id].email; before != one.email {
		a.byMail[before] = slices.DeleteFunc(a.byMail[before], func(id string) bool { return id == one.id })
		a.byMail[one.email] = append(a.byMail[one.email], one.id)
	}
	a.byID[one.id] = one
}

// putNames replaces by what an account is called. Whoever is gone is taken for
// nobody. The caller holds the lock.
func (a *accounts) putNames(one account) {
	for _, like := range a.byID[one.id].likes() {
		if delete(a.byLike[like], one.id); len(a.byLike[like]) == 0 {
			delete(a.byLike, like)
		}
	}
	for _, like := range one.likes() {
		if a.byLike[like] == nil {
			a.byLike[like] = map[string]bool{}
		}
		a.byLike[like][one.id] = true
	}
}

// namesake reports whether somebody else is called so, as far as people can tell.
func (a *accounts) namesake(id, name string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	for other := range a.byLike[alike(name)] {
		if other != id {
			return true
		}
	}
	return false
}

// doubt has everything asked again: events may have been lost.
func (a *accounts) doubt() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.doubtedAt = a.now()
}

// noticed takes in of which workspace somebody's last click says that they are.
func (a *accounts) noticed(id, team string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if delete(a.claims, id); team != "" && !a.byID[id].of(team) {
		a.claims[id] = team
	}
}

// standing is what somebody is to the workspace where their last click is taken into
// account: one from a workspace that they are not known to be of is no member's.
func (a *accounts) standing(one account) deployer.Standing {
	a.mu.Lock()
	defer a.mu.Unlock()
	claim := a.claims[one.id]
	if claim == "" || one.of(claim) || one.standing != deployer.Member && one.standing != deployer.Guest {
		return one.standing
	}
	return deployer.Stranger
}

// human are all ids of the human whose one of them is: as the configuration says,
// and by one address. Of nobody who has but one id it is nil.
func (a *accounts) human(id string) []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	ids := []string{id}
	add := func(other string) {
		if !slices.Contains(ids, other) {
			ids = append(ids, other)
		}
	}
	for i := 0; i < len(ids); i++ {
		for _, other := range a.same[ids[i]] {
			add(other)
		}
		if mail := a.byID[ids[i]].email; mail != "" {
			for _, other := range a.byMail[mail] {
				add(other)
			}
		}
	}
	if len(ids) == 1 {
		return nil
	}
	slices.Sort(ids)
	return ids
}
