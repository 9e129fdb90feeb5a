package deployertest

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/stationmaster/stationmaster/deployer"
)

// Allocate returns the id with the next number. None is given twice.
func (j *Journal) Allocate(ctx context.Context, prefix string) (string, error) {
	defer j.mu.Unlock()
	if err := j.read(ctx); err != nil {
		return "", err
	}
	for {
		j.numbers[prefix]++
		id := fmt.Sprintf("%s-%d", prefix, j.numbers[prefix])
		if j.histories[id] == nil {
			return id, nil
		}
	}
}

// number splits an id such as tangerine-142.
func number(id string) (prefix string, n int, err error) {
	i := strings.LastIndexByte(id, '-')
	if i >= 0 {
		n, err = strconv.Atoi(id[i+1:])
	}
	if i < 0 || err != nil || n < 1 {
		return "", 0, fmt.Errorf("the id %q does not end in a number", id)
	}
	return id[:i], n, nil
}

// Started returns the id of the deployment that origin started, or "".
func (j *Journal) Started(ctx context.Context, origin string) (string, error) {
	defer j.mu.Unlock()
	if err := j.read(ctx); err != nil {
		return "", err
	}
	return j.origins[origin], nil
}

// Holders returns who holds the places, by place; free ones are absent.
func (j *Journal) Holders(ctx context.Context, places []string) (map[string]string, error) {
	defer j.mu.Unlock()
	if err := j.read(ctx); err != nil {
		return nil, err
	}
	holders := map[string]string{}
	for _, place := range places {
		if id := j.places[place]; id != "" {
			holders[place] = id
		}
	}
	return holders, nil
}

// Load folds a deployment. An unknown id is deployer.ErrNotFound.
func (j *Journal) Load(ctx context.Context, id string) (deployer.Deployment, error) {
	defer j.mu.Unlock()
	if err := j.read(ctx); err != nil {
		return deployer.Deployment{}, err
	}
	h := j.histories[id]
	if h == nil {
		return deployer.Deployment{}, fmt.Errorf("load %s: %w", id, deployer.ErrNotFound)
	}
	return h.d, nil
}

// All returns every deployment there is, in the order of their ids as words.
func (j *Journal) All() []deployer.Deployment {
	j.mu.Lock()
	defer j.mu.Unlock()
	var all []deployer.Deployment
	for _, h := range j.histories {
		all = append(all, h.d)
	}
	slices.SortFunc(all, func(a, b deployer.Deployment) int { return strings.Compare(a.ID, b.ID) })
	return all
}

// Queue are the deployments that wait for their places, in the order of their ids as words.
func (j *Journal) Queue(ctx context.Context) ([]deployer.Deployment, error) {
	defer j.mu.Unlock()
	if err := j.read(ctx); err != nil {
		return nil, err
	}
	var all []deployer.Deployment
	for _, h := range j.histories {
		if deployer.Queueing(h.d) {
			all = append(all, h.d)
		}
	}
	slices.SortFunc(all, func(a, b deployer.Deployment) int { return strings.Compare(a.ID, b.ID) })
	return all, nil
}

// Live returns the ids of the deployments to which something may still happen.
func (j *Journal) Live(ctx context.Context) ([]string, error) {
	defer j.mu.Unlock()
	if err := j.read(ctx); err != nil {
		return nil, err
	}
	var ids []string
	for id, h := range j.histories {
		if h.live {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids, nil
}

// Wakeups returns when the engine has to look at each live deployment by itself.
func (j *Journal) Wakeups(ctx context.Context) (map[string]deployer.Wakeup, error) {
	defer j.mu.Unlock()
	if err := j.read(ctx); err != nil {
		return nil, err
	}
	wakeups := map[string]deployer.Wakeup{}
	for id, h := range j.histories {
		if h.live {
			wakeups[id] = h.wakeup
		}
	}
	return wakeups, nil
}

// Changes tells the ids of the deployments that a commit was about, until ctx
// ends; then the channel is closed. "" stands for ids that whoever reads too
// slowly has missed.
func (j *Journal) Changes(ctx context.Context) (<-chan string, error) { return j.changes.add(ctx), nil }

// listMax is how many summaries a List returns at most.
const listMax = 100

// List returns the summaries that a query selects, the newest first. A limit
// that is not between 1 and 100 is 100. An unknown id in Before is
// deployer.ErrNotFound.
func (j *Journal) List(ctx context.Context, q deployer.Query) ([]deployer.Summary, error) {
	defer j.mu.Unlock()
	if err := j.read(ctx); err != nil {
		return nil, err
	}
	before := j.histories[q.Before]
	if q.Before != "" && before == nil {
		return nil, fmt.Errorf("list those before %s: %w", q.Before, deployer.ErrNotFound)
	}
	var list []deployer.Summary
	for _, h := range j.histories {
		if s := h.d.Summarize(); selects(q, s) && (before == nil || newer(before.d.Summarize(), s) < 0) {
			list = append(list, s)
		}
	}
	slices.SortFunc(list, newer)
	if q.Limit < 1 || q.Limit > listMax {
		q.Limit = listMax
	}
	return list[:min(len(list), q.Limit)], nil
}

func selects(q deployer.Query, s deployer.Summary) bool {
	return cmp.Or(q.Site.Name, s.Site.Name) == s.Site.Name && cmp.Or(q.Site.Environment, s.Site.Environment) == s.Site.Environment &&
		(q.Service == "" || slices.ContainsFunc(s.Releases, func(r deployer.Release) bool { return r.Service == q.Service }))
}

// newer orders the newest first: by the time of creation, then by number.
func newer(a, b deployer.Summary) int {
	_, an, _ := number(a.ID)
	_, bn, _ := number(b.ID)
	return cmp.Or(b.Created.Compare(a.Created), cmp.Compare(bn, an), strings.Compare(a.ID, b.ID))
}

// Trail returns the history of a deployment, commit by commit, the first one
// first. An unknown id is deployer.ErrNotFound.
func (j *Journal) Trail(ctx context.Context, id string) ([]deployer.Record, error) {
	defer j.mu.Unlock()
	if err := j.read(ctx); err != nil {
		return nil, err
	}
	h := j.histories[id]
	if h == nil {
		return nil, fmt.Errorf("read the history of %s: %w", id, deployer.ErrNotFound)
	}
	return slices.Clone(h.records), nil
}

// AddRecord adds a record to the history of a deployment, which stays as it is:
// a trail can be made long, or wrong.
func (j *Journal) AddRecord(id string, r deployer.Record) {
	j.mu.Lock()
	defer j.mu.Unlock()
	h := j.histories[id]
	h.records = append(h.records, r)
}

// Events returns what has happened to a deployment.
func (j *Journal) Events(id string) []deployer.Event {
	j.mu.Lock()
	defer j.mu.Unlock()
	var events []deployer.Event
	if h := j.histories[id]; h != nil {
		for _, r := range h.records {
			events = append(events, r.Events...)
		}
	}
	return events
}
