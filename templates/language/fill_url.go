package language

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/stationmaster/stationmaster/deployer/urltemplate"
)

// asURL puts values into a URL. One that begins with a value begins with a whole URL,
// which nothing but a path can follow.
func asURL(pieces []piece) (string, error) {
	var out strings.Builder
	part, written := urltemplate.Host, ""
	for i, p := range pieces {
		if p.path == "" {
			written += p.written
			part = urltemplate.PartAfter(written)
			out.WriteString(p.written)
			continue
		}
		if i == 0 {
			base, err := wholeURL(p, len(pieces) > 1)
			if err != nil {
				return "", err
			}
			written = base
			part = urltemplate.PartAfter(written)
			out.WriteString(base)
			continue
		}
		v, ok := part.Escape(p.print)
		if !ok {
			return "", fmt.Errorf("%q can't stand in a URL at {%s}", p.print, p.path)
		}
		written += "x"
		out.WriteString(v)
	}
	full := out.String()
	if err := urltemplate.CheckFilled(full); err != nil {
		return "", reason(err.Error())
	}
	return full, nil
}

// wholeURL is a value that is a URL by itself.
func wholeURL(p piece, more bool) (string, error) {
	u, err := url.Parse(strings.TrimSpace(p.print))
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil:
		return "", fmt.Errorf("what {%s} holds is no URL", p.path)
	case more && (u.RawQuery != "" || u.Fragment != "" || u.ForceQuery):
		return "", fmt.Errorf("nothing can follow the URL that {%s} holds", p.path)
	}
	return u.String(), nil
}
