package store

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/store/kv"
)

// What can't be read of one deployment harms no other, and is named wherever
// people look.
func TestUnreadableRecordHarmsNoOtherDeployment(t *testing.T) {
	t.Parallel()
	s := openNew(t)
	bad, good := begin(t, s, start("o", "web")), begin(t, s, start("p", "api"))
	bad.resolve()
	good.resolve()
	head, live, log := get(t, s, headKey(bad.d.ID)), get(t, s, liveKey(bad.d.ID)), recordsOf(t, s, bad.d.ID)[1]
	for name, damage := range map[string]kv.Entry{
		"a newer event":   rewrite(t, log, `"kind":"resolved"`, `"kind":"teleported"`),
		"a newer record":  rewrite(t, log, `{"v":7`, `{"v":8`),
		"a newer entry":   {Key: log.Key, Value: append([]byte{0x70}, log.Value[1:]...)},
		"a damaged entry": {Key: log.Key, Value: []byte("damaged")},
		"a newer head":    {Key: head.Key, Value: []byte(strings.Replace(string(head.Value), `{"v":3`, `{"v":7`, 1))},
		"a damaged head":  {Key: head.Key, Value: []byte("damaged")},
		"a newer wakeup":  {Key: live.Key, Value: []byte(`{"v":7}`)},
	} {
		put(t, s, damage)
		z := second(t, s)
		_, err := z.Load(t.Context(), bad.d.ID)
		if damage.Key == live.Key {
			if w, err := z.Wakeups(t.Context()); err != nil || !w[bad.d.ID].Now {
				t.Errorf("%s: wakeups are %v, %v", name, w, err)
			}
		} else {
			wantSays(t, err, damage.Key)
			if damage.Key == head.Key {
				if err := z.Append(t.Context(), bad.decide(deployer.Order{By: ana, Nonce: "x", Command: deployer.Answer{Choice: deployer.ChoiceStop}})); err == nil {
					t.Errorf("%s: something was added", name)
				}
			}
		}
		if ids, err := z.Live(t.Context()); err != nil || !slices.Equal(ids, []string{bad.d.ID, good.d.ID}) {
			t.Errorf("%s: live are %v, %v", name, ids, err)
		}
		list, err := z.List(t.Context(), deployer.Query{})
		if err != nil || len(list) != 2 || list[0].ID != good.d.ID || list[1].ID != bad.d.ID || !list[1].Created.Equal(bad.d.Created) {
			t.Errorf("%s: it lists %+v, %v", name, list, err)
		} else if damage.Key == head.Key && !strings.Contains(list[1].Why, head.Key) {
			t.Errorf("%s: it lists %+v", name, list[1])
		}
		if h, err := z.Holders(t.Context(), []string{"tangerine/prod/web"}); err != nil || len(h) != 1 {
			t.Errorf("%s: holders are %v, %v", name, h, err)
		}
		if _, err := z.Load(t.Context(), good.d.ID); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		put(t, s, head, live, log)
	}
}

// A commit whose record could not be read again is refused, however well it packs.
func TestTooLongACommitIsRefused(t *testing.T) {
	t.Parallel()
	s := openNew(t)
	c := begin(t, s, start("o", "web"))
	var events []deployer.Event
	for n := range 12_000 {
		events = append(events, deployer.OrderSeen{At: dawn, By: ana, Nonce: fmt.Sprint(n)})
	}
	before := state(t, s)
	wantErr(t, s.Append(t.Context(), deployer.Pack(c.d, deployer.Order{}, events, nil)), kv.ErrTooBig)
	if state(t, s) != before {
		t.Error("something was stored")
	}
	c.do(deployer.Order{By: ana, Nonce: "stop", Command: deployer.Answer{Choice: deployer.ChoiceStop}})
}
