package launch

import (
	"context"
	"errors"
	"testing"

	"github.com/stationmaster/stationmaster/deployer"
)

type stored func(id string) (deployer.Deployment, error)

func (s stored) Load(_ context.Context, id string) (deployer.Deployment, error) { return s(id) }

func (s stored) List(context.Context, deployer.Query) ([]deployer.Summary, error) { return nil, nil }

func revision(number, image, by string) deployer.Revision {
	return deployer.Revision{State: deployer.State{Revision: number, Image: image}, By: by}
}

func TestTheRevisionToGoBackTo(t *testing.T) {
	t.Parallel()
	current := revision("9", "e", "")
	current.Current = true
	revisions := []deployer.Revision{
		revision("10", "f", ""), current, revision("8", "e", ""), revision("7", "d", "failed"), revision("6", "c", "gone"), revision("5", "b", "good"),
	}
	broken := errors.New("the disk is gone")
	l := New(Config{}, Ports{Deployments: stored(func(id string) (deployer.Deployment, error) {
		d := deployer.Deployment{Status: deployer.Complete, Targets: []deployer.Target{{Service: "web", After: deployer.State{Image: "d"}}}}
		switch id {
		case "failed":
			d.Status = deployer.RolledBack
		case "gone":
			return deployer.Deployment{}, deployer.ErrNotFound
		case "unreadable":
			return deployer.Deployment{}, broken
		}
		return d, nil
	})})
	for name, c := range map[string]struct {
		revisions []deployer.Revision
		to        string
		want, err string
	}{
		"older, other, and well":  {revisions, "", "6", ""},
		"named, though it failed": {revisions, "7", "7", ""},
		"that which runs":         {revisions, "9", "", "web runs revision 9 already. Nothing was done."},
		"none of that number":     {revisions[:2], "77", "", `web has no revision "77". It has: 10 and 9.`},
		"nothing older":           {revisions[:2], "", "", "web has nothing to go back to: no other version that ran well before. To choose one by yourself, see: history web"},
		"which runs is not known": {revisions[2:], "", "", "web has nothing to go back to: no other version that ran well before. To choose one by yourself, see: history web"},
		"the record is broken":    {[]deployer.Revision{current, revision("2", "b", "unreadable"), revision("1", "a", "")}, "", "1", ""},
	} {
		got, err := l.Revision(t.Context(), deployer.Site{Name: "tangerine", Environment: "prod"}, c.revisions, "web", c.to)
		switch {
		case c.err == "" && (err != nil || got.State.Revision != c.want):
			t.Errorf("%s: %q, %v, want %q", name, got.State.Revision, err, c.want)
		case c.err != "" && (err == nil || err.Error() != c.err):
			t.Errorf("%s: %v, want %s", name, err, c.err)
		}
	}
}
