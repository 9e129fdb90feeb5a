package view

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/deployer"
)

// Where the procedure says who decides, the card says that the requester, who decides
// as well, can neither skip nor roll back.
func TestACardSaysWhoAloneMayRollBack(t *testing.T) {
	t.Parallel()
	n := pausedWith(t, "", "")
	reads := func(d deployer.Deployment) string {
		_, blocks := Card(d, nil, plainRenderer, n.Time)
		data, err := json.Marshal(blocks)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	const only = "Only Bob or Rosa can roll back." // a rollout is not skipped
	d := n.Deployment()
	if text := reads(d); strings.Contains(text, "can roll back") {
		t.Errorf("everybody may who decides, and it reads %s", text)
	}
	d.Procedure.Failure.Decide = "tech-lead"
	if text := reads(d); !strings.Contains(text, only) {
		t.Errorf("it reads %s, want %q", text, only)
	}
}
