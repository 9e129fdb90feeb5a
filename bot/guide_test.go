package bot

import (
	"testing"
)

// Only those who are awaited are called: each by name while they are few.
func TestCallLeavesOutWhoIsNotAwaited(t *testing.T) {
	t.Parallel()
	r := newFixture(t)
	bob, rosa := "<@"+r.UserID("bob")+">", "<@"+r.UserID("rosa")+">"
	people := r.bot.people
	r.eventually("the group is known", func() bool { return len(people.Role("tech-lead")) == 2 })
	if got := people.Call("tech-lead", nil); got != bob+" "+rosa && got != rosa+" "+bob {
		t.Errorf("all: %s", got)
	}
	if got := people.Call("tech-lead", []string{r.UserID("bob")}); got != rosa {
		t.Errorf("without Bob: %s", got)
	}
	if got := people.Call("tech-lead", []string{r.UserID("bob"), r.UserID("rosa")}); got != people.Mention("tech-lead") {
		t.Errorf("where nobody is left, everybody is called: %s", got)
	}
	if got := people.Call("nobody", nil); got != "" {
		t.Errorf("a role that nobody has: %s", got)
	}
}
