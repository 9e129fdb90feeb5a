package deployer_test

import (
	"testing"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/telling"
)

// A card that can't be changed any more has a successor, which can be told from it,
// for as long as something changes.
func TestLostCardHasASuccessor(t *testing.T) {
	t.Parallel()
	d := waiting(t)
	decide := func(c deployer.Command) []deployer.Message {
		t.Helper()
		events, messages, err := telling.Decide(d, deployer.Order{Command: c}, deployer.Facts{Now: dawn})
		if err != nil {
			t.Fatal(err)
		}
		d = deployer.Fold(d, events...)
		return messages
	}
	for n, key := range []string{"card", "card#2", "card#3"} {
		post := deployer.Post{DedupKey: key, Channel: "C1", TS: key}
		for _, other := range []string{"card", "card#2", "card#3"} {
			if other == key {
				continue
			}
			if decide(deployer.Deliver{Post: deployer.Post{DedupKey: other, Channel: "C1", TS: "9"}, Kind: deployer.MessageCard}); d.Card.TS != "" {
				t.Fatalf("the card is %+v, which %s is not", d.Card, other)
			}
		}
		decide(deployer.Deliver{Post: post, Kind: deployer.MessageCard})
		if d.Card != post || d.CardsLost != n {
			t.Fatalf("the card is %+v after %d others", d.Card, d.CardsLost)
		}
		decide(deployer.GiveUp{DedupKey: key, Why: "late"})
		decide(deployer.LoseCard{Post: deployer.Post{DedupKey: key, Channel: "C1", TS: "1"}})
		if d.Card != post {
			t.Fatalf("another one was lost, and the card is %+v", d.Card)
		}
		var note, card bool
		for _, m := range decide(deployer.LoseCard{Post: post, Why: "It was deleted."}) {
			note = note || m.Thread && m.Note.Kind == deployer.NoteCardLost && m.Note.Why == "It was deleted."
			card = card || m.IsCard() && m.Receipt && m.DedupKey != key
		}
		if !note || !card || d.Card.TS != "" {
			t.Errorf("after %s there is a note: %t, a card: %t; the card is %+v", key, note, card, d.Card)
		}
	}
	decide(deployer.Deliver{Post: deployer.Post{DedupKey: "card#4", Channel: "C1", TS: "4"}, Kind: deployer.MessageCard})
	d = order(t, d, ana, deployer.Answer{Choice: deployer.ChoiceStop, Subject: deployer.LeftBy(d).Hash()}, dawn)
	if decide(deployer.LoseCard{Post: d.Card}); !d.Status.Ended() || d.Card.TS != "4" {
		t.Errorf("it is %s, and its card is %+v", d.Status, d.Card)
	}
}
