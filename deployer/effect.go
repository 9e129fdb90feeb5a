package deployer

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// What happens once has a key, by which it is found again after a crash: an
// effect in the events, a message in the chat system. Keys are stored, and so
// are texts of one form for good. This is the only place that takes them apart.

// An EffectKey tells an effect from every other of its deployment. As text it is
// step/item/verb, without what is empty at its end.
type EffectKey struct {
	Step string
	Item string // of the step's scope: a service, a member; "": it is done once
	Verb string // "": what the step is for
}

// The verbs of effects besides what a step is for. VerbProceed and VerbAbort
// answer a gate, whose id stands behind them.
const (
	VerbPause   = "pause" // it holds a rollout that failed where it is
	VerbProceed = "proceed"
	VerbAbort   = "abort"
	VerbUnless  = "unless" // it looks whether a channel, which stands behind it, has a message already
)

// NothingToPause is the Ref of a VerbPause that had nothing to hold.
const NothingToPause = "nothing to pause"

func (k EffectKey) String() string {
	switch {
	case k.Verb != "":
		return k.Step + "/" + url.PathEscape(k.Item) + "/" + url.PathEscape(k.Verb)
	case k.Item != "":
		return k.Step + "/" + url.PathEscape(k.Item)
	}
	return k.Step
}

// ParseEffectKey is the opposite of String.
func ParseEffectKey(text string) EffectKey {
	parts := append(strings.SplitN(text, "/", 3), "", "")
	item, verb := unescaped(parts[1]), unescaped(parts[2])
	return EffectKey{Step: parts[0], Item: item, Verb: verb}
}

func unescaped(part string) string {
	if text, err := url.PathUnescape(part); err == nil {
		return text
	}
	return part
}

// AnnouncementKey is the DedupKey of what a step announces in one channel, by
// the name that the procedure gives that.
func AnnouncementKey(step, channel string) string { return step + "/" + channel }

// ParseAnnouncementKey is the opposite of AnnouncementKey, and of the key of what is
// announced for one of several. It takes the key of any message: whether there is such
// a step, the deployment knows.
func ParseAnnouncementKey(key string) (step, channel string, ok bool) {
	step, channel, ok = strings.Cut(key, "/")
	step, _, _ = strings.Cut(step, roundMark)
	if _, name, several := strings.Cut(channel, "/"); several && strings.HasPrefix(channel, itemMark) {
		channel = name
	}
	return step, channel, ok
}

// itemMark is in the key of an announcement before what it is for, so that it is none
// of a failure, which has a number there.
const itemMark = "@"

// AnnouncementKey is that of what a step announces now for an item of its scope: each
// round tells it anew.
func (s StepState) AnnouncementKey(item, channel string) string {
	return AnnouncementKey(s.announces(item), channel)
}

// announces is what the keys of its announcements for an item begin with.
func (s StepState) announces(item string) string {
	if item == "" {
		return s.ID + s.round()
	}
	return s.ID + s.round() + "/" + itemMark + url.PathEscape(item)
}

// round is what the keys of a step have behind them that has begun from nothing again:
// what it did before is not what it is to do now.
func (s StepState) round() string {
	if s.Round == 0 {
		return ""
	}
	return roundMark + strconv.Itoa(s.Round+1)
}

// MessageKindOf is the kind in the DedupKey of a message that is no
// announcement, such as card, ask/17 or failed/17/change.
func MessageKindOf(key string) string {
	if IsCardKey(key) {
		return MessageCard
	}
	if IsProblemKey(key) {
		return MessageDecide
	}
	kind, _, _ := strings.Cut(key, "/")
	return kind
}

// ChannelName is what the procedure calls the channel of a message, where its
// key says so. Else it is something that no channel is called, or "".
func (m Message) ChannelName() string { return m.DedupKey[strings.LastIndex(m.DedupKey, "/")+1:] }

// Mark is what the deployment's effects are found by in the outside world. It
// holds the id of the store, since numbers begin again in a new one. What a
// rollback does has a mark of its own.
func (d Deployment) Mark(back bool) string {
	mark := d.ID
	if d.Store != "" {
		mark += storeMark + d.Store
	}
	if back {
		mark += rollbackMark
	}
	return mark
}

// Fingerprint tells a deployment from every other one that has had its id, or will:
// numbers begin again in a new store, and in an older file of the same store that was
// put back.
func Fingerprint(d Deployment) string {
	whole := strings.Join([]string{d.Store, d.ID, d.Created.UTC().Format(time.RFC3339Nano), d.Origin, d.Requester.ID}, "\x00")
	sum := sha256.Sum256([]byte(whole))
	return base64.RawURLEncoding.EncodeToString(sum[:fingerprintBytes])
}

const fingerprintBytes = 12 // nobody makes two deployments to have them look alike

// ParentOf is the deployment whose step has started another one, by what that was
// started by; "" where none has.
func ParentOf(origin string) string {
	rest, ok := strings.CutPrefix(origin, runOrigin)
	if !ok {
		return ""
	}
	mark, _, _ := strings.Cut(rest, "/")
	return DeploymentOfMark(mark)
}

// RunOrigin is what a child is started by. A step that is tried again starts
// another one; to look again at what was begun finds the same.
func RunOrigin(in Intent) string {
	return runOrigin + in.Mark + "/" + EffectKey{Step: in.Step, Item: in.Item}.String() + "/" + strconv.Itoa(in.Began)
}

const runOrigin = "run/"

// DeploymentOfMark is the deployment that a mark names.
func DeploymentOfMark(mark string) string {
	mark, _, _ = strings.Cut(mark, roundMark)
	id, _, _ := strings.Cut(strings.TrimSuffix(mark, rollbackMark), storeMark)
	return id
}

// OwnDeployment is the deployment of this store that a mark names, or "" where it
// is another store's, in which the same number is another deployment. Marks of
// before stores had ids count as this one's.
func OwnDeployment(mark, store string) string {
	mark, _, _ = strings.Cut(mark, roundMark)
	_, of, _ := strings.Cut(strings.TrimSuffix(mark, rollbackMark), storeMark)
	if of != "" && of != store {
		return ""
	}
	return DeploymentOfMark(mark)
}

const (
	rollbackMark = "/rollback"
	storeMark    = "@"
	roundMark    = "#" // no id has that
)

// Stage is how far an effect has come.
type Stage string

// The stages of an effect.
const (
	Intended Stage = "intended"
	Acted    Stage = "acted"
	Settled  Stage = "settled"
)

// Result is how an effect ended.
type Result string

// The results of an effect.
const (
	OK          Result = "ok"
	Failed      Result = "failed"
	Interrupted Result = "interrupted" // looking cannot tell, or somebody else stepped in
	Absent      Result = "absent"      // it never took place, and will not
)

// An Outcome is how an effect ended, in words.
type Outcome struct {
	Result  Result
	Why     string // one line for a person
	Detail  string // more lines, such as the last of a log
	Kind    string // Failed: which of its kind's failures it is, for troubleshooting; "": none that has a name
	State   State  // what runs now, where the runner can tell
	Outputs Values // what it leaves behind, of its kind's outputs

	// Remark is what people should know although it went well, in whole sentences of
	// plain text: it stands beside "Complete". What is found in the ordinary course
	// is Why.
	Remark string `json:",omitzero"`
}

// A Gate is a question that a system asks half way, and waits for.
type Gate struct {
	ID     string // the system's; "": it waits at none
	Asks   string // what it asks, in its own words
	Answer Choice // "": nobody has answered
	By     Actor
}

// Open reports whether somebody has to answer.
func (g Gate) Open() bool { return g.ID != "" && g.Answer == "" }

// An Effect is one change of the outside world, such as the rollout of one
// service, or one look at it. It is written down before it is begun, so that
// after a crash it is known what may have happened.
type Effect struct {
	Key      string // the text of its EffectKey
	Runner   string // the runner's name, such as kubernetes.rollout
	Item     string // of the step's scope: a service, a member
	Verb     string // see EffectKey
	Attempt  int    // of its step, in which it was intended or is looked at again
	Began    int    // the attempt in which it was intended
	Stage    Stage
	At       time.Time   // when it was intended
	Sent     []time.Time // the tries, where a repeat is not harmless by itself
	Before   State       // what the target ran then: a rollback goes back to it
	Ref      string      // from Acted on: where the runner follows it
	LookOnly bool        // reopened by Check again: look and follow, do not act
	Untold   bool        // it was stopped, and nobody can tell how far it came
	Gate     Gate        // at which it waits for a person
	Asked    time.Time   // when that was opened
	Seen     time.Time   // when its outcome was seen last
	Aged     bool        // somebody has answered since then
	Outcome  Outcome     // once it is Settled
}

// IsMain reports whether the effect is what its step is for, and does not only
// hold or answer it.
func (e Effect) IsMain() bool { return e.Verb == "" }

// Touched reports whether the effect may have reached the world.
func (e Effect) Touched() bool { return e.Outcome.Result != Absent }

// Open reports whether the effect was intended and has not been settled.
func (e Effect) Open() bool { return e.Stage != Settled }

// An Intent is what a runner is asked to bring about.
type Intent struct {
	Deployment string
	Site       Site
	Step       string
	Item       string   // of the step's scope: a service, a member; "": it is done once
	Service    string   // the item, where it is a service
	Services   []string // all that the deployment is about
	By         Actor    // who asked for the deployment
	Verb       string   // "": what the step is for; else see VerbPause
	Gate       string   // of VerbProceed and VerbAbort: the id of the system's question
	Attempt    int
	Began      int    // the attempt in which it was intended; to look again at it later leaves that
	Mark       string // what it can be found by; the same for every attempt
	Back       bool   // a rollback: From is what this deployment brought, To what ran well before
	Where      map[string]string
	From, To   State
	Found      State // a rollback: what was there when this deployment rolled out
	With       Values
	At         time.Time // when it was committed; zero before
	Deadline   time.Time // zero: none
}

// ForwardMark is the mark of what goes forward, which a rollback undoes, and
// BackMark that of the rollback.
func (in Intent) ForwardMark() string { return strings.TrimSuffix(in.Mark, rollbackMark) }

// BackMark is the mark of the rollback.
func (in Intent) BackMark() string { return in.ForwardMark() + rollbackMark }

// ObservationKind is what a look at the world found.
type ObservationKind string

// What can be seen.
const (
	ObservedAbsent     ObservationKind = "absent"     // not done, and acting is safe
	ObservedPresent    ObservationKind = "present"    // done: Ref says where
	ObservedSuperseded ObservationKind = "superseded" // was done, and something else has come after it
	ObservedUnknown    ObservationKind = "unknown"    // cannot be told now; look again later
)

// An Observation is what a runner's look at the world has found of an Intent:
// whether it was done. What follows from it is the engine's to decide.
type Observation struct {
	Kind       ObservationKind
	Ref        string // present: where it can be followed
	State      State  // what the target runs now
	Why        string // in words, for superseded and unknown; for present: what becomes of it when nobody follows it any more; for absent: in what State.Template differs from that of Intent.From
	PausedByUs bool   // present, but held by our own pause: acting lets it go on
	Live       bool   // absent, but the target runs what is wanted, brought by somebody else
}

// Progress is how far an effect has come, for people to see. It is never
// stored.
type Progress struct {
	Total, Updated, Ready, Available, Old int // pods
	Note                                  string
	Gate                                  Gate // it waits for a person: the engine has that asked
}

// A Runner brings about one kind of effect on one kind of system. It is safe for
// concurrent use. A *Refusal as error means that the system has said no for
// good; any other error leaves open what happened, and the engine looks again.
type Runner interface {
	// Look finds out whether it was done. Absent counts only if nothing
	// that was sent before can still take effect.
	Look(context.Context, Intent) (Observation, error)
	// Act does it with one bounded, conditional call.
	Act(context.Context, Intent) (ref string, err error)
	// Follow watches until the end. It only reads.
	Follow(context.Context, Intent, string, func(Progress)) (Outcome, error)
}

// A Permitted is a Runner that can tell whether it may do what a step will want of it.
// A *Refusal says what is not allowed; any other error leaves that open. It is asked
// before the step's parameters are known.
type Permitted interface {
	Access(context.Context, Intent) error
}

// IsGateVerb reports whether an effect gives an answer to a gate.
func IsGateVerb(verb string) bool {
	return strings.HasPrefix(verb, VerbProceed) || strings.HasPrefix(verb, VerbAbort)
}

// verb is that of the effect that gives the answer to the system.
func (g Gate) verb() string {
	if g.Answer == ChoiceProceed {
		return VerbProceed + " " + g.ID
	}
	return VerbAbort + " " + g.ID
}

// once is what a step is done for that is done once.
var once = []string{""}
