package bot

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/bot/view/form"
	"github.com/stationmaster/stationmaster/bot/view/trail"
	"github.com/stationmaster/stationmaster/deployer"
)

// An inventory is what people can ask for, found in what is drawn.
type inventory struct {
	t     *testing.T
	asked map[routeKey]string // where it is drawn
	ids   map[string]bool     // every action id, block id and callback id
}

func newInventory(t *testing.T) *inventory {
	return &inventory{t: t, asked: map[routeKey]string{}, ids: map[string]bool{}}
}

func (inv *inventory) ask(k kind, id, where string) { inv.asked[routeKey{k, id}] = where }

// has reports whether an id is drawn; of one that ends with a slash, more follows.
func (inv *inventory) has(id string) bool {
	if !strings.HasSuffix(id, "/") {
		return inv.ids[id]
	}
	return slices.ContainsFunc(slices.Collect(maps.Keys(inv.ids)), func(drawn string) bool { return strings.HasPrefix(drawn, id) })
}

// addGoldens adds the cards, messages and views of testdata.
func (inv *inventory) addGoldens() {
	inv.t.Helper()
	drawn, _ := filepath.Glob("view/testdata/*/*.json") // the patterns are good
	rooms, _ := filepath.Glob("view/*/testdata/*/*.json")
	own, _ := filepath.Glob("testdata/*/*.json")
	if len(drawn) == 0 || len(rooms) == 0 || len(own) == 0 {
		inv.t.Fatal("there are no golden files")
	}
	for _, path := range slices.Concat(drawn, rooms, own) {
		data, err := os.ReadFile(path)
		if err != nil {
			inv.t.Fatal(err)
		}
		inv.add(path, data)
	}
}

// addUndrawnInGoldens adds what no golden file shows.
func (inv *inventory) addUndrawnInGoldens(b *Bot) {
	inv.t.Helper()
	inv.addValue("what a window warns of", slack.NewBlockMessage(agreeButton("{}")))
	inv.addValue("an audit trail's button", slack.NewBlockMessage(slack.NewActionBlock("", view.TrailButton(deployer.Deployment{ID: "tangerine-1"}))))
	pages := make([]deployer.Record, 2*trail.PageMax+1)
	history := trail.Trail{Deployment: deployer.Deployment{ID: "tangerine-1"}, Records: pages, Zone: time.UTC, Names: b.people}
	inv.addValue("an audit trail", history.View(1))
	inv.addValue("the form for clients' words", view.ReviewForm(deployer.Deployment{}, deployer.StepState{}, "", ""))
	inv.addValue("the form that asks for whom", form.Where([]view.Scope{{Channel: "C1", Retailer: "tangerine"}, {Channel: "C2", Retailer: "lemon"}}))
	large, err := form.Draw(b.renderer, form.State{Target: form.Target{Channel: "C1", Retailer: "tangerine"}, Service: "web", Env: "prod"}, true, form.Notes{}, time.Now())
	if err != nil {
		inv.t.Fatal(err)
	}
	inv.addValue("the form of many services", large)
}

func (inv *inventory) addValue(where string, v any) {
	inv.t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		inv.t.Fatal(err)
	}
	inv.add(where, data)
}

// add adds a message or a view.
func (inv *inventory) add(where string, data []byte) {
	inv.t.Helper()
	var drawn struct {
		Type       string           `json:"type"`
		CallbackID string           `json:"callback_id"`
		Submit     any              `json:"submit"`
		Blocks     []map[string]any `json:"blocks"`
	}
	if err := json.Unmarshal(data, &drawn); err != nil {
		inv.t.Fatalf("%s: %v", where, err)
	}
	form := ""
	if drawn.Type == "modal" {
		form = drawn.CallbackID
		inv.ids[form] = true
		if drawn.Submit != nil {
			inv.ask(kindSubmit, form, where)
		}
	}
	for _, block := range drawn.Blocks {
		id, _ := block["block_id"].(string)
		inv.ids[id] = true
		for _, e := range elementsOf(block) {
			inv.addElement(where, form, block, e)
		}
	}
}

// addElement adds what an element of a block asks for: in a form, the form is
// asked to be drawn again.
func (inv *inventory) addElement(where, form string, block, e map[string]any) {
	action, _ := e["action_id"].(string)
	inv.ids[action] = true
	if e["type"] == "external_select" {
		inv.ask(kindSuggest, fmt.Sprint(block["block_id"]), where)
	}
	switch {
	case block["type"] == "input" && block["dispatch_action"] != true, e["url"] != nil:
	case form != "":
		inv.ask(kindChange, form, where)
	default:
		inv.ask(kindClick, view.VerbOf(action), where)
	}
}

// elementsOf are the elements of a block that have an action id.
func elementsOf(block map[string]any) (out []map[string]any) {
	list, _ := block["elements"].([]any)
	for _, e := range append(list, block["element"], block["accessory"]) {
		if e, ok := e.(map[string]any); ok && e["action_id"] != nil {
			out = append(out, e)
		}
	}
	return out
}

// exportedIDs are the texts that package view and those below it export by name, all of which are
// ids of something that is drawn.
func exportedIDs(t *testing.T) map[string]string {
	t.Helper()
	files, _ := filepath.Glob("view/*.go") // the patterns are good
	rooms, _ := filepath.Glob("view/*/*.go")
	found := map[string]string{}
	for _, path := range slices.Concat(files, rooms) {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range tree.Decls {
			group, ok := d.(*ast.GenDecl)
			if !ok || group.Tok != token.CONST {
				continue
			}
			for _, spec := range group.Specs {
				c, _ := spec.(*ast.ValueSpec)
				for i, name := range c.Names {
					if !name.IsExported() || i >= len(c.Values) {
						continue
					}
					if text, ok := c.Values[i].(*ast.BasicLit); ok && text.Kind == token.STRING {
						if found[tree.Name.Name+"."+name.Name], err = strconv.Unquote(text.Value); err != nil {
							t.Fatal(err)
						}
					}
				}
			}
		}
	}
	if len(found) < 20 {
		t.Fatalf("only %v are found", found)
	}
	return found
}
