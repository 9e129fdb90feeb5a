package launch

import (
	"fmt"
	"slices"
	"strings"

	"github.com/stationmaster/stationmaster/deployer"
)

// Unanswerable says which questions of a procedure nobody can answer, or too few
// people can, each in a sentence. Nobody approves what they have asked for
// themselves, and one human says yes once over all approvals of a deployment. By
// is who asks, "" where that is not known.
func Unanswerable(p deployer.Procedure, by string, holders func(role string) deployer.Holders) []string {
	return append(unanswerable(p.Steps, by, holders), unanswerable(p.Rollback, "", holders)...) // who decides on that is not known yet
}

// unanswerable says it of the steps of one part, whose approvals are about one
// Subject.
func unanswerable(steps []deployer.Step, by string, holders func(role string) deployer.Holders) []string {
	var out []string
	var asked []seat
	unknown := false
	for _, s := range steps {
		role, but := s.Role(), ""
		switch {
		case s.Approves():
			but = by
		case role == "":
			role = s.GateRole()
		}
		if role == "" {
			continue
		}
		h := holders(role)
		if h.Unknown { // then nothing is said
			unknown = unknown || s.Approves()
			continue
		}
		may, count := h.Except(but), max(s.Count(), 1)
		if len(may) < count {
			out = append(out, lacking(s, role, h, may))
			continue
		}
		if s.Approves() {
			for range count {
				asked = append(asked, seat{may: may})
			}
		}
	}
	if n := seated(asked); n < len(asked) && !unknown {
		out = append(out, fmt.Sprintf("The approvals want %d different people, and only %d can give them: one person says yes once.", len(asked), n))
	}
	return out
}

// lacking says that a step asks a role for more people than can answer, of whom
// may are left.
func lacking(s deployer.Step, role string, h deployer.Holders, may [][]string) string {
	why := strings.Join(h.Lacks, "; ")
	switch {
	case len(may) > 0:
		why = fmt.Sprintf("it wants %d people of %s, and only %d can", s.Count(), role, len(may))
	case len(h.People) > 0:
		why = "nobody but who asks is " + role
	case why == "":
		why = "nobody is " + role
	}
	return fmt.Sprintf("Nobody can answer “%s”: %s.", s.Title, why)
}

// A seat is one yes that is asked for, and the humans who may give it.
type seat struct {
	may   [][]string
	human string // who gives it: the first of their accounts; "": nobody yet
}

// seated is how many of the seats can be taken at once, by different humans.
func seated(seats []seat) int {
	n := 0
	for i := range seats {
		if take(seats, i, map[string]bool{}) {
			n++
		}
	}
	return n
}

// take finds a human for a seat, who may have to leave another one to somebody
// else. Nobody is asked twice.
func take(seats []seat, i int, asked map[string]bool) bool {
	for _, human := range seats[i].may {
		id := human[0]
		if asked[id] {
			continue
		}
		asked[id] = true
		other := slices.IndexFunc(seats, func(s seat) bool { return s.human == id })
		if other < 0 || take(seats, other, asked) {
			seats[i].human = id
			return true
		}
	}
	return false
}
