// Package crash pulls the plug: a process with the real engine and the real
// store is killed (SIGKILL) around every commit and at random instants, and
// started again, until its deployment ends. Then every effect is in the world
// once.
package crash

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/deployer/slowtest"
)

var (
	wantCluster = []string{"api=v2 tangerine-1", "api=v2 tangerine-1#2", "db=v2 tangerine-2", "web=v2 tangerine-1", "web=v3 tangerine-1#2"}
	wantBuilds  = []string{"build of tangerine-1#2", "proceed 1 of tangerine-1#2"}
	wantPosts   = []string{
		"tangerine-1 card", "tangerine-1 complete#2/change", "tangerine-1 complete#2/deploys", "tangerine-1 starting#2/change", "tangerine-1 starting#2/deploys",
		"tangerine-1 starting/change", "tangerine-1 starting/deploys",
		"tangerine-2 card", "tangerine-3 card", "tangerine-3 complete/change", "tangerine-3 complete/deploys",
	}
	wantReport = []string{
		"tangerine-1 approve done", "tangerine-1 build done number=7 id= outcome=", "tangerine-1 complete done", "tangerine-1 flaky done", "tangerine-1 lock done", "tangerine-1 look done", "tangerine-1 mail done",
		"tangerine-1 never not-needed", "tangerine-1 pods done", "tangerine-1 ready done", "tangerine-1 rollout done",
		"tangerine-1 run done number=0 id=tangerine-2 outcome=complete", "tangerine-1 smoke done", "tangerine-1 soak done", "tangerine-1 starting done", "tangerine-1 watch done",
		"tangerine-2 ready done", "tangerine-2 rollout done",
		"tangerine-3 build done number=0 id= outcome=", "tangerine-3 complete done", "tangerine-3 mail done", "tangerine-3 pods done", "tangerine-3 ready done", "tangerine-3 rollout done",
	}
)

// life runs a child until it ends or is killed, and reports whether its
// deployment has ended.
func life(t *testing.T, dir, kill string, after time.Duration) bool {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childDir+"="+dir, childKill+"="+kill)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if after > 0 {
		plug := time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
		defer plug.Stop()
	}
	_ = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code > 0 {
		t.Fatalf("the child ended with %d", code)
	}
	return exists(filepath.Join(dir, "end"))
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func check(t *testing.T, dir string) {
	t.Helper()
	end, _ := os.ReadFile(filepath.Join(dir, "end"))
	if string(end) != "complete" {
		t.Errorf("the deployment ended as %q", end)
	}
	held, taken := []string{"until it was lifted"}, []string{"until it was handed back"}
	for file, want := range map[string][]string{"cluster": wantCluster, "builds": wantBuilds, "posts": wantPosts, "report": wantReport, "held": held, "taken": taken} {
		got := lines(dir, file)
		for i, line := range got {
			got[i], _, _ = strings.Cut(line, " at ")
		}
		slices.Sort(got)
		got = slices.DeleteFunc(got, func(line string) bool { return strings.Contains(line, " decide#") }) // see checkProblems
		if !slices.Equal(got, want) {
			t.Errorf("%s has %q, want %q", file, got, want)
		}
	}
	checkProblems(t, dir)
	sent := map[string]int{} // by member
	seen := map[string]bool{}
	for _, line := range lines(dir, "mails") {
		if seen[line] {
			t.Errorf("in one attempt a mail was sent twice: %s", line)
		}
		member, _, _ := strings.Cut(line, " ")
		sent[member]++
		seen[line] = true
	}
	if len(sent) != 2 {
		t.Errorf("sent are %v", sent)
	}
}

// checkProblems finds out whether each problem was told by one message, however often it
// was tried again, and was over at the end.
func checkProblems(t *testing.T, dir string) {
	t.Helper()
	var posted []string
	for _, line := range lines(dir, "posts") {
		if strings.Contains(line, " decide#") {
			posted = append(posted, line)
		}
	}
	slices.Sort(posted)
	var told []string
	flakes := 0
	for _, line := range lines(dir, "problems") {
		f := strings.Fields(line)
		told = append(told, f[0]+" "+f[1])
		if f[2] == "flaky" {
			if flakes++; f[3] != "2" {
				t.Errorf("what fails in two tries failed %s times in one problem", f[3])
			}
		}
		if f[4] != "true" || f[5] != "true" {
			t.Errorf("a problem does not end, or was not told: %s", line)
		}
	}
	slices.Sort(told)
	if flakes != 1 || !slices.Equal(posted, told) {
		t.Errorf("posted are %q of the problems %q", posted, told)
	}
}

// The process dies just before and just after each commit.
func TestKillAtEveryCommitLeavesEveryEffectOnce(t *testing.T) {
	t.Parallel()
	slowtest.Only(t, "a process is killed at every commit")
	for _, when := range []string{"before", "after"} {
		for n := 1; ; n++ {
			dir := t.TempDir()
			if life(t, dir, fmt.Sprintf("%s %d", when, n), 0) {
				if n < 50 {
					t.Fatalf("a deployment has only %d commits", n-1)
				}
				t.Logf("killed %s each of %d commits", when, n-1)
				break // it has fewer commits than that
			}
			if !life(t, dir, "", 0) {
				t.Fatalf("killed %s commit %d, and not ended after that", when, n)
			}
			check(t, dir)
		}
	}
}

// The process dies in every life, after its first commit or a little later, so
// that a deployment goes through nearly as many processes as it has commits. One
// that always died after the first would write down for ever that it is about to
// try something.
func TestKillAtEveryCommitInARowLeavesEveryEffectOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	kills := []string{"after 1", "before 3", "before 2", "after 2"}
	for lives := 0; !life(t, dir, kills[lives%len(kills)], 0); lives++ {
		if lives > 100 {
			t.Fatal("it does not end")
		}
	}
	check(t, dir)
}

// The process dies at random instants. STATIONMASTER_KILLS says how often.
func TestKillAtRandomInstantsLeavesEveryEffectOnce(t *testing.T) {
	t.Parallel()
	kills, asked := slowtest.Size(t, "STATIONMASTER_KILLS")
	if !asked {
		slowtest.Only(t, "a process is killed at random")
		kills = 40
	}
	dice := rand.New(rand.NewPCG(slowtest.Seed(t), 0))
	longest := alone(t)
	for killed := 0; killed < kills; {
		dir := t.TempDir()
		most := longest // more from life to life: the machine may be busier now
		for ; !life(t, dir, "", time.Duration(dice.Int64N(int64(most)))); most += longest / 10 {
			killed++
		}
		check(t, dir)
	}
}

// alone is how long an undisturbed life takes.
func alone(t *testing.T) time.Duration {
	begun, dir := time.Now(), t.TempDir()
	if !life(t, dir, "", 0) {
		t.Fatal("an undisturbed deployment did not end")
	}
	check(t, dir)
	return time.Since(begun)
}
