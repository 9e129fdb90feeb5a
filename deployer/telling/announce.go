package telling

import (
	"maps"
	"slices"
	"strings"

	"github.com/stationmaster/stationmaster/deployer"
)

// Proposal is what would be told by a step whose words somebody reads first: the procedure's words and the values
// of their placeholders. Times are written as RFC 3339 has it.
func Proposal(d deployer.Deployment, s deployer.StepState) (words string, args map[string]string) {
	args = argsAt(d, s.Began)
	if s.ForClients() {
		args = schedule(d, s.Began)
	}
	maps.Copy(args, s.Seen.Words)
	return d.Procedure.Messages[s.Message()], args
}

// announcementKind is the kind of the message that announces some words: their
// name, if that is not taken for something of the core's.
func announcementKind(words string) string {
	if slices.Contains(deployer.CoreMessages(), words) {
		return deployer.KindAnnounce
	}
	return words
}

// The placeholders behind words that announce: what falls short of what they may
// say, and what people should know though all went well.
const (
	argShort  = "short-of"
	argRemark = "remark"
)

// besides adds to words of a procedure that say what runs now what they do not
// stand for, and what people should know though all went well.
func (d writer) besides(m *deployer.Message) {
	says := func(arg string) bool { return strings.Contains(m.Words, "{"+arg+"}") }
	now, back := says("what") || says("to"), (d.Part == deployer.PartRollback || d.Back != "") && says("from")
	if short := deployer.ShortWords(d.Deployment); short != "" && now {
		m.Words, m.Args[argShort] = m.Words+"\n{"+argShort+"}", short
	}
	if remarks := Remarks(d.Deployment); len(remarks) > 0 && (now || back) {
		m.Words, m.Args[argRemark] = m.Words+"\n{"+argRemark+"}", strings.Join(remarks, " ")
	}
}

// An addressee is a channel or a person, with what stands for it in the key of a message.
type addressee struct{ id, name string }

// addressees are the channels, and the people, that a step tells of an item.
func (d writer) addressees(s deployer.StepState, item string) []addressee {
	return append(d.audience(s.To()), directly(deployer.Direct(s, item))...)
}

func (d writer) audience(names []string) []addressee {
	var out []addressee
	for _, name := range d.Audience(names) {
		out = append(out, addressee{d.Channels[name], name})
	}
	return out
}

func directly(ids []string) []addressee {
	var out []addressee
	for _, id := range ids {
		out = append(out, addressee{id, deployer.DirectKey(id)})
	}
	return out
}

// unaddressed says of roles that nobody is known who holds them, so that nobody is told.
func (d writer) unaddressed(roles []string) []deployer.Message {
	_, missing := deployer.PeopleOf(d.Deployment, roles, d.members)
	if len(missing) == 0 {
		return nil
	}
	why := "No direct message goes to " + strings.Join(missing, ", ") + ": nobody is known who holds that role."
	return []deployer.Message{d.threaded(deployer.Message{Kind: deployer.MessageNote, Note: deployer.Note{Kind: deployer.NoteUnaddressed, Why: why}})}
}

// announcements are the messages of an announce step that were not taken yet. Where it is
// to be looked first whether a channel has them already, they follow from what that finds.
func (d writer) announcements(s deployer.StepState) []deployer.Message {
	return d.announcing(s, func(item, name string) bool { return true })
}

// looked is the message that follows from the look whether a channel has it already.
func (d writer) looked(key deployer.EffectKey) []deployer.Message {
	_, channel, _ := strings.Cut(key.Verb, " ")
	return d.announcing(*d.Step(key.Step), func(item, name string) bool { return item == key.Item && name == channel })
}

// isOpen reports whether a channel is to be told: nothing has to be looked for there any
// more, and it has nothing like it.
func (d writer) isOpen(s deployer.StepState, item string, to addressee) bool {
	if s.WithOf(item)["unless"].Text == "" || to.name == deployer.DirectKey(to.id) {
		return true
	}
	look, there := deployer.LookOf(d.Deployment, s, item, to.name)
	return look != nil && !there
}

func (d writer) announcing(s deployer.StepState, which func(item, name string) bool) []deployer.Message {
	var out []deployer.Message
	for _, item := range deployer.ItemsOf(d.Deployment, s) {
		for _, to := range d.addressees(s, item) {
			if s.Posted(s.AnnouncementKey(item, to.name)) || !which(item, to.name) || !d.isOpen(s, item, to) {
				continue
			}
			m := deployer.Message{DedupKey: s.AnnouncementKey(item, to.name), Kind: announcementKind(s.Message()), Channel: to.id, Receipt: true}
			if s.ForClients() || s.Words() != "" {
				m.Words, m.Plain = s.Words(), true
			} else {
				m.Words, m.Args = d.Procedure.Messages[s.Message()], argsAt(d.Deployment, s.Began)
				maps.Copy(m.Args, s.Seen.Words)
				maps.Copy(m.Args, s.Seen.Each[item])
				d.besides(&m)
			}
			out = append(out, m)
		}
	}
	return out
}
