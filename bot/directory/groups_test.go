package directory

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/emulator"
)

// However the clicks of an hour are spread, Slack is asked twenty times a minute
// at most, and the members that count are never older than it takes to ask about
// every group once.
func TestSlackIsAskedAboutGroupsAsOftenAsItAllows(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var asked []time.Time
	now := time.Unix(1e9, 0)
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		asked = append(asked, now)
		mu.Unlock()
		_ = json.NewEncoder(w).Encode(map[string]any{"ok": true, "users": []string{"UROSA"}})
	}))
	defer h.Close()
	d := New(Config{
		API: slack.New("xoxb-local", slack.OptionAPIURL(h.URL+"/")), Roles: map[string]Role{"a": {}, "b": {}}, Log: slog.New(slog.DiscardHandler),
	})
	d.now = func() time.Time { return now }
	for role := range d.roles {
		d.groups[role] = []*group{{id: "S" + role, handle: role, asking: make(chan struct{}, 1), askedAt: now, members: []string{"UROSA"}}}
	}
	for i := range 6000 { // a hundred a minute
		now = now.Add(600 * time.Millisecond)
		if roles, err := d.Roles(context.Background(), "UROSA"); err != nil || len(roles) != 2 {
			t.Fatalf("click %d: %v, %v", i, roles, err)
		}
		for role, g := range d.groups {
			if age := now.Sub(g[0].askedAt); age > 2*askEvery+MemberFreshWithin {
				t.Fatalf("click %d: what is known of %s is %s old", i, role, age)
			}
		}
	}
	for i := range asked {
		if last := i + 20; last < len(asked) && asked[last].Sub(asked[i]) < time.Minute {
			t.Fatalf("21 calls in %s", asked[last].Sub(asked[i]))
		}
	}
	if len(asked) < 800 {
		t.Errorf("only %d calls in an hour: clicks were answered from memory that could have been asked for", len(asked))
	}
}

// Slack cannot say who is in a group: what it told last counts for some minutes, and
// then nobody is a member. Who is named does not suffer.
func TestWhereSlackIsSilentNobodyIsAMember(t *testing.T) {
	t.Parallel()
	known(t, leads(), func(t *testing.T, f *fixture, _ []error) {
		f.silent()
		for _, c := range []struct {
			age  time.Duration
			want []string
		}{{0, []string{"sre", "tech-lead"}}, {time.Minute, []string{"sre", "tech-lead"}}, {memberCountsWithin, nil}} {
			time.Sleep(c.age)
			if got := f.holds(t, "UROSA"); !slices.Equal(got, c.want) {
				t.Errorf("%s later rosa holds %q, want %q", c.age, got, c.want)
			}
		}
		if got := f.UnknownGroups(); !slices.Equal(got, []string{"@tech-leads"}) {
			t.Errorf("unknown are the members of %q", got)
		}
		if got := f.holds(t, "UBOB"); !slices.Equal(got, []string{"sre", "tech-lead"}) {
			t.Errorf("bob holds %q", got)
		}
		bottest.Contains(t, f.book.String(), "who is in a user group could not be asked")
		f.slack.ClearFaults()
		time.Sleep(askEvery)
		if got := f.holds(t, "UROSA"); !slices.Equal(got, []string{"sre", "tech-lead"}) || len(f.UnknownGroups()) > 0 {
			t.Errorf("Slack answers again, and rosa holds %q", got)
		}
	})
}

func TestWhoLeavesAGroupIsOutAtOnceAndWhoComesIsAskedFor(t *testing.T) {
	t.Parallel()
	known(t, leads(), func(t *testing.T, f *fixture, _ []error) {
		ctx := context.Background()
		f.silent()
		f.MembersChanged(ctx, "SLEADS", []string{"UROSA"})
		if got := f.holds(t, "UROSA"); len(got) > 0 {
			t.Errorf("rosa left, and holds %q", got)
		}
		f.slack.ClearFaults()
		if err := f.slack.SetGroupMembers("tech-leads", "eve"); err != nil {
			t.Fatal(err)
		}
		f.MembersChanged(ctx, "SLEADS", nil)
		if got := f.Held("UEVE"); !slices.Equal(got, []string{"sre", "tech-lead"}) {
			t.Errorf("eve came, and holds %q", got)
		}
		f.silent()
		f.GroupUpdated(ctx, "SLEADS", "tech-leads", true)
		if got := f.holds(t, "UEVE"); len(got) > 0 {
			t.Errorf("of a group that is switched off, eve holds %q", got)
		}
		f.GroupUpdated(ctx, "SNONE", "other", false) // nobody's
		select {
		case <-f.due:
			t.Error("everybody is looked up though no role's group has another handle")
		default:
		}
		f.GroupUpdated(ctx, "SLEADS", "leads", false)
		select {
		case <-f.due:
		default:
			t.Error("a group has another handle, and nobody looks again")
		}
	})
}

// A list that was asked for before an event may say what was so before it.
func TestAnEventDuringAQuestionCounts(t *testing.T) {
	t.Parallel()
	known(t, leads(), func(t *testing.T, f *fixture, _ []error) {
		time.Sleep(MemberFreshWithin)
		f.slack.Inject(emulator.Fault{Method: "usergroups.users.list", Late: time.Second})
		asked := make(chan []string)
		go func() {
			roles, _ := f.Roles(context.Background(), "UROSA") // her role is asked for below as well
			asked <- roles
		}()
		time.Sleep(500 * time.Millisecond) // the answer is made, and on its way
		f.silent()
		f.MembersChanged(context.Background(), "SLEADS", []string{"UROSA"})
		<-asked
		if got := f.holds(t, "UROSA"); len(got) > 0 {
			t.Errorf("rosa holds %q", got)
		}
	})
}

// Slack says for how long it wants not to be asked: until then what it told last
// counts, and what is too old is waited for.
func TestAPauseThatSlackWantsIsKept(t *testing.T) {
	t.Parallel()
	known(t, leads(), func(t *testing.T, f *fixture, _ []error) {
		time.Sleep(MemberFreshWithin)
		f.slack.Inject(emulator.Fault{Method: "usergroups.users.list", Status: 429, RetryAfter: 200})
		f.holds(t, "UROSA")
		before := f.slack.CallCount("usergroups.users.list")
		for range 60 {
			if got := f.holds(t, "UROSA"); !slices.Equal(got, []string{"sre", "tech-lead"}) {
				t.Errorf("rosa holds %q", got)
			}
			time.Sleep(time.Second)
		}
		if n := f.slack.CallCount("usergroups.users.list") - before; n > 0 {
			t.Errorf("Slack was asked %d times", n)
		}
		time.Sleep(2 * time.Minute) // the answer is too old now
		if got := f.holds(t, "UROSA"); len(got) > 0 {
			t.Errorf("after three minutes rosa holds %q", got)
		}
		bottest.Contains(t, f.book.String(), "wait until Slack wants to be asked")
		time.Sleep(18 * time.Second)
		if got := f.holds(t, "UROSA"); !slices.Equal(got, []string{"sre", "tech-lead"}) {
			t.Errorf("after the pause rosa holds %q", got)
		}
	})
}

// Many clicks at once ask Slack once.
func TestClicksAtOnceShareOneAnswer(t *testing.T) {
	t.Parallel()
	known(t, map[string]Role{"tech-lead": {Groups: []string{"tech-leads"}}}, func(t *testing.T, f *fixture, _ []error) {
		time.Sleep(MemberFreshWithin)
		before := f.slack.CallCount("usergroups.users.list")
		f.slack.Inject(emulator.Fault{Method: "usergroups.users.list", Late: time.Second})
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() {
				if got, err := f.Roles(context.Background(), "UROSA"); err != nil || len(got) != 1 {
					t.Errorf("rosa holds %q, %v", got, err)
				}
			})
		}
		all.Wait()
		if n := f.slack.CallCount("usergroups.users.list") - before; n != 1 {
			t.Errorf("Slack was asked %d times", n)
		}
	})
}
