package language

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"cel.dev/cel-go/common/types"

	"github.com/stationmaster/stationmaster/deployer/spelling"
)

// A hole is a {path} in a text.
type hole struct {
	from, to int      // in bytes, with its braces
	at       int      // in characters
	inner    string   // between the braces
	path     []string // none: it is a mention, or {{path}}
	shell    bool     // it is ${path}
	github   bool     // it is ${{ path }}
	literal  bool     // it is {{path}}, which prints {path}
}

var (
	holeForm = regexp.MustCompile(`\$\{\{[^{}]*\}\}|\{\{` + pathForm + `\}\}|\$?\{@?` + pathForm + `\}`)
	isPath   = regexp.MustCompile(`^` + pathForm + `$`)
)

const pathForm = `[A-Za-z_][A-Za-z0-9_-]*(?:[.:][A-Za-z0-9_-]+)*`

// holes are those of a text, in their order. In a command ${x} is the shell's.
func holes(text string, command bool) []hole {
	if !strings.Contains(text, "{") {
		return nil
	}
	var out []hole
	for _, m := range holeForm.FindAllStringIndex(text, -1) {
		h := hole{from: m[0], to: m[1], at: utf8.RuneCountInString(text[:m[0]])}
		found := text[m[0]:m[1]]
		h.inner = strings.TrimSpace(strings.Trim(found, "${}"))
		switch {
		case strings.HasPrefix(found, "${{"):
			h.github = true
		case found[0] == '$':
			if h.shell = true; command {
				continue
			}
		case strings.HasPrefix(found, "{{"):
			h.literal = true
		}
		if !strings.HasPrefix(h.inner, "@") {
			h.path = strings.Split(h.inner, ".")
		}
		out = append(out, h)
	}
	return out
}

// CheckText says what is wrong with a text, in the order in which it stands there.
func (n *Names) CheckText(text string, at Place) []Mistake {
	out := tooLong(text, TextMax, "a text")
	if out != nil {
		return out
	}
	for _, h := range holes(text, at.Command) {
		m := n.wrongHole(h, at)
		if m == nil && at.Command && h.path != nil && !h.literal && readAgain(text[:h.from]) {
			m = &Mistake{Why: "a shell within the command would read {" + h.inner + "}", Hint: `give it as an argument, such as sh -c 'echo "$1"' x {` + h.inner + "}"}
		}
		if m != nil {
			m.At = h.at
			out = append(out, *m)
		}
	}
	return out
}

// wrongHole says what is wrong with what stands in braces.
func (n *Names) wrongHole(h hole, at Place) *Mistake {
	switch {
	case h.github:
		instead := "{" + h.inner + "}"
		if !isPath.MatchString(h.inner) {
			instead = "{inputs.NAME}"
		}
		return &Mistake{Why: "${{ … }} is GitHub's", Hint: "here a value is written " + instead}
	case h.literal:
		return nil
	case h.shell:
		return &Mistake{Why: "${" + h.inner + "} is the shell's", Hint: "here a value is written {" + h.inner + "}"}
	case h.inner == podsHole && at.Query:
		return nil
	case h.path == nil:
		return n.wrongMention(strings.TrimPrefix(h.inner, "@"), at)
	case h.path[0] == "secrets":
		if at.Secrets && len(h.path) == 2 {
			return n.wrongSecret(h.path[1])
		}
		return &Mistake{Why: "a secret can't stand here", Hint: "{secrets.NAME} stands in headers and body of probe.http alone"}
	}
	p, m := n.resolve(h.path)
	if m != nil {
		return m
	}
	if p.list != "" {
		if m := n.misplaced(p.list, p.name, at); m != nil {
			return braced(m)
		}
		return nil
	}
	if at.Clients && (p.root.name == "retailer" || p.root.name == "product") {
		return braced(forClients("{"+h.inner+"}", p.field.clients))
	}
	if m := n.misplacedRoot(p.root, "{%s}", at); m != nil {
		return braced(m)
	}
	return nil
}

// wrongSecret says that the config has no such secret.
func (n *Names) wrongSecret(name string) *Mistake {
	if n.Secrets == nil || slices.Contains(n.Secrets, name) {
		return nil
	}
	m := &Mistake{Why: fmt.Sprintf("the config has no secret %q", name), Hint: spelling.SuggestAs("%q", name, n.Secrets)}
	switch {
	case m.Hint != "":
	case len(n.Secrets) == 0:
		m.Hint = "add it to the config under secrets"
	default:
		m.Hint = "there are: " + list(n.Secrets)
	}
	return m
}

// braced writes the names in a hint as they stand in texts.
func braced(m *Mistake) *Mistake {
	if m != nil && strings.HasPrefix(m.Hint, "they may read") {
		m.Hint = "they may read {start}, {end}, {duration}, {next_update}, {retailer.title} and inputs with clients: true"
	} else if m != nil {
		m.Hint = strings.Replace(m.Hint, "what and services name", "{what} and {services} name", 1)
	}
	return m
}

// A path is what a {path} leads to.
type path struct {
	root       root
	list, name string // of inputs, vars, values or steps: which
	field      field  // at its end
}

// path is where names lead to.
func (n *Names) path(names []string) (path, bool) {
	p, m := n.resolve(names)
	return p, m == nil
}

// resolve finds where names lead to, or says why they lead nowhere.
func (n *Names) resolve(names []string) (path, *Mistake) {
	r, ok := rootNamed(names[0])
	if !ok {
		m := n.unknownName(strings.Join(names, "."), "{%s}")
		return path{}, &m
	}
	p := path{root: r, field: r.field}
	if lists := []string{"inputs", "vars", "values", "steps"}; slices.Contains(lists, r.name) && len(names) == 1 {
		return p, &Mistake{Why: "{" + r.name + "} is not one of them", Hint: "write which, such as {" + r.name + ".NAME}"}
	}
	for i, name := range names[1:] {
		f, ok := field{}, false
		if p.field.is.Kind() == types.StructKind {
			f, ok = n.field(p.field.is.TypeName(), name)
		} else if p.field.is.Kind() == types.DynKind {
			return p, nil
		}
		if !ok {
			m := n.unknownField(p.field.is, name, "")
			return path{}, &m
		}
		if i == 0 && (r.name == "inputs" || r.name == "vars" || r.name == "values" || r.name == "steps") {
			p.list, p.name = r.name+".", f.name
		}
		p.field = f
	}
	return p, unprintable(names, p.field.is)
}

// unprintable says that something has no words of its own.
func unprintable(names []string, t *types.Type) *Mistake {
	written := "{" + strings.Join(names, ".") + "}"
	switch {
	case strings.HasPrefix(t.TypeName(), string(objectMark)+objectStep):
		return &Mistake{Why: written + " is a whole step", Hint: "write what of it, such as {" + strings.Join(names, ".") + ".why}"}
	case t.Kind() == types.MapKind, t.Kind() == types.StructKind && !printable(t), t.Kind() == types.ListKind && t.Parameters()[0].Kind() == types.ListKind:
		return &Mistake{Why: written + " has no words of its own", Hint: "write what of it"}
	}
	return nil
}
