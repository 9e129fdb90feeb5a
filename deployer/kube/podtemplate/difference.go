package podtemplate

import (
	"maps"
	"slices"
	"strings"
)

// A Difference is in what two templates differ, by the names of their parts. The
// zero value: in nothing that is known.
type Difference struct {
	Added, Removed []string // containers: of those nothing else is said
	Changed        []string // parts, such as environment of app
}

// Compare finds out in what two templates differ, going by their fingerprints. One
// that is not known, "", differs in nothing.
func Compare(was, now string) Difference {
	var d Difference
	if was == now || was == "" || now == "" {
		return d
	}
	before, after := parse(was), parse(now)
	all := maps.Clone(before)
	maps.Copy(all, after)
	names := slices.Sorted(maps.Keys(all))
	for _, name := range names {
		c, isImage := strings.CutPrefix(name, imageOf)
		switch _, had := before[name]; {
		case !isImage || before[name] == after[name]:
		case !had:
			d.Added = append(d.Added, c)
		case after[name] == "":
			d.Removed = append(d.Removed, c)
		}
	}
	for _, name := range names {
		_, c, _ := strings.Cut(name, of)
		if before[name] != after[name] && !slices.Contains(d.Added, c) && !slices.Contains(d.Removed, c) {
			d.Changed = append(d.Changed, name)
		}
	}
	if len(d.Added)+len(d.Removed)+len(d.Changed) == 0 {
		d.Changed = []string{"pod template"}
	}
	return d
}

// Changes says in words in what two templates differ, going by their
// fingerprints; "" if they are the same, or if one is not known.
func Changes(was, now string) string {
	d := Compare(was, now)
	var out []string
	for _, c := range d.Added {
		out = append(out, "the container "+c+" was added")
	}
	for _, c := range d.Removed {
		out = append(out, "the container "+c+" was removed")
	}
	for _, name := range d.Changed {
		out = append(out, "the "+name+" changed")
	}
	return strings.Join(out, ", ")
}

// Subject names what differs, to say in a sentence that it was changed: the
// environment of app and the volumes; "": nothing.
func (d Difference) Subject() string {
	var out []string
	for _, name := range d.Changed {
		out = append(out, "the "+name)
	}
	for _, c := range slices.Concat(d.Added, d.Removed) {
		out = append(out, "the container "+c)
	}
	if len(out) < 2 {
		return strings.Join(out, "")
	}
	return strings.Join(out[:len(out)-1], ", ") + " and " + out[len(out)-1]
}

// Verb says what has become of the subject: was changed, were changed; or was added
// or removed, where it is containers that were.
func (d Difference) Verb() string {
	verb, n := "changed", len(d.Changed)+len(d.Added)+len(d.Removed)
	switch n {
	case len(d.Added):
		verb = "added"
	case len(d.Removed):
		verb = "removed"
	}
	// "the volumes" and "the labels" are many by themselves.
	if n == 1 && !(len(d.Changed) == 1 && isPlural(d.Changed[0])) {
		return "was " + verb
	}
	return "were " + verb
}

func isPlural(part string) bool {
	head, _, _ := strings.Cut(part, of)
	return strings.HasSuffix(head, "s") && !strings.HasSuffix(head, "ss")
}

// parse reads the parts of a fingerprint.
func parse(fingerprint string) map[string]string {
	parts := map[string]string{}
	for _, p := range strings.Split(fingerprint, ";")[1:] {
		if i := strings.LastIndexByte(p, '='); i > 0 {
			parts[p[:i]] = p[i+1:]
		}
	}
	return parts
}
