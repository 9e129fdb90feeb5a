package deployer

import "testing"

// A rollback that takes back one of two services must not say that the other
// runs its old version again.
func TestWordsOfARollbackAreAboutWhatGoesBack(t *testing.T) {
	version := func(v string) State { return State{Version: v} }
	d := Deployment{
		Targets: []Target{
			{Service: "web", Before: version("v1"), After: version("v2")},
			{Service: "api", Before: version("v3"), After: version("v4")},
		},
		Undo: []string{"api"},
	}
	for _, test := range []struct {
		back                    bool
		service, from, to, what string
	}{
		{false, "web, api", "v1, v3", "v2, v4", "web v2, api v4"},
		{true, "api", "v3", "v4", "api v4"},
	} {
		d.Back = test.back
		got := d.args()
		if got["service"] != test.service || got["from"] != test.from || got["to"] != test.to || got["what"] != test.what {
			t.Errorf("back %t: %v, want %+v", test.back, got, test)
		}
	}
}
