package manual

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/stationmaster/stationmaster/deployer"
)

// Markdown prints kinds as a page: a table of each group, and below it the parameters.
func Markdown(kinds []deployer.Kind) string {
	var b strings.Builder
	for _, g := range groups {
		fmt.Fprintf(&b, "## %s\n\n| kind | what it does |\n|---|---|\n", heads[g])
		for _, k := range sorted(kinds) {
			if GroupOf(k) == g {
				fmt.Fprintf(&b, "| `%s` | %s |\n", k.Name, cell(k.Doc))
			}
		}
		b.WriteString("\n")
		for _, k := range sorted(kinds) {
			if GroupOf(k) == g {
				b.WriteString(section(k))
			}
		}
	}
	return b.String()
}

// Table prints kinds for the page of the language: a line for each, with the names of its
// parameters, those that it needs in bold, and of what it leaves behind. A * stands at those
// that a person does as long as nothing else is there, as byHand says.
func Table(kinds []deployer.Kind, byHand func(deployer.Kind) bool) string {
	var b strings.Builder
	for _, g := range groups {
		fmt.Fprintf(&b, "| %s | | `with` | leaves behind |\n|---|---|---|---|\n", strings.ToLower(heads[g][:1])+heads[g][1:])
		for _, k := range sorted(kinds) {
			if GroupOf(k) != g {
				continue
			}
			hand := ""
			if byHand(k) {
				hand = "\\*"
			}
			fmt.Fprintf(&b, "| `%s`%s | %s | %s | %s |\n", k.Name, hand, cell(k.Doc), names(k.Params), names(k.Outputs))
		}
		b.WriteString("\n")
	}
	return strings.TrimSpace(b.String()) + "\n"
}

// names are those of parameters.
func names(params []deployer.Param) string {
	out := make([]string, len(params))
	for i, p := range params {
		if out[i] = "`" + p.Name + "`"; p.Required {
			out[i] = "**" + out[i] + "**"
		}
	}
	return strings.Join(out, " ")
}

func section(k deployer.Kind) string {
	var b strings.Builder
	fmt.Fprintf(&b, "### %s\n\n%s%s.\n", k.Name, strings.ToUpper(k.Doc[:1]), k.Doc[1:])
	for _, fact := range Facts(k) {
		fmt.Fprintf(&b, "%s\n", fact)
	}
	table(&b, "with", k.Params)
	table(&b, "leaves behind", k.Outputs)
	fmt.Fprintf(&b, "\nFails with: %s.\n\n", strings.Join(Fails(k), ", "))
	return b.String()
}

func table(b *strings.Builder, head string, params []deployer.Param) {
	if len(params) == 0 {
		return
	}
	fmt.Fprintf(b, "\n| %s | type | |\n|---|---|---|\n", head)
	for _, p := range params {
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", p.Name, cell(TypeOf(p)), cell(Sentence(p)))
	}
}

// cell is a text within a table.
func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }

// kindJSON is a kind for programs.
type kindJSON struct {
	Name    string      `json:"name"`
	Group   Group       `json:"group"`
	Doc     string      `json:"doc"`
	Each    string      `json:"each,omitempty"`
	Acts    bool        `json:"acts"`
	Repeat  string      `json:"repeat,omitempty"`
	Mutates bool        `json:"mutates"`
	Deploys bool        `json:"deploys"`
	Expect  string      `json:"expect,omitempty"`
	With    []paramJSON `json:"with"`
	Out     []paramJSON `json:"out"`
	Fails   []string    `json:"fails"`
}

type paramJSON struct {
	Name     string   `json:"name"`
	Type     string   `json:"type"`
	Required bool     `json:"required,omitempty"`
	Options  []string `json:"options,omitempty"`
	Default  string   `json:"default,omitempty"`
	Instead  string   `json:"instead,omitempty"`
	Doc      string   `json:"doc"`
}

// JSON prints kinds for programs.
func JSON(kinds []deployer.Kind) ([]byte, error) {
	out := make([]kindJSON, 0, len(kinds))
	for _, k := range sorted(kinds) {
		j := kindJSON{
			Name: k.Name, Group: GroupOf(k), Doc: k.Doc, Acts: Acts(k), Mutates: k.Mutates, Deploys: k.Deploys, Expect: k.Expect,
			With: paramsJSON(k.Params), Out: paramsJSON(k.Outputs), Fails: Fails(k),
		}
		if Acts(k) {
			j.Repeat = string(k.Repeat)
		}
		if k.Scope == deployer.ScopeServices {
			j.Each = "services"
		}
		out = append(out, j)
	}
	data, err := json.MarshalIndent(out, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write the kinds: %w", err)
	}
	return append(data, '\n'), nil
}

func paramsJSON(params []deployer.Param) []paramJSON {
	out := make([]paramJSON, 0, len(params))
	for _, p := range params {
		out = append(out, paramJSON{p.Name, string(p.Type), p.Required, p.Options, p.Default, p.Instead, p.Doc})
	}
	return out
}
