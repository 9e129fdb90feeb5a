package rules

import (
	"slices"
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// A Freeze is a time in which nothing begins that changes what runs.
type Freeze struct {
	From, To     time.Time // as clocks of the retailer show it, written in UTC; To is the first moment after it
	Why          string
	Override     string   // the role that may go on all the same; "": nobody
	Retailers    []string // for them, and for those of Groups; neither: for all
	Groups       []string
	Environments []string // none: in all
	Services     []string // none: of all, and of what is about no service
}

// rule names a freeze. One that says something else is another one.
func (f Freeze) rule() string {
	why := strings.ToValidUTF8(f.Why[:min(len(f.Why), 60)], "")
	return "freeze " + f.From.Format(wallTime) + "/" + f.To.Format(wallTime) + " " + why
}

const wallTime = "2006-01-02T15:04"

// said is why nothing begins.
func (f Freeze) said() string { return deployer.Sentence("Frozen: " + f.Why) }

// IsOver reports whether a freeze is over everywhere.
func (f Freeze) IsOver(now time.Time) bool {
	return f.To.Add(dayAndMore).Before(now)
}

// isAbout reports whether a freeze is about a deployment, at a site of these groups.
func (f Freeze) isAbout(d deployer.Deployment, groups []string) bool {
	site := len(f.Retailers)+len(f.Groups) == 0 || slices.Contains(f.Retailers, d.Site.Name) ||
		slices.ContainsFunc(groups, func(g string) bool { return slices.Contains(f.Groups, g) })
	service := len(f.Services) == 0 || slices.ContainsFunc(d.Releases, func(r deployer.Release) bool { return slices.Contains(f.Services, r.Service) })
	return site && service && (len(f.Environments) == 0 || slices.Contains(f.Environments, d.Site.Environment))
}

// holds reports whether a freeze holds at a time: from the first moment at which a clock
// shows its beginning to the last at which one shows its end.
func (p Place) holds(f Freeze, at time.Time) bool {
	from, to := moments(f.From, p.Zone), moments(f.To, p.Zone)
	return !at.Before(from[0]) && at.Before(to[len(to)-1])
}
