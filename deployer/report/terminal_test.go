package report_test

import (
	"testing"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/report"
)

// An order that came from a terminal says so; one of a click says nothing of it.
func TestOrderFromATerminalSaysSo(t *testing.T) {
	t.Parallel()
	by := deployer.Actor{ID: "UBOB", Name: "Bob"}
	h := report.History{Records: []deployer.Record{{Seq: 1, Events: []deployer.Event{
		deployer.OrderSeen{By: by, Nonce: "a"}, deployer.OrderSeen{By: by, Nonce: "b", Via: deployer.ViaTerminal, Refused: true},
	}}}}
	all := report.Entries(h)
	if all[0].What != "Bob gave an order" || all[0].Seen["from"] != "" {
		t.Errorf("%+v", all[0])
	}
	if all[1].What != "Bob gave an order from a terminal, which was refused" || all[1].Seen["from"] != deployer.ViaTerminal {
		t.Errorf("%+v", all[1])
	}
}
