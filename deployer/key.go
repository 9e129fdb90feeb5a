package deployer

import "strings"

// What happens once has a key, by which it is found again after a crash: an
// effect in the events, a message in the chat system. Keys are stored, and so
// are texts of one form for good. This is the only place that takes them apart.

// An EffectKey tells an effect from every other of its deployment. As text it is
// step/service, with /pause behind it for a pause.
type EffectKey struct {
	Step, Service string
	Pause         bool // it holds the rollout of that service where it is
}

const pauseSuffix = "/pause"

func (k EffectKey) String() string {
	text := k.Step + "/" + k.Service
	if k.Pause {
		text += pauseSuffix
	}
	return text
}

// ParseEffectKey is the opposite of String.
func ParseEffectKey(text string) EffectKey {
	step, service, _ := strings.Cut(text, "/")
	service, pause := strings.CutSuffix(service, pauseSuffix)
	return EffectKey{Step: step, Service: service, Pause: pause}
}

// AnnouncementKey is the DedupKey of what a step announces in one channel, by
// the name that the procedure gives that.
func AnnouncementKey(step, channel string) string { return step + "/" + channel }

// ParseAnnouncementKey is the opposite of AnnouncementKey. It takes the key of
// any message: whether there is such a step, the deployment knows.
func ParseAnnouncementKey(key string) (step, channel string, ok bool) { return strings.Cut(key, "/") }

// MessageKindOf is the kind in the DedupKey of a message that is no
// announcement, such as card, ask/17 or failed/17/change.
func MessageKindOf(key string) string {
	kind, _, _ := strings.Cut(key, "/")
	return kind
}

// ChannelName is what the procedure calls the channel of a message, where its
// key says so. Else it is something that no channel is called, or "".
func (m Message) ChannelName() string { return m.DedupKey[strings.LastIndex(m.DedupKey, "/")+1:] }

// RollbackMark is the mark in the outside world of what a deployment's rollback
// does; what goes forward is marked with the deployment's id alone.
func RollbackMark(deployment string) string { return deployment + rollbackMark }

// DeploymentOfMark is the deployment that a mark names.
func DeploymentOfMark(mark string) string { return strings.TrimSuffix(mark, rollbackMark) }

const rollbackMark = "/rollback"
