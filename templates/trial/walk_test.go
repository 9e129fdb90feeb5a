package trial

import (
	"hash/fnv"
	"strconv"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// A chance says what happens by a seed alone: the same whenever it is asked.
type chance struct{ seed uint64 }

// draw is a number below n that follows from the seed and from what it is for.
func (c chance) draw(n int, parts ...string) int {
	h := fnv.New64a()
	for _, p := range append([]string{strconv.FormatUint(c.seed, 10)}, parts...) {
		h.Write([]byte(p))
		h.Write([]byte{0})
	}
	return int(h.Sum64() % uint64(n))
}

// Machine implements Director: every sixth try fails.
func (c chance) Machine(s deployer.StepState, item string) Outcome {
	at := []string{s.ID, item, strconv.Itoa(s.Attempt)}
	out := Outcome{After: time.Duration(1+c.draw(300, append(at, "takes")...)) * time.Second, Outputs: map[string]string{}}
	if fails := s.Kind.Fails; c.draw(6, append(at, "fails")...) == 0 && s.Attempt < 4 {
		out.Fails = "timeout"
		if len(fails) > 0 {
			out.Fails = fails[c.draw(len(fails), append(at, "which")...)]
		}
	}
	for _, p := range s.Kind.Outputs {
		if p.Type == deployer.TypeFlag {
			out.Outputs[p.Name] = strconv.FormatBool(c.draw(2, append(at, p.Name)...) == 0)
		}
	}
	return out
}

// Answer implements Director: now and then somebody says no, is late, or is not there.
func (c chance) Answer(s deployer.StepState, item, person string) (Outcome, bool) {
	at := []string{s.ID, item, person, strconv.Itoa(s.Attempt)}
	out := Outcome{After: time.Duration(1+c.draw(90, append(at, "takes")...)) * time.Minute, Outputs: map[string]string{}}
	if c.draw(12, append(at, "fails")...) == 0 {
		out.Fails = "rejected"
	}
	for _, row := range s.With["choices"].Rows {
		if out.Choice == "" || c.draw(2, append(at, row["id"])...) == 0 {
			out.Choice = row["id"]
		}
	}
	return out, true
}

// Decides implements Director.
func (c chance) Decides(n int) Outcome {
	choices := []string{"retry", "retry", "check-again", "skip", "roll-back", "stop"}
	if n > 6 {
		choices = []string{"stop"}
	}
	return Outcome{Choice: choices[c.draw(len(choices), "decides", strconv.Itoa(n))]}
}
