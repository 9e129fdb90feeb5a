package probe

import (
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// A service answers when it is looked at, and not any more while people are awaited. A
// fault that is over soon is only shown.
func TestProbeIsWatched(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var status atomic.Int64
		network := make(pipeNetwork)
		server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(int(status.Load())) })}
		var serving sync.WaitGroup
		serving.Go(func() { _ = server.Serve(network) }) // it ends with Accept
		s := network.system(time.Second)
		const url = "http://web.example/"
		in := intent(url)
		in.Deadline = time.Now().Add(time.Second) // of the step, which is done
		known := deployer.Outcome{Result: deployer.OK, Why: url + " answered 200."}

		began := time.Now()
		at := func(after time.Duration, code int64) { time.AfterFunc(after, func() { status.Store(code) }) }
		status.Store(http.StatusOK)
		at(95*time.Second, http.StatusServiceUnavailable) // seen at 120 s
		at(150*time.Second, http.StatusOK)
		at(200*time.Second, http.StatusServiceUnavailable)
		var notes []string
		o, err := s.Watch(t.Context(), in, "", known, func(p deployer.Progress) {
			if n := len(notes); n == 0 || notes[n-1] != p.Note {
				notes = append(notes, p.Note)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		const fault = url + " answered 503, not 200"
		expect(t, o, deployer.Failed, fault+", for 1m now.")
		if took := time.Since(began); took < 260*time.Second || took > 300*time.Second {
			t.Errorf("it was over after %s", took)
		}
		if len(notes) != 3 || notes[0] != fault+"." || notes[1] != "" || notes[2] != notes[0] {
			t.Errorf("it showed %q", notes)
		}

		again := func() deployer.Outcome {
			o, err := s.Recheck(t.Context(), in, "", known)
			if err != nil {
				t.Fatal(err)
			}
			return o
		}
		expect(t, again(), deployer.Failed, fault+" (tried 2 times).")
		at(5*time.Millisecond, http.StatusOK) // between two tries
		expect(t, again(), deployer.OK, url+" answered 200 (at try 2).")
		close(network)
		serving.Wait()
	})
}
