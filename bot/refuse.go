package bot

import (
	"context"
	"errors"

	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
)

// refuse turns an error into the answer that the person reads.
func (b *Bot) refuse(err error) answer { return b.refuseAs(view.ForMessage, err) }

func (b *Bot) refuseAs(v view.TextStyle, err error) answer {
	if r, ok := errors.AsType[*deployer.Refusal](err); ok {
		return answer{text: b.guide.Refusal(v, r)}
	}
	status := b.guide.Hint(v, deployer.Hint{Verb: deployer.VerbStatus})
	switch {
	case errors.Is(err, deployer.ErrNotFound):
		return answer{text: "That deployment is not known here. " + b.guide.Hint(v, deployer.Hint{Say: "See what there is", Verb: "history"})}
	case errors.Is(err, deployer.ErrUnknown), errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		b.log.Error("it is unknown whether an order was carried out", "err", err)
		return answer{text: "It is not known whether that was written down. Look before you try again: " + status, failed: true}
	}
	b.log.Error("an order failed", "err", err)
	return answer{text: "That did not work, and nothing was changed: the log of stationmaster says why. Try again in a minute; where things stand: " + status, failed: true}
}

// refuseInForm says under a field why the form was not taken. It stays open, with
// all that was typed.
func (b *Bot) refuseInForm(block string, v view.TextStyle, err error) answer {
	a := b.refuseAs(v, err)
	return answer{payload: errorInForm(block, a.text+b.unknownGroups(err)).payload, failed: a.failed}
}
