package launch

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/stationmaster/stationmaster/deployer"
)

// Unanswerable says which questions of a procedure nobody can answer, or too few
// people can, each in a sentence. Nobody approves what they have asked for
// themselves, and one human says yes once over all approvals of a deployment, those
// after its end among them. By is who asks, "" where that is not known.
func Unanswerable(p deployer.Procedure, by string, holders func(role string) deployer.Holders) []string {
	return append(unanswerable(slices.Concat(p.Steps, p.After), by, holders), unanswerable(p.Rollback, "", holders)...) // who decides on that is not known yet
}

// standIns are the roles that no config has to have: who holds them is found out on the
// way. A config may name one of them all the same.
var standIns = []string{deployer.RoleRequester, deployer.RoleApprovers, deployer.RoleEveryone, roleOwner, roleOnCall, "tam"}

// unanswerable says it of steps whose approvals are about one Subject.
func unanswerable(steps []deployer.Step, by string, holders func(role string) deployer.Holders) []string {
	var out []string
	var asked []seat
	unknown := false
	for _, s := range steps {
		but := ""
		if s.Approves() {
			but = by
		}
		for _, q := range questions(s) {
			h := holders(q.role)
			if h.Unknown || len(h.People)+len(h.Lacks) == 0 && slices.Contains(standIns, q.role) { // then nothing is said
				unknown = unknown || s.Approves()
				continue
			}
			may := h.Except(but)
			if len(may) < q.count {
				out = append(out, q.lacking(s.Title, h, may))
				continue
			}
			for range q.count {
				if s.Approves() {
					asked = append(asked, seat{may: may})
				}
			}
		}
	}
	if n := seated(asked); n < len(asked) && !unknown {
		out = append(out, fmt.Sprintf("The approvals want %d different people, and only %d can give them: one person says yes once.", len(asked), n))
	}
	return out
}

// A question is put to so many people of a role.
type question struct {
	role  string
	count int
}

// gateApproved stands where a role would answer a system's own questions, and the approval
// of the deployment does.
const gateApproved = "approved"

// questions are those of a step: none where it asks no role.
func questions(s deployer.Step) []question {
	var out []question
	counts := s.With["roles"].Counts
	for _, role := range slices.Sorted(maps.Keys(counts)) {
		out = append(out, question{role, max(counts[role], 1)})
	}
	role := s.Role()
	if role == "" && !s.Approves() && s.GateRole() != gateApproved {
		role = s.GateRole()
	}
	if role != "" && len(counts) == 0 {
		out = append(out, question{role, max(s.Count(), 1)})
	}
	return out
}

// lacking says that more people are asked than can answer, of whom may are left.
func (q question) lacking(title string, h deployer.Holders, may [][]string) string {
	why := strings.Join(h.Lacks, "; ")
	switch {
	case len(may) > 0:
		why = fmt.Sprintf("it wants %d people of %s, and only %d can", q.count, q.role, len(may))
	case len(h.People) > 0:
		why = "nobody but who asks is " + q.role
	case why == "":
		why = "nobody is " + q.role
	}
	return fmt.Sprintf("Nobody can answer “%s”: %s.", title, why)
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
