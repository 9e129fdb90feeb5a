package mrkdwn

import (
	"net/url"
	"strings"
)

// Link links a label that is escaped already, if the address is one that
// a browser opens.
func Link(address, label string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || len(address) > 500 {
		return label
	}
	return "<" + strings.NewReplacer("|", "%7C", ">", "%3E", "<", "%3C", " ", "%20", "&", "&amp;").Replace(u.String()) +
		"|" + strings.ReplaceAll(label, "|", "¦") + ">"
}

// addressMax is how much of an address people see.
const addressMax = 40

// BareAddress is what people see of an address: where it leads to, and of a
// long one its end, which is where a ticket's key stands.
func BareAddress(s string) string {
	if i := strings.IndexAny(s, "?#"); i > 0 {
		s = s[:i]
	}
	s = strings.TrimSuffix(OneLine(s), "/")
	if r := []rune(s); len(r) > addressMax {
		s = ellipsis + string(r[len(r)-addressMax+1:])
	}
	return Escape(s, 2*addressMax)
}
