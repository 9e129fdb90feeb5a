package templates

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/templates/language"
	"github.com/stationmaster/stationmaster/templates/strict"
)

// wordsMax bounds the words of a message, in UTF-16 units: what fills them
// must fit as well, and Slack takes 4,000 where a message is edited.
const wordsMax = 2500

// A misshape is what is wrong with words besides what they name.
type misshape struct {
	at  int // in characters
	why string
}

// wrongShape says what is wrong with the words of a message, besides what they name:
// how long they are, and their markup. Words for clients have none, since a person
// edits them as plain text.
func wrongShape(words string, clients bool) []misshape {
	var out []misshape
	most := wordsMax
	if clients {
		most = deployer.ClientWordsMax
	}
	if n := len(utf16.Encode([]rune(words))); n > most {
		out = append(out, misshape{0, fmt.Sprintf("these are %d characters; %d are the most, so that Slack takes them with what fills them", n, most)})
	}
	for _, m := range markup.FindAllStringSubmatchIndex(words, -1) {
		if why := wrongMarkup(words[m[2]:m[3]], clients); why != "" {
			out = append(out, misshape{utf8.RuneCountInString(words[:m[0]]), why})
		}
	}
	if m := nobody.FindStringSubmatchIndex(words); m != nil {
		name := words[m[2]:m[3]]
		out = append(out, misshape{utf8.RuneCountInString(words[:m[2]]) - 1, fmt.Sprintf("@%s calls nobody when it comes from a bot; <!%s> calls everybody there, {@requester} and {@ROLE} only those who are meant", name, name)})
	}
	return out
}

var (
	hole   = regexp.MustCompile(`\{([^{}\s]*)\}`)
	markup = regexp.MustCompile(`<([^<>]*)>`)
	nobody = regexp.MustCompile(`(?:^|[\s(])@(here|channel|everyone)\b`)
)

// Reworded says what is wrong with words that stand in the place of a message, as every
// procedure would have it that tells that; see Former. Roles that are nil are not checked.
func Reworded(procedures map[string]deployer.Procedure, name, words string, roles []string) []language.Mistake {
	if strings.TrimSpace(words) == "" {
		return []language.Mistake{{Why: "a message needs words"}}
	}
	for _, id := range sortedKeys(procedures) {
		p := procedures[id]
		if _, ok := p.Messages[name]; !ok || p.Abstract {
			continue
		}
		names := language.NewNames(p)
		names.Roles = roles
		for _, place := range toldAt(p, name) {
			wrong := names.CheckText(words, place)
			for _, w := range wrongShape(words, place.Clients) {
				wrong = append(wrong, language.Mistake{At: w.at, Why: w.why})
			}
			if len(wrong) > 0 {
				return wrong
			}
		}
	}
	return nil
}

// toldAt is where a procedure tells a message; not in which step, which whoever rewords
// it does not see.
func toldAt(p deployer.Procedure, name string) []language.Place {
	var out []language.Place
	if f := p.Failure; slices.Contains([]string{f.Message, f.Over, f.Stopped, f.Held, f.Resumed}, name) {
		out = append(out, language.Place{Failure: true})
	}
	for i, steps := range [][]deployer.Step{p.Steps, p.Rollback, p.Failure.Steps, p.After} {
		for _, s := range steps {
			if !tellsMessage(s, name) {
				continue
			}
			out = append(out, language.Place{
				Failure: i > 0, Outcome: i == 3, Service: s.EachOf == deployer.EachService || s.Kind.Scope == deployer.ScopeServices,
				Each: len(s.Each) > 0 || s.EachOf != "" && s.EachOf != deployer.EachService, Clients: forClients(s),
			})
		}
	}
	return out
}

// tellsMessage reports whether a step tells a message.
func tellsMessage(s deployer.Step, name string) bool {
	return s.Kind != nil && slices.ContainsFunc(s.Kind.Params, func(p deployer.Param) bool {
		return p.Type == deployer.TypeMessage && s.With[p.Name].Text == name
	})
}

// forClients reports whether what a step tells is read by clients.
func forClients(s deployer.Step) bool {
	return s.ForClients() || strings.HasPrefix(s.Uses, "statuspage.")
}

// What may stand between < and > in a message of Slack's.
// https://docs.slack.dev/messaging/formatting-message-text
var (
	calls = regexp.MustCompile(`^(@[UW][A-Z0-9]+|#[CG][A-Z0-9]+|!subteam\^S[A-Z0-9]+|!(here|channel|everyone))(\|[^{}]*)?$`)
	links = regexp.MustCompile(`^(https?://|mailto:)[^\s{}|]+`)
)

// wrongMarkup says what is wrong with what stands between < and >. A value
// there could become a mention: <{reason}> with the reason !channel would call
// everybody.
func wrongMarkup(inner string, clients bool) string {
	switch {
	case clients:
		return fmt.Sprintf("<%s> is markup; words for clients are plain text, since a person edits them", inner)
	case calls.MatchString(inner), links.MatchString(inner):
		return ""
	case hole.MatchString(inner):
		return fmt.Sprintf("<%s>: a value can not stand there, since it could call people; to call somebody write {@requester}, {@tam}, {@approvers} or {@ROLE}", inner)
	case strings.HasPrefix(inner, "!"):
		return fmt.Sprintf("<%s>: %s", inner, strict.Unknown("such call", inner, []string{"!channel", "!everyone", "!here"}))
	case strings.HasPrefix(inner, "@"):
		return fmt.Sprintf("<%s> calls nobody: Slack wants an id such as <@U012ABCDE>; or name a role: {@ROLE}", inner)
	}
	return fmt.Sprintf("<%s> is no link and no mention of Slack's; write &lt; and &gt; for the signs themselves", inner)
}

// Messages are the names of the messages that procedures have, each with
// whether clients read it.
func Messages(procedures map[string]deployer.Procedure) map[string]bool {
	out := map[string]bool{}
	for _, p := range procedures {
		for name := range p.Messages {
			clients := func(s deployer.Step) bool { return forClients(s) && tellsMessage(s, name) }
			out[name] = out[name] || slices.ContainsFunc(slices.Concat(p.Steps, p.Rollback, p.Failure.Steps, p.After), clients)
		}
	}
	return out
}

// RolesCalled are the roles that the words of a procedure mention.
func RolesCalled(p deployer.Procedure) []string {
	var out []string
	for _, words := range p.Messages {
		for _, m := range hole.FindAllStringSubmatch(words, -1) {
			role, ok := strings.CutPrefix(m[1], deployer.MentionRole)
			if !ok {
				role, ok = strings.CutPrefix(m[1], "@")
				ok = ok && !slices.Contains(language.BuiltInRoles, role)
			}
			if ok && !slices.Contains(out, role) {
				out = append(out, role)
			}
		}
	}
	slices.Sort(out)
	return out
}
