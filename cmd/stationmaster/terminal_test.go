package main_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/cmd/internal/control"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/slowtest"
)

// runs runs the binary to its end.
func runs(t *testing.T, args ...string) (code int, said string) {
	t.Helper()
	p := start(t, nil, args...)
	code = p.exit(t, patience)
	return code, p.out.String()
}

// terminal runs the binary for the config of the fixture.
func (w *binaryFixture) terminal(args ...string) (code int, said string) {
	w.t.Helper()
	return runs(w.t, append(args, "--config", filepath.Join(w.dir, "config.yaml"))...)
}

// ends wants a command to end with a code, and to say something.
func (w *binaryFixture) ends(code int, part string, args ...string) string {
	w.t.Helper()
	got, said := w.terminal(args...)
	if got != code || !strings.Contains(strings.Join(strings.Fields(said), " "), part) {
		w.t.Errorf("%v ended with %d, want %d and %q:\n%s", args, got, code, part, said)
	}
	return said
}

// login gives a user of the system the place of Bob.
func (w *binaryFixture) login(uid int) {
	w.write("config.yaml", w.config()+"people: {"+w.slack.UserID("bob")+": {login: \""+strconv.Itoa(uid)+"\"}}\n")
}

// What somebody sees and answers at a terminal, by the real programs: who has no login
// is refused, a process that is not there is said so, and one that was killed leaves
// nothing that keeps the next one away.
func TestTerminalAnswersTheRunningProcess(t *testing.T) {
	slowtest.Only(t, "it plays a deployment in processes of its own")
	t.Parallel()
	w := newBinaryFixture(t, simulated(t), nil)
	w.login(os.Getuid())
	w.ends(2, "no stationmaster answers at "+filepath.Join(w.dir, "stationmaster.db.sock"), "status")
	w.begin()
	w.typed("ana", "/deploy web v2")
	w.pressed(upgrade, "Done")
	w.eventually("it waits for its approval", func() bool { return w.has("Approve") })
	w.ends(0, "tangerine-1 · tangerine", "status")
	w.ends(1, "There is no deployment", "status", "tangerine-9")
	w.ends(1, "An approval is of what you have seen. Look at it; the command to approve stands there: stationmaster status tangerine-1", "act", "tangerine-1", "approve")
	w.ends(1, "Nothing of tangerine-1 waits for retry now. What can be answered: approve --step approve", "act", "tangerine-1", "retry")
	w.ends(1, "does not say which field is what", "act", "tangerine-1", "done", "--field", "ticket")

	w.login(os.Getuid() + 1)
	w.plug() // killed: its socket is left behind
	w.eventually("nobody is known who asks", func() bool {
		code, said := w.terminal("status")
		return code == 1 && strings.Contains(said, "Nobody is known who has the login")
	})
	w.ends(1, "Nobody is known who has the login", "act", "tangerine-1", "stop")

	w.login(os.Getuid())
	w.plug()
	var d control.Detail
	w.eventually("it answers again", func() bool {
		code, said := w.terminal("status", "tangerine-1", "--format", "json")
		return code == 0 && json.Unmarshal([]byte(said), &d) == nil
	})
	i := slices.IndexFunc(d.Choices, func(c control.Choice) bool { return c.Choice == "approve" })
	if i < 0 {
		t.Fatalf("%+v", d)
	}
	w.ends(0, "approve", "act", "tangerine-1", "approve", "--step", d.Choices[i].Step, "--seen", d.Choices[i].Seen)
	s := upgrade
	s.answers = map[string]string{"Done": "ana"}
	w.answer(s, func(string) bool { return true })
	w.close(deployer.Complete)
}

// Without a login nobody could be answered, which is said before a process is asked;
// and what is answered is completed in a shell.
func TestTerminalSaysWhatItNeeds(t *testing.T) {
	t.Parallel()
	w := newBinaryFixture(t, simulated(t), nil)
	w.ends(2, "people: {YOUR-SLACK-ID: {login: ana}}", "status")
	w.ends(2, `there is no format "xml"`, "status", "--format", "xml")
	if code, said := runs(t, "act", "tangerine-1", "stop"); code != 1 || !strings.Contains(said, "config socket") {
		t.Errorf("%d: %s", code, said)
	}
	if code, said := runs(t, "status", "--socket", filepath.Join(w.dir, "none")); code != 2 || !strings.Contains(said, "no stationmaster answers") {
		t.Errorf("%d: %s", code, said)
	}
	if code, said := runs(t, "__complete", "act", "tangerine-1", ""); code != 0 || !strings.Contains(said, "check-again\n") {
		t.Errorf("%d: %s", code, said)
	}
}
