package templates

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/templates/strict"
)

// wordsMax bounds the words of a message, in UTF-16 units: what fills them
// must fit as well, and Slack takes 4,000 where a message is edited.
const wordsMax = 2500

// Wrong says what is wrong with the words of a message; nil if nothing is.
// Words for clients may hold fewer placeholders and no markup, since a person
// edits them as plain text. Roles that are nil are not checked.
func Wrong(words string, clients bool, roles []string) []string {
	var out []string
	if strings.TrimSpace(words) == "" {
		return []string{"a message needs words"}
	}
	most := wordsMax
	if clients {
		most = deployer.ClientWordsMax
	}
	if n := len(utf16.Encode([]rune(words))); n > most {
		out = append(out, fmt.Sprintf("these are %d characters; %d are the most, so that Slack takes them with what fills them", n, most))
	}
	for _, m := range hole.FindAllStringSubmatch(words, -1) {
		if why := wrongHole(m[1], clients, roles); why != "" {
			out = append(out, why)
		}
	}
	for _, m := range markup.FindAllStringSubmatch(words, -1) {
		if why := wrongMarkup(m[1], clients); why != "" {
			out = append(out, why)
		}
	}
	if at := nobody.FindStringSubmatch(words); at != nil {
		out = append(out, fmt.Sprintf("@%s calls nobody when it comes from a bot; <!%s> calls everybody there, {@requester} and {@role:…} only those who are meant", at[1], at[1]))
	}
	return out
}

var (
	hole   = regexp.MustCompile(`\{([^{}\s]*)\}`)
	markup = regexp.MustCompile(`<([^<>]*)>`)
	nobody = regexp.MustCompile(`(?:^|[\s(])@(here|channel|everyone)\b`)
)

// wrongHole says what is wrong with a placeholder.
func wrongHole(name string, clients bool, roles []string) string {
	if clients {
		if slices.Contains(deployer.ClientPlaceholders, name) {
			return ""
		}
		return fmt.Sprintf("{%s} is nothing for clients; they may read {%s}", name, strings.Join(deployer.ClientPlaceholders, "}, {"))
	}
	if role, ok := strings.CutPrefix(name, deployer.MentionRole); ok {
		if roles != nil && !slices.Contains(roles, role) {
			return strict.Unknown("role in the config", role, roles)
		}
		return ""
	}
	if slices.Contains(deployer.Placeholders, name) || slices.Contains(deployer.Mentions, name) {
		return ""
	}
	if strings.HasPrefix(name, "@") {
		return strict.Unknown("mention", name, append(slices.Clone(deployer.Mentions), deployer.MentionRole+"NAME"))
	}
	return strict.Unknown("placeholder", name, deployer.Placeholders)
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
		return fmt.Sprintf("<%s>: a value can not stand there, since it could call people; to call somebody write {@requester}, {@tam}, {@approvers} or {@role:NAME}", inner)
	case strings.HasPrefix(inner, "!"):
		return fmt.Sprintf("<%s>: %s", inner, strict.Unknown("such call", inner, []string{"!channel", "!everyone", "!here"}))
	case strings.HasPrefix(inner, "@"):
		return fmt.Sprintf("<%s> calls nobody: Slack wants an id such as <@U012ABCDE>; or name a role: {@role:NAME}", inner)
	}
	return fmt.Sprintf("<%s> is no link and no mention of Slack's; write &lt; and &gt; for the signs themselves", inner)
}

// clientMessages are the names of the messages that clients read.
func clientMessages(p deployer.Procedure) []string {
	var out []string
	for _, s := range slices.Concat(p.Steps, p.Rollback) {
		if s.ForClients() {
			out = append(out, s.Message())
		}
	}
	return out
}

// Messages are the names of the messages that procedures have, each with
// whether clients read it.
func Messages(procedures map[string]deployer.Procedure) map[string]bool {
	out := map[string]bool{}
	for _, p := range procedures {
		clients := clientMessages(p)
		for name := range p.Messages {
			out[name] = out[name] || slices.Contains(clients, name)
		}
	}
	return out
}

// RolesCalled are the roles that the words of a procedure mention.
func RolesCalled(p deployer.Procedure) []string {
	var out []string
	for _, words := range p.Messages {
		for _, m := range hole.FindAllStringSubmatch(words, -1) {
			if role, ok := strings.CutPrefix(m[1], deployer.MentionRole); ok && !slices.Contains(out, role) {
				out = append(out, role)
			}
		}
	}
	slices.Sort(out)
	return out
}
