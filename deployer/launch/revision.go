package launch

import (
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// as is what ran well, as one revision of the system has it.
func as(s deployer.State, g deployer.Good) deployer.Good {
	g.State = s
	return g
}

// where finds what ran well in the system's history, so that all of it can be put
// back and not only the image. What its own deployment has made comes first, and
// last what was made after it was proven.
func where(revisions []deployer.Revision, g deployer.Good) deployer.Good {
	for _, fits := range []func(deployer.Revision) bool{
		func(r deployer.Revision) bool { return r.By == g.By && !since(r, g) },
		func(r deployer.Revision) bool { return !since(r, g) },
		func(deployer.Revision) bool { return true },
	} {
		for _, r := range revisions {
			if Same(r.State.Image, g.State.Image) && fits(r) {
				return as(r.State, g)
			}
		}
	}
	g.State.Revision = ""
	return g
}

// replaced is when something else took the place of a version after it was proven,
// by hand perhaps, so that it ran no longer; zero: the history has nothing newer.
func replaced(revisions []deployer.Revision, g deployer.Good) time.Time {
	var first time.Time
	for _, r := range revisions {
		if since(r, g) && (first.IsZero() || r.Created.Before(first)) {
			first = r.Created
		}
	}
	return first
}

// since reports whether a revision was made after a version was proven, and so by
// somebody else.
func since(r deployer.Revision, g deployer.Good) bool {
	return g.How == deployer.EvidenceProven && !g.Since.IsZero() && r.Created.After(g.Since)
}

// Same reports whether two images are one: a system may have written the digest
// behind a tag that was asked for without.
func Same(a, b string) bool {
	return a == b || a != "" && strings.HasPrefix(b, a+"@") || b != "" && strings.HasPrefix(a, b+"@")
}
