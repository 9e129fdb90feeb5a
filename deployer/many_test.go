package deployer_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/slowtest"
	"github.com/stationmaster/stationmaster/deployer/telling"
)

// hundreds is a procedure of so many steps that all hold something to be filled, each
// behind all above it in its phase, as files are loaded.
func hundreds(n int) deployer.Procedure {
	p := deployer.Procedure{Kinds: []deployer.Kind{proves}}
	for i := range n {
		phase := fmt.Sprint("phase ", i/25)
		if i%25 == 0 {
			p.Phases = append(p.Phases, deployer.Phase{ID: fmt.Sprint("p", i/25), Title: phase, When: "true"})
		}
		s := deployer.Step{ID: fmt.Sprint("s", i), Title: "{what} is ready", When: "true", Uses: deployer.KindConfirm, Phase: fmt.Sprint("p", i/25)}
		if i%5 == 4 {
			s.Uses = proves.Name
		}
		for j := max(0, i/25*25-25); j < i; j++ {
			s.Needs = append(s.Needs, p.Steps[j].ID)
		}
		p.Steps = append(p.Steps, s)
	}
	return p
}

// clicks goes through a procedure until so many steps are over, and returns how long
// half of the clicks took at most, to decide and to put into a commit.
func clicks(tb testing.TB, s *spoken, until int) time.Duration {
	var took []time.Duration
	for i := range until {
		id := fmt.Sprint("s", i)
		if s.d.Step(id).Work() == deployer.WorkSystem {
			for _, service := range []string{"web", "api"} {
				commits(tb, s, engine, look(id+"/"+service, deployer.ObservedAbsent, runsV1))
				commits(tb, s, engine, deployer.Settle{Key: id + "/" + service, Outcome: deployer.Outcome{Result: deployer.OK}})
			}
			continue
		}
		began := time.Now()
		commits(tb, s, ana, presses(id))
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	return took[len(took)/2]
}

// commits decides and packs, as a commit does.
func commits(tb testing.TB, s *spoken, by deployer.Actor, c deployer.Command) {
	o := deployer.Order{By: by, Command: c}
	events, messages, err := telling.Decide(s.d, o, deployer.Facts{Now: s.now, Language: s.language})
	if err != nil {
		tb.Fatalf("%+v: %v", c, err)
	}
	s.d = deployer.Pack(s.d, o, events, messages).After
}

// What a click costs grows with the steps, and not with their square: five times as many
// cost five times as much, and less than ten on a machine that has other things to do. The
// benchmark says how long it takes.
func TestAClickOnHundredsOfStepsIsQuick(t *testing.T) {
	slowtest.Only(t, "it goes through hundreds of steps")
	few, many := clicks(t, speaks(t, hundreds(100), nil, "web", "api"), 95), clicks(t, speaks(t, hundreds(500), nil, "web", "api"), 495)
	if t.Logf("of 100 steps %s, of 500 %s", few, many); many > 10*few {
		t.Errorf("a click took %s with 100 steps, and %s with 500", few, many)
	}
}

func BenchmarkClickOnHundredsOfSteps(b *testing.B) {
	s := speaks(b, hundreds(500), nil, "web", "api")
	clicks(b, s, 300)
	for b.Loop() {
		was := s.d
		commits(b, s, ana, presses("s300"))
		s.d = was
	}
}
