package store

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/store/kv"
)

func kindsOf(messages []deployer.OutboxMessage) []string {
	var kinds []string
	for _, l := range messages {
		kinds = append(kinds, l.Channel+" "+l.DedupKey)
	}
	return kinds
}

// Messages lie there, in order, until they are sent or discarded.
func TestMessagesWaitInOrderUntilSent(t *testing.T) {
	t.Parallel()
	s := openNew(t)
	c := begin(t, s, start("o", "web"))
	c.resolve()
	c.approve()
	want := []string{"C1 ask/8", "C1 note/5", "C1 note/9", "C1 starting/deploys", "C1 card"}
	messages := c.messages()
	if got := kindsOf(messages); !slices.Equal(sorted(got), sorted(want)) || got[len(got)-1] != "C1 card" {
		t.Fatalf("the messages are %q, want %q", got, want)
	}
	for i, l := range messages {
		if l.Deployment != c.d.ID || l.Rev == 0 || time.Since(l.At) > time.Minute || i > 0 && l.Key <= messages[i-1].Key {
			t.Errorf("message %d is %+v", i, l)
		}
	}

	var paged []deployer.OutboxMessage
	for after := ""; ; after = paged[len(paged)-1].Key {
		page, err := s.Messages(t.Context(), after, 2)
		if err != nil {
			t.Fatal(err)
		}
		if paged = append(paged, page...); len(page) < 2 {
			break
		}
	}
	if !slices.Equal(kindsOf(paged), kindsOf(messages)) {
		t.Errorf("in pages they are %q", kindsOf(paged))
	}

	c.announce()
	for _, l := range messages {
		if l.Kind != "starting" {
			if err := s.Discard(t.Context(), l); err != nil {
				t.Fatal(err)
			}
		}
	}
	if got := kindsOf(c.messages()); !slices.Equal(got, []string{"C1 card"}) {
		t.Errorf("a newer card should be left, and there are %q", got)
	}
	if err := s.Discard(t.Context(), c.card()); err != nil || len(c.messages()) > 0 {
		t.Errorf("there are still %q, %v", kindsOf(c.messages()), err)
	}
	if err := s.Discard(t.Context(), messages[0]); err != nil {
		t.Errorf("discarding what is gone: %v", err)
	}
}

func sorted(s []string) []string { return slices.Sorted(slices.Values(s)) }

// There is one card, the newest, and it remembers since when it may have
// been posted.
func TestCardIsTheNewestAndKnowsSinceWhen(t *testing.T) {
	t.Parallel()
	s := openNew(t)
	c := begin(t, s, start("o", "web"))
	c.resolve()
	first := c.card()
	if !first.Receipt {
		t.Error("the first card wants no receipt")
	}
	time.Sleep(2 * time.Millisecond)
	c.hear() // with a card that wants no receipt
	if !c.card().Receipt {
		t.Error("nobody waits any more for the receipt of a card that was not sent")
	}
	c.approve()
	second := c.card()
	if !second.At.Equal(first.At) || second.Rev == first.Rev || !second.Receipt {
		t.Errorf("the card that was not sent yet became %+v, of %+v", second, first)
	}
	// The first one was posted while the second was written. The engine says
	// so, and the mailbox keeps the second, since it is newer.
	c.do(deployer.Order{Command: deployer.Deliver{Post: deployer.Post{DedupKey: "card", Channel: "C1", TS: "1.1"}, Kind: "card"}})
	if err := s.Discard(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	if c.card().Rev != second.Rev {
		t.Error("the newer card is gone")
	}
	c.announce()
	if l := c.card(); l.Receipt {
		t.Errorf("it was delivered, and wants a receipt: %+v", l)
	}
	if err := s.Discard(t.Context(), c.card()); err != nil {
		t.Fatal(err)
	}
	c.rollOut(deployer.Outcome{Result: deployer.OK})
	if l := c.card(); !l.At.After(second.At) {
		t.Errorf("a card after the last was sent is as old as that: %v", l.At)
	}
}

// A commit that reports a card as sent and brings a new
// one leaves the new one.
func TestNewCardOutlivesTheSentOne(t *testing.T) {
	t.Parallel()
	s := openNew(t)
	c := begin(t, s, start("o", "web"))
	c.resolve()
	old := c.card()
	time.Sleep(2 * time.Millisecond)
	c.do(deployer.Order{Command: deployer.GiveUp{DedupKey: "card", Why: "is_archived", OutboxKey: old.Key}})
	if l := c.card(); l.Rev == old.Rev || !l.At.After(old.At) {
		t.Errorf("the card is %+v", l)
	}
}

// A log in a message is kept aside and comes back.
func TestLongNoteIsKeptAsideAndComesBack(t *testing.T) {
	t.Parallel()
	s := openNew(t)
	c := begin(t, s, start("o", "web"))
	c.resolve()
	c.approve()
	c.announce()
	log := strings.Repeat("panic: something\n", 400) // as much as a message has of it
	c.rollOut(deployer.Outcome{Result: deployer.Failed, Why: "crash", Detail: log})
	if !slices.ContainsFunc(c.messages(), func(l deployer.OutboxMessage) bool { return l.Note.Detail == log }) {
		t.Error("no letter has the log")
	}
	entries, err := s.kv.Scan(t.Context(), outPrefix, "", kv.ScanMax)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if len(e.Value) > 3000 {
			t.Errorf("%s has %d bytes", e.Key, len(e.Value))
		}
	}
}

// What people may call things does not break keys.
func TestNamesOfPeopleDoNotBreakKeys(t *testing.T) {
	t.Parallel()
	s := openNew(t)
	odd := start("o/\x01%2F", "web/api", "ü service", "web")
	odd.Site.Name, odd.Site.Environment = "a/b%2Fc", ""
	odd.Channels["deploys"] = "C/1"
	c := begin(t, s, odd)
	c.resolve()
	wantLoad(t, s, c.d)
	if live, err := s.Live(t.Context()); err != nil || !slices.Equal(live, []string{"a/b%2Fc-1"}) {
		t.Errorf("live are %q, %v", live, err)
	}
	for _, q := range []deployer.Query{{Site: deployer.Site{Name: "a/b%2Fc"}}, {Service: "web/api"}, {Service: "ü service", Site: deployer.Site{Name: "a/b%2Fc"}}, {}} {
		if list, err := s.List(t.Context(), q); err != nil || len(list) != 1 || list[0].ID != c.d.ID {
			t.Errorf("%+v lists %v, %v", q, list, err)
		}
	}
	if list, err := s.List(t.Context(), deployer.Query{Site: deployer.Site{Name: "a"}}); err != nil || len(list) > 0 {
		t.Errorf("retailer a has %v, %v", list, err)
	}
	if c.card().Channel != "C/1" {
		t.Errorf("the card is for %q", c.card().Channel)
	}
}

func TestArrivalOfEveryMessageIsTold(t *testing.T) {
	t.Parallel()
	s := openNew(t)
	arrivals, err := s.Arrivals(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c := begin(t, s, start("o", "web"))
	wait := func() {
		t.Helper()
		select {
		case <-arrivals:
		case <-time.After(2 * time.Minute):
			t.Fatal("no arrival was told")
		}
	}
	c.resolve()
	wait()
	c.approve() // several
	wait()
}

// The names of channels and retailers may hold what means something in a key.
func TestArrivalsAndChangesAreToldByTheirNames(t *testing.T) {
	t.Parallel()
	for _, box := range []deployer.Box{{Channel: "C/1", Deployment: "a b-1"}, {Channel: "", Deployment: "é-2"}, {Channel: "C1"}} {
		if got, ok := boxOf(boxPrefix(box) + "000001-00-card/x"); !ok || got != box {
			t.Errorf("%+v is told as %+v", box, got)
		}
	}
	for _, id := range []string{"tangerine-1", "a b/c-12", "east-3-9"} {
		if got, tell := changedID(headKey(id)); !tell || got != id {
			t.Errorf("%s is told as %q", id, got)
		}
	}
	if box, ok := boxOf(""); !ok || box != (deployer.Box{}) {
		t.Errorf("a gap is told as %+v", box)
	}
	if id, tell := changedID(""); !tell || id != "" {
		t.Errorf("a gap is told as %q", id)
	}
}
