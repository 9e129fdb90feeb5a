package control

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/deployer"
)

// Whoever is told to be a person by the configuration answers as that person, and the
// order says that it came from a terminal.
func TestAnswerIsAnOrderOfThePersonWhoHasTheLogin(t *testing.T) {
	t.Parallel()
	f := newFixture(t, bottest.Confirmed(t), bottest.Bob.ID)
	l, err := f.client.List(t.Context())
	if err != nil || len(l.Deployments) != 1 || l.Deployments[0].ID != f.ID || l.Here.ID != bottest.Bob.ID {
		t.Fatalf("%+v, %v", l, err)
	}
	var approve Choice
	for _, c := range f.show().Choices {
		if c.Choice == "approve" {
			approve = c
		}
	}
	done, err := f.client.Answer(t.Context(), strings.ToUpper(f.ID), Answer{Choice: "approve", Seen: approve.Seen})
	if err != nil || done.Did.Step != "approve" || len(f.orders) != 1 {
		t.Fatalf("%+v, %v, %+v", done, err, f.orders)
	}
	o := f.orders[0]
	if o.By != bottest.Bob || o.Via != deployer.ViaTerminal || o.Nonce == "" || o.Command.(deployer.Answer).Subject == "" {
		t.Errorf("%+v", o)
	}
	if f.show().Steps[1].State != "done" {
		t.Errorf("%+v", f.show().Steps)
	}
}

// What is refused says why and what to do, and gives no order where nothing fits.
func TestWhatDoesNotFitIsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		of     func(testing.TB) *bottest.Scenario
		by     string
		a      Answer
		says   string
		orders int
	}{
		"an approval of what was not seen":  {bottest.Confirmed, bottest.Bob.ID, Answer{Choice: "approve"}, "stationmaster status tangerine-1", 0},
		"an approval of something else":     {bottest.Confirmed, bottest.Bob.ID, Answer{Choice: "approve", Seen: "0123456789ab"}, "not what is asked now", 0},
		"a rejection without a reason":      {bottest.Confirmed, bottest.Bob.ID, Answer{Choice: "reject"}, "needs a reason", 1},
		"what nothing waits for":            {bottest.Confirmed, bottest.Bob.ID, Answer{Choice: "retry"}, "What can be answered: approve --step approve, reject --step approve, takeover, stop", 0},
		"another step":                      {bottest.Confirmed, bottest.Bob.ID, Answer{Choice: "reject", Step: "rollout"}, "at the step rollout", 0},
		"a word that is none":               {bottest.Confirmed, bottest.Bob.ID, Answer{Choice: "delete"}, "It is one of: approve, reject", 0},
		"a field that nothing asks for":     {bottest.Confirmed, bottest.Bob.ID, Answer{Choice: "reject", Reason: "no", Fields: map[string]string{"ticket": "1"}}, "Leave --field out.", 0},
		"a reason that is too long":         {bottest.Confirmed, bottest.Bob.ID, Answer{Choice: "reject", Reason: strings.Repeat("x", 501)}, "500 are the most", 0},
		"more than is read":                 {bottest.Confirmed, bottest.Bob.ID, Answer{Choice: "reject", Reason: strings.Repeat("x", requestMax)}, "That is more than 256 KB.", 0},
		"what has ended":                    {bottest.Complete, bottest.Bob.ID, Answer{Choice: "retry"}, "has ended", 0},
		"somebody whom Slack does not know": {bottest.Confirmed, "UNOBODY", Answer{Choice: "stop"}, "Slack knows nobody called UNOBODY.", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, c.of(t), c.by)
			if no := f.refused(c.a); !strings.Contains(no.Error(), c.says) || len(f.orders) != c.orders {
				t.Errorf("%q, after %d orders", no.Error(), len(f.orders))
			}
		})
	}
}

// Nobody approves their own deployment, by this way neither.
func TestNobodyApprovesTheirOwnAtATerminal(t *testing.T) {
	t.Parallel()
	f := newFixture(t, bottest.Confirmed(t), bottest.Ana.ID)
	no := f.refused(Answer{Choice: "approve", Seen: f.show().Choices[0].Seen})
	if no.Why != "Nobody approves their own deployment." {
		t.Errorf("%+v", no)
	}
}

// Who the kernel says has connected, and no one else, is asked for in the
// configuration: root without a line is nobody, as anybody is.
func TestLoginThatNobodyHasIsRefused(t *testing.T) {
	t.Parallel()
	f := newFixture(t, bottest.Confirmed(t), bottest.Bob.ID)
	f.server.Logins = map[string]string{"12345": bottest.Bob.ID}
	no := f.refused(Answer{Choice: "stop"})
	if !strings.Contains(no.Why, "Nobody is known who has the login") || !strings.Contains(no.Error(), "people: {YOUR-SLACK-ID: {login: ") {
		t.Errorf("%+v", no)
	}
	for _, ask := range []func() error{
		func() error { _, err := f.client.List(t.Context()); return err },
		func() error { _, err := f.client.Show(t.Context(), f.ID); return err },
	} {
		if no, ok := errors.AsType[*Refused](ask()); !ok || !strings.Contains(no.Why, "Nobody is known") {
			t.Errorf("%v", no)
		}
	}
}

// Somebody who may not see a deployment is not told of it, and can't answer it.
func TestWhatIsPrivateStaysSo(t *testing.T) {
	t.Parallel()
	f := newFixture(t, bottest.Confirmed(t), bottest.Bob.ID)
	f.private = true
	if l, err := f.client.List(t.Context()); err != nil || len(l.Deployments) != 0 {
		t.Errorf("%+v, %v", l, err)
	}
	if _, err := f.client.Show(t.Context(), f.ID); err == nil || !strings.Contains(err.Error(), "private") {
		t.Error(err)
	}
	if no := f.refused(Answer{Choice: "stop"}); !strings.Contains(no.Why, "private") || len(f.orders) != 0 {
		t.Errorf("%+v, %+v", no, f.orders)
	}
}

// What is answered for all that a step asks for is one order, and what was shown of
// one of them counts.
func TestDoneIsForAllThatAStepAsksFor(t *testing.T) {
	t.Parallel()
	f := newFixture(t, bottest.NewScenario(t, bottest.StartOf(bottest.Web)).Resolved(bottest.TargetsOf(bottest.Web)...), bottest.Ana.ID)
	if no := f.refused(Answer{Choice: "done", Seen: "0123456789ab"}); !strings.Contains(no.Why, "not what is asked now") {
		t.Errorf("%+v", no)
	}
	// What of its checklist is not ticked is named; it can be ticked before, and taken back.
	if no := f.refused(Answer{Choice: "done", Fields: map[string]string{"tick-2": "true"}}); !strings.Contains(no.Why, "nobody has ticked “Ticket”") {
		t.Errorf("%+v", no)
	}
	for _, one := range []string{"true", "false", "true"} {
		if _, err := f.client.Answer(t.Context(), f.ID, Answer{Choice: "save", Fields: map[string]string{"tick-1": one}}); err != nil {
			t.Fatal(err)
		}
	}
	d, err := f.client.Answer(t.Context(), f.ID, Answer{Choice: "done", Seen: f.show().Choices[0].Seen, Fields: map[string]string{"tick-2": "true"}})
	if err != nil || d.Deployment.Steps[0].State != "done" {
		t.Errorf("%+v, %v", d, err)
	}
}

// Of several services, those that are named go back, or those that have failed; what was
// shown of all holds for all.
func TestServicesGoBackAsNamed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ named, want []string }{
		"the failed": {nil, []string{bottest.Orders}},
		"one":        {[]string{bottest.Web}, []string{bottest.Web}},
		"all":        {[]string{bottest.Orders, bottest.Web}, []string{bottest.Web, bottest.Orders}},
	} {
		s := bottest.RollingOut(t, bottest.Web, bottest.Orders).Ends("rollout/"+bottest.Web, deployer.OK, "", "").Ends("rollout/"+bottest.Orders, deployer.Failed, bottest.Crash, "")
		s.Engine(deployer.Intend{Key: "rollout/orders/pause", Observation: deployer.Observation{Kind: deployer.ObservedAbsent}}).Ends("rollout/orders/pause", deployer.OK, "", "")
		f := newFixture(t, s, bottest.Bob.ID)
		a := Answer{Choice: "rollback", Services: c.named}
		for _, o := range f.show().Choices {
			if o.Choice == "rollback" && (len(o.Services) > 0) == (len(c.named) > 1) && len(c.named) != 1 {
				a.Seen = o.Seen
			}
		}
		if no := f.refused(Answer{Choice: "retry", Services: []string{bottest.Web}, Step: "rollout"}); !strings.Contains(no.Why, "not about services") {
			t.Errorf("%+v", no)
		}
		if _, err := f.client.Answer(t.Context(), f.ID, a); err != nil || !slices.Equal(s.Deployment().RollbackServices, c.want) {
			t.Errorf("%s: back go %v, %v", name, s.Deployment().RollbackServices, err)
		}
	}
}

// An answer that comes twice is carried out once.
func TestAnswerThatComesTwiceIsOne(t *testing.T) {
	t.Parallel()
	f := newFixture(t, bottest.Failed(t), bottest.Bob.ID)
	body, err := json.Marshal(Answer{Choice: "stop", Nonce: "the same"})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []int{http.StatusOK, http.StatusUnprocessableEntity} {
		if code, said := f.post(body); code != want {
			t.Errorf("%d: %s", code, said)
		}
	}
	if f.orders[0].Nonce == "" || len(f.orders) != 1 {
		t.Errorf("%+v", f.orders)
	}
}

// post sends what no client of ours would.
func (f *fixture) post(body []byte) (code int, said string) {
	f.t.Helper()
	wire := &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", f.client.Path)
	}}
	r, err := http.NewRequestWithContext(f.t.Context(), http.MethodPost, "http://x/v1/deployments/"+f.ID+"/answers", bytes.NewReader(body))
	if err != nil {
		f.t.Fatal(err)
	}
	reply, err := wire.RoundTrip(r)
	if err != nil {
		f.t.Fatal(err)
	}
	defer reply.Body.Close()
	var b bytes.Buffer
	_, _ = b.ReadFrom(reply.Body)
	return reply.StatusCode, b.String()
}

// An order that fails, or of which nobody knows whether it was written down, is said
// so, without what only the log should say.
func TestTroubleIsSaidWithoutDetails(t *testing.T) {
	t.Parallel()
	for want, err := range map[string]error{"nothing was changed": errors.New("secret"), "It is not known": deployer.ErrUnknown} {
		f := newFixture(t, bottest.Failed(t), bottest.Bob.ID)
		f.server.People = failing{f, err}
		no := f.refused(Answer{Choice: "stop"})
		if !strings.Contains(no.Why, want) || strings.Contains(no.Error(), "secret") {
			t.Errorf("%+v", no)
		}
	}
}

// A failing one has no order carried out.
type failing struct {
	*fixture
	err error
}

func (f failing) Order(context.Context, deployer.Order) (deployer.Deployment, error) {
	return deployer.Deployment{}, f.err
}

// A client that reaches nobody says so.
func TestNobodyAnswers(t *testing.T) {
	t.Parallel()
	if _, err := (Client{Path: t.TempDir() + "/none"}).List(t.Context()); !errors.Is(err, ErrUnreachable) || !strings.Contains(err.Error(), "no such file") {
		t.Error(err)
	}
}

// Whoever sends no request, or half of one, is left after a while, and keeps nobody
// else away meanwhile.
func TestSilentConnectionKeepsNobodyAway(t *testing.T) {
	t.Parallel()
	f := newFixture(t, bottest.Confirmed(t), bottest.Bob.ID)
	for range connectionsMax - 1 {
		c, err := net.Dial("unix", f.client.Path)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if _, err := c.Write([]byte("GET /v1/deployments HTTP/1.1\r\n")); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := f.client.List(t.Context()); err != nil {
		t.Error(err)
	}
}

// No body makes the server fail, or give an order that was not offered.
func FuzzAnswer(f *testing.F) {
	for _, body := range []string{
		``, `{}`, `[]`, `{"choice":"stop","nonce":"n"}`, `{"choice":"approve","nonce":"n","seen":"0123456789ab"}`,
		`{"choice":"retry","step":"rollout","nonce":"n","fields":{"a":"b"}}`, `{"choice":"skip","nonce":"n","reason":"\u0000"}`,
	} {
		f.Add([]byte(body))
	}
	d, err := bottest.Failed(f).Load(f.Context(), "tangerine-1")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		a, err := readAnswer(bytes.NewReader(body))
		if err != nil {
			if _, ok := errors.AsType[*deployer.Refusal](err); !ok {
				t.Errorf("it is refused without words: %v", err)
			}
			return
		}
		o, err := chosen(d, a)
		if err != nil {
			return
		}
		for _, known := range offers(d) {
			if known.answer.Choice == o.answer.Choice && known.answer.Step == o.answer.Step && known.answer.Attempt == o.answer.Attempt {
				return
			}
		}
		t.Errorf("%s gives an order that was not offered: %+v", body, o.answer)
	})
}

// An expert gives their view at a terminal as by the button, and nobody else does.
func TestExpertsGiveTheirViewAtATerminal(t *testing.T) {
	t.Parallel()
	start := bottest.StartOf(bottest.Web)
	start.Procedure.Failure.Experts = []string{"tech-lead"}
	s := bottest.NewScenario(t, start).Resolved(bottest.TargetsOf(bottest.Web)...).Approved().Announced("starting").Begins("rollout", bottest.Web).
		Ends("rollout/"+bottest.Web, deployer.Failed, bottest.Crash, "")
	s.Engine(deployer.Intend{Key: "rollout/" + bottest.Web + "/pause", Observation: deployer.Observation{Kind: deployer.ObservedAbsent}})
	s.Ends("rollout/"+bottest.Web+"/pause", deployer.OK, "", "")
	f := newFixture(t, s, bottest.Bob.ID)
	if no := f.refused(Answer{Choice: "view", Reason: "so"}); !strings.Contains(no.Error(), "A view says what you would decide.") {
		t.Errorf("it said %q", no.Error())
	}
	if _, err := f.client.Answer(t.Context(), f.ID, Answer{Choice: "view", Fields: map[string]string{"choice": "Roll back"}, Reason: "it crashes"}); err != nil {
		t.Fatal(err)
	}
	d := s.Deployment()
	if v := d.Decision.Views; len(v) != 1 || v[0].By != bottest.Bob || v[0].Choice != deployer.ChoiceRollBack || v[0].Why != "it crashes" {
		t.Errorf("the views are %+v", v)
	}
}
