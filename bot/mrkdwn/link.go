package mrkdwn

import (
	"net"
	"net/url"
	"strings"

	"golang.org/x/net/idna"
)

// Link links a label that is escaped already, if the address is one that
// a browser opens.
func Link(address, label string) string {
	u := page(address)
	if u == nil {
		return label
	}
	return "<" + strings.NewReplacer("|", "%7C", ">", "%3E", "<", "%3C", " ", "%20", "&", "&amp;").Replace(u.String()) +
		"|" + strings.ReplaceAll(label, "|", "¦") + ">"
}

// addressLenMax is how many bytes an address has that is linked.
const addressLenMax = 500

// page is an address that a browser opens, with its host in ASCII, or nil. Who
// writes a user or a password into it means to have something else taken for
// the host.
func page(address string) *url.URL {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.User != nil || len(address) > addressLenMax {
		return nil
	}
	if net.ParseIP(u.Hostname()) != nil {
		return u
	}
	host, err := hosts.ToASCII(u.Hostname())
	if err != nil || host == "" {
		return nil
	}
	if port := u.Port(); port != "" {
		host += ":" + port
	}
	u.Host = host
	return u
}

// hosts are written as browsers do it: letters of other alphabets as xn--….
var hosts = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false))

const (
	addressMax = 40 // characters of an address that people see, but for a host that is longer
	pathMin    = 16 // of its path, at least
)

// BareAddress is what people see of an address: its host, whole and first, and
// of a long path the end, which is where a ticket's key stands. It is "" for what
// [Link] does not link.
func BareAddress(address string) string {
	u := page(address)
	if u == nil {
		return ""
	}
	path := strings.TrimSuffix(u.EscapedPath(), "/")
	if room := max(addressMax-len(u.Host), pathMin); len(path) > room {
		path = "/" + ellipsis + path[len(path)-room+2:]
	}
	return Escape(u.Host+path, addressLenMax)
}
