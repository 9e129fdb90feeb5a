package record

import (
	"strings"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// The events that people's answers were in version 1: one for each kind of
// question. They are read, and never written.
type (
	confirmed struct {
		At   time.Time `json:"at,omitzero"`
		Step string    `json:"step,omitzero"`
		By   person    `json:"by,omitzero"`
	}
	reviewed struct {
		At      time.Time `json:"at,omitzero"`
		Step    string    `json:"step,omitzero"`
		Attempt int       `json:"attempt,omitzero"`
		Words   string    `json:"words,omitzero"`
		By      person    `json:"by,omitzero"`
	}
	approved struct {
		At      time.Time `json:"at,omitzero"`
		Step    string    `json:"step,omitzero"`
		By      person    `json:"by,omitzero"`
		Subject string    `json:"subject,omitzero"`
	}
	decided struct {
		At       time.Time       `json:"at,omitzero"`
		By       person          `json:"by,omitzero"`
		Decision deployer.Choice `json:"decision,omitzero"`
		Step     string          `json:"step,omitzero"`
		Services []string        `json:"services,omitzero"`
		Reason   string          `json:"reason,omitzero"`
	}
)

// kindsV1 are those kinds of events.
var kindsV1 = []kind{
	former("confirmed", confirmed.answered),
	former("reviewed", reviewed.answered),
	former("approved", approved.answered),
	former("decided", decided.answered),
}

// former makes the kind of an event that another one has replaced.
func former[R any](name string, from func(R) deployer.Answered) kind {
	return kind{name: name, decode: func(data []byte, _ Aside) (deployer.Event, error) {
		var r R
		if err := strict(data, &r); err != nil {
			return nil, err
		}
		return from(r), nil
	}}
}

func (r confirmed) answered() deployer.Answered {
	return deployer.Answered{At: r.At, By: deployer.Actor(r.By), Step: r.Step, Choice: deployer.ChoiceDone}
}

func (r reviewed) answered() deployer.Answered {
	return deployer.Answered{
		At: r.At, By: deployer.Actor(r.By), Step: r.Step, Attempt: r.Attempt, Choice: deployer.ChoiceSend, Values: deployer.ClientWords(r.Words),
	}
}

func (r approved) answered() deployer.Answered {
	return deployer.Answered{At: r.At, By: deployer.Actor(r.By), Step: r.Step, Choice: deployer.ChoiceApprove, Subject: r.Subject}
}

// answered has the comment alone: who stopped it was a part of the reason.
func (r decided) answered() deployer.Answered {
	comment := r.Reason
	for choice, verb := range map[deployer.Choice]string{deployer.ChoiceStop: "Stopped", deployer.ChoiceReject: "Rejected"} {
		if rest, ok := strings.CutPrefix(comment, verb+" by "+r.By.Name); ok && r.Decision == choice {
			comment = strings.TrimPrefix(strings.TrimPrefix(rest, "."), ": ")
		}
	}
	return deployer.Answered{
		At: r.At, By: deployer.Actor(r.By), Step: r.Step, Choice: r.Decision, Comment: comment, Services: r.Services,
	}
}
