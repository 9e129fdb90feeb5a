package deployertest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

func testList(t *testing.T, s Store) {
	var all []*script
	for i := range 9 {
		x := &script{T: t, s: s, now: dawn.Add(time.Duration(i/3) * time.Hour)} // some at the same time
		o := startOf(fmt.Sprint("start ", i), []string{"web", "api", "db"}[i%3])
		start := o.Command.(deployer.Start)
		start.Site.Name, start.Site.Environment = []string{"tangerine", "plum"}[i%2], []string{"prod", "test", "old"}[i/3]
		o.Command = start
		x.do(o)
		all = append(all, x)
	}
	slices.SortStableFunc(all, func(a, b *script) int { return newer(a.d.Summarize(), b.d.Summarize()) })
	all[0].finish() // a list has the status of now
	for _, q := range []deployer.Query{
		{}, {Site: deployer.Site{Name: "plum"}}, {Site: deployer.Site{Environment: "prod"}}, {Service: "web"}, {Site: deployer.Site{Name: "tangerine", Environment: "test"}, Service: "api"}, {Service: "none"},
	} {
		for _, q.Limit = range []int{0, 1, 100} {
			want, got := []string{}, pages(t, s, q)
			for _, x := range all {
				if selects(q, x.d.Summarize()) {
					want = append(want, fmt.Sprint(x.d.ID, " ", x.d.Status))
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("%+v lists\n%v\nwant\n%v", q, got, want)
			}
		}
	}
	_, err := s.List(t.Context(), deployer.Query{Before: "tangerine-99"})
	wantErr(t, err, deployer.ErrNotFound)
}

// pages lists until there is no more.
func pages(t *testing.T, s Store, q deployer.Query) []string {
	t.Helper()
	lines := []string{}
	for {
		page, err := s.List(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range page {
			lines = append(lines, fmt.Sprint(d.ID, " ", d.Status))
		}
		if len(page) == 0 {
			return lines
		}
		q.Before = page[len(page)-1].ID
	}
}

func testTrail(t *testing.T, s Store) {
	x := begin(t, s, "web")
	x.finish()
	records, err := s.Trail(t.Context(), x.d.ID)
	if err != nil || len(records) < 5 {
		t.Fatalf("%d records, %v", len(records), err)
	}
	var d deployer.Deployment
	before := ""
	for i, r := range records {
		if r.Seq != d.Seq+1 || r.Prev != before || r.Hash == "" || r.At.IsZero() {
			t.Errorf("record %d is %+v after event %d and %q", i, r, d.Seq, before)
		}
		d, before = deployer.Fold(d, r.Events...), r.Hash
	}
	if d.Seq != x.d.Seq || d.Status != x.d.Status {
		t.Errorf("it leads to event %d, %s; the deployment is at %d, %s", d.Seq, d.Status, x.d.Seq, x.d.Status)
	}
	_, err = s.Trail(t.Context(), "tangerine-99")
	wantErr(t, err, deployer.ErrNotFound)
}

func testHeads(t *testing.T, s Store) {
	x := &script{T: t, s: s, now: dawn}
	var heads []string
	head := func() {
		t.Helper()
		h, err := s.Head(t.Context())
		if err != nil || slices.Contains(heads, h) || strings.ContainsAny(h, " \n") || len(h) > 64 {
			t.Fatalf("after %q the head is %q, %v", heads, h, err)
		}
		heads = append(heads, h)
	}
	head()
	for _, do := range []func(){func() { x.do(startOf("web", "web")) }, x.resolve, x.confirm, func() { begin(t, s, "api") }} {
		do()
		head()
	}
	for _, m := range x.messages() { // which is no commit
		wantErr(t, s.Discard(t.Context(), m), nil)
	}
	if h, err := s.Head(t.Context()); err != nil || h != heads[len(heads)-1] {
		t.Errorf("the head has become %q, %v", h, err)
	}
	for _, h := range heads {
		if err := s.Holds(t.Context(), h); err != nil {
			t.Errorf("%s: %v", h, err)
		}
	}
	last := heads[len(heads)-1]
	n, sum, _ := strings.Cut(last, "-")
	for _, h := range []string{n + "0-" + sum, n + "-" + strings.Repeat("A", len(sum)), "head", ""} {
		if err := s.Holds(t.Context(), h); err == nil {
			t.Errorf("%q is held", h)
		}
	}
	if s.ID() == "" {
		t.Error("it has no id")
	}
}

func testMessages(t *testing.T, s Store) {
	x := begin(t, s, "web")
	x.resolve()
	x.confirm()
	messages := x.messages()
	if len(messages) < 3 || messages[len(messages)-1].Kind != deployer.MessageCard {
		t.Fatalf("there are %+v, and the card comes last", messages)
	}
	for i, m := range messages {
		if m.Rev == 0 || time.Since(m.At) > time.Minute || i > 0 && m.Key <= messages[i-1].Key {
			t.Errorf("message %d is %+v", i, m)
		}
	}
	for i := range messages {
		after := ""
		if i > 0 {
			after = messages[i-1].Key
		}
		if page, err := s.Messages(t.Context(), after, 1); err != nil || len(page) != 1 || page[0].Key != messages[i].Key {
			t.Errorf("behind %q are %+v, %v", after, page, err)
		}
	}
	x.announce()
	for _, m := range messages { // the card that was read is no longer the one that is there
		wantErr(t, s.Discard(t.Context(), m), nil)
	}
	if left := x.messages(); len(left) != 1 || left[0].Kind != deployer.MessageCard {
		t.Errorf("a newer card should be left, and there are %+v", left)
	}
	wantErr(t, s.Discard(t.Context(), x.card()), nil)
	if left := x.messages(); len(left) > 0 {
		t.Errorf("there are still %+v", left)
	}
}

func testCard(t *testing.T, s Store) {
	x := begin(t, s, "web")
	x.resolve()
	first := x.card()
	if !first.Receipt {
		t.Error("nobody waits for the receipt of the first card")
	}
	time.Sleep(2 * time.Millisecond)
	x.confirm()
	second := x.card()
	if !second.At.Equal(first.At) || second.Rev == first.Rev || !second.Receipt {
		t.Errorf("the card that was not sent yet became %+v, of %+v", second, first)
	}
	// The first one was posted while the second was written.
	x.engine(deployer.Deliver{Post: deployer.Post{DedupKey: "card", Channel: "C1", TS: "1.1"}, Kind: deployer.MessageCard})
	wantErr(t, s.Discard(t.Context(), first), nil)
	if x.card().Rev != second.Rev {
		t.Error("the newer card is gone")
	}
	x.announce()
	if x.card().Receipt {
		t.Error("it was delivered, and wants a receipt")
	}
	y := begin(t, s, "api")
	y.resolve()
	old := y.card()
	time.Sleep(2 * time.Millisecond)
	y.engine(deployer.GiveUp{DedupKey: "card", Why: "is_archived", OutboxKey: old.Key})
	if c := y.card(); c.Rev == old.Rev || !c.At.After(old.At) {
		t.Errorf("a commit that says that a card was sent, and brings the next one, leaves %+v", c)
	}
}
