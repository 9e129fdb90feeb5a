package report

import (
	"regexp"
	"strings"

	"github.com/stationmaster/stationmaster/deployer"
)

// No secret is ever written down by the bot: steps name those of the config, and only the
// names are in the record. But somebody may have pasted one into a reason, or a system into
// its log. So what looks like one is left out of what goes to other people.

// shapes are what secrets look like by themselves.
var shapes = regexp.MustCompile(strings.Join([]string{
	`xox[a-z]-[A-Za-z0-9-]{8,}`, `xapp-[A-Za-z0-9-]{8,}`, // Slack
	`gh[pousr]_[A-Za-z0-9]{20,}`, `github_pat_[A-Za-z0-9_]{20,}`, `glpat-[A-Za-z0-9_-]{16,}`,
	`AKIA[A-Z0-9]{16}`, `ATATT[A-Za-z0-9_=-]{20,}`,
	`eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*`, // a JSON Web Token
	`(?s)-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)`,
}, "|"))

// spoken are secrets by what stands before them: the first group stays.
var spoken = []*regexp.Regexp{
	regexp.MustCompile(`(://)[^\s/@:]*:[^\s/@]+@`),
	regexp.MustCompile(`(?i)(\b(?:bearer|basic) +)[A-Za-z0-9._~+/=-]{8,}`),
	regexp.MustCompile(`(?i)((?:password|passwd|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|signature|credentials?)["']?\s*[=:]\s*["']?)[^\s"'{}(),;&]{6,}`),
}

const digits = "0123456789"

// withoutSecrets is a text without what looks like a secret.
func withoutSecrets(text string) string {
	secret := deployer.Secret("").String()
	text = shapes.ReplaceAllString(text, secret)
	for i, re := range spoken {
		text = re.ReplaceAllStringFunc(text, func(found string) string {
			before := re.FindStringSubmatch(found)[1]
			switch {
			case i == 0:
				return before + secret + "@"
			case !strings.ContainsAny(found[len(before):], digits): // a word, as in token: expired
				return found
			}
			return before + secret
		})
	}
	return text
}

var secretNames = regexp.MustCompile(`(?i)(?:^|[._ -])(?:password|passwd|secret|token|api[_-]?key|private[_-]?key|authorization|cookie|credentials?)(?: of .*)?$`)

// secretName reports whether what has that name is a secret.
func secretName(name string) bool { return secretNames.MatchString(name) }

// named are the names of secrets where their values would stand, which are none.
var named = regexp.MustCompile(`^(?:[A-Za-z]+ )?\{secrets\.[A-Za-z0-9_-]+\}$`)

// hidden is in the place of a secret.
func hidden(value string) string {
	if value == "" || named.MatchString(value) {
		return value
	}
	return deployer.Secret("").String()
}

// plain is a text as it may be shown: without secrets, with \n at the ends of its lines, and
// with a picture in the place of each control character, which could do something wherever it
// is printed.
func plain(text string) string {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\r\n", "\n")
	return withoutSecrets(strings.Map(func(r rune) rune {
		switch {
		case r == '\r':
			return '\n'
		case r == '\n', r == '\t':
			return r
		case r < ' ':
			return '\u2400' + r
		case r == 0x7f:
			return '\u2421'
		case r >= 0x80 && r < 0xa0:
			return '\uFFFD'
		}
		return r
	}, text))
}
