package telling

import (
	"strconv"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// channelChange is where change control is told, where a procedure tells anything there.
const channelChange = "change"

// stepHeld says that a step may not begin yet, why, and until when, and calls whoever may
// override that and was not called yet; or that nothing keeps it any more.
func (d writer) stepHeld(e deployer.StepHeld) []deployer.Message {
	step := d.Step(e.Step).Title
	if e.Held.Why == "" {
		return []deployer.Message{d.threaded(deployer.Message{Kind: deployer.MessageNote, Note: deployer.Note{Kind: deployer.NoteStepReleased, Step: step}})}
	}
	held := deployer.Message{Kind: deployer.MessageNote, Note: deployer.Note{Kind: deployer.NoteStepHeld, Step: step, Why: e.Held.Why}}
	if !e.Held.Until.IsZero() {
		held.Args = map[string]string{deployer.HeldUntil: e.Held.Until.UTC().Format(time.RFC3339)}
	}
	out := []deployer.Message{d.threaded(held)}
	if e.Held.Calls {
		out = append(out, d.threaded(d.call(e.Held.Role, deployer.Note{Kind: deployer.NoteAsksOverride, Step: step, Why: e.Held.Why})))
	}
	return out
}

// overridden announces that somebody goes on although something refuses: where it was
// started, and to change control.
func (d writer) overridden(all []deployer.Override) []deployer.Message {
	var out []deployer.Message
	for i, o := range all {
		for _, name := range d.Audience([]string{deployer.ChannelDeploys, channelChange}) {
			out = append(out, deployer.Message{
				Kind: deployer.MessageOverridden, Channel: d.Channels[name], DedupKey: deployer.MessageOverridden + "/" + strconv.Itoa(d.Seq) + "." + strconv.Itoa(i) + "/" + name,
				Note: deployer.Note{Kind: deployer.NoteOverridden, By: o.By, Why: o.Why},
				Args: map[string]string{deployer.OverriddenAs: o.Role, deployer.OverriddenReason: o.Reason},
			})
		}
	}
	return out
}
