package directory

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/bot/emulator"
)

func TestPeopleAreFoundByHandleIDAddressAndGroup(t *testing.T) {
	t.Parallel()
	known(t, leads(), func(t *testing.T, f *fixture, unknown []error) {
		if len(unknown) > 0 {
			t.Errorf("unknown are %v", unknown)
		}
		for id, want := range map[string][]string{
			"UANA": {"tech-lead"}, "UBOB": {"sre", "tech-lead"}, "UROSA": {"sre", "tech-lead"}, "UEVE": nil, "UNOBODY": nil,
		} {
			if got := f.holds(t, id); !slices.Equal(got, want) {
				t.Errorf("%s holds %q, want %q", id, got, want)
			}
			if got := f.Held(id); !slices.Equal(got, want) {
				t.Errorf("%s is shown with %q, want %q", id, got, want)
			}
		}
	})
}

// Everybody can give themselves any display name, and would get the role with it.
func TestWhoIsUnknownHoldsNothingAndIsNamed(t *testing.T) {
	t.Parallel()
	roles := map[string]Role{"tech-lead": {
		Users:  []string{"Ana", "nobody", "UNOBODY", "none@example.com", "gone", "UGONE", "U0BOT"},
		Groups: []string{"no-group"},
	}}
	known(t, roles, func(t *testing.T, f *fixture, unknown []error) {
		why := map[string]string{
			"Ana": "Slack has no user with that name", "nobody": "Slack has no user with that name", "UNOBODY": "Slack knows no such user",
			"none@example.com": "Slack knows no such user", "gone": "that account is deactivated", "UGONE": "that account is deactivated",
			"U0BOT": "that is an app, not a person", "no-group": "Slack has no user group with that handle",
		}
		if len(unknown) != len(why) {
			t.Errorf("%d are unknown, want %d", len(unknown), len(why))
		}
		for _, err := range unknown {
			u, ok := errors.AsType[*UnknownEntry](err)
			if !ok || u.Role != "tech-lead" || !strings.HasPrefix(u.Why, why[u.Entry]) {
				t.Errorf("unknown is %v", err)
			}
		}
		for _, id := range []string{"UANA", "UEVE", "UGONE", "U0BOT"} {
			if got := f.holds(t, id); len(got) > 0 {
				t.Errorf("%s holds %q", id, got)
			}
		}
		f.LogUnknown(unknown)
		bottest.Contains(t, f.book.String(), "level=ERROR", `roles.tech-lead: \"nobody\": Slack has no user with that name`)
	})
}

func TestTheLookWaitsAsLongAsSlackWants(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, leads())
		for _, method := range []string{"auth.test", "users.list", "usergroups.list"} {
			f.slack.Inject(emulator.Fault{Method: method, Status: 429, RetryAfter: 20})
		}
		began := time.Now()
		if unknown, err := f.Resolve(context.Background()); err != nil || len(unknown) > 0 {
			t.Errorf("unknown are %v: %v", unknown, err)
		}
		if took := time.Since(began); took != time.Minute {
			t.Errorf("it took %s", took)
		}
	})
}

func TestALookThatFailsSaysAtWhat(t *testing.T) {
	t.Parallel()
	for method, c := range map[string]struct{ code, want string }{
		"users.list":            {"internal_error", "list the users"},
		"auth.test":             {"internal_error", "ask Slack which workspace is ours"},
		"users.info":            {"internal_error", "look up the user"},
		"usergroups.list":       {"internal_error", "list the user groups"},
		"usergroups.users.list": {"", ""},
	} {
		synctest.Test(t, func(t *testing.T) {
			roles := leads()
			roles["elsewhere"] = Role{Users: []string{"U0ELSEWHERE"}} // who is not in the list
			f := newFixture(t, roles)
			f.slack.Inject(emulator.Fault{Method: method, Error: c.code, Count: 1})
			if _, err := f.Resolve(context.Background()); (err != nil) != (c.want != "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: %v, want %q", method, err, c.want)
			}
		})
	}
}

func TestAPlanWithoutGroupsSaysWhatToDo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, leads())
		f.slack.Inject(emulator.Fault{Method: "usergroups.list", Error: "plan_upgrade_required"})
		unknown, err := f.Resolve(context.Background())
		if err != nil || len(unknown) != 2 || !strings.Contains(unknown[0].Error(), "name users instead") {
			t.Errorf("it is %v, %v", unknown, err)
		}
		if h := f.Holders("sre"); len(h.People) != 1 || !slices.Equal(h.Lacks, []string{"SLEADS: this workspace's plan has no user groups; name users instead"}) {
			t.Errorf("it is held by %+v", h)
		}
	})
}

// Everybody is looked up again every hour, and soon after something has changed.
func TestEverybodyIsLookedUpAgain(t *testing.T) {
	t.Parallel()
	known(t, leads(), func(t *testing.T, f *fixture, _ []error) {
		before := f.slack.CallCount("users.list")
		f.running(3*time.Hour + time.Minute)
		if n := f.slack.CallCount("users.list") - before; n != 3 {
			t.Errorf("in three hours they were looked up %d times", n)
		}
		f.DoubtAll()
		before = f.slack.CallCount("users.list")
		f.running(2 * time.Minute)
		if n := f.slack.CallCount("users.list") - before; n != 1 {
			t.Errorf("after an outage they were looked up %d times", n)
		}
		f.slack.Inject(emulator.Fault{Method: "users.list", Error: "internal_error"})
		f.DoubtAll()
		f.running(2 * time.Minute)
		bottest.Contains(t, f.book.String(), "the people of the roles could not be looked up again")
	})
}
