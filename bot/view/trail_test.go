package view

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/deployer"
)

// aTrail is the history of a deployment that failed, an event a record.
func aTrail(t *testing.T) Trail {
	n := bottest.Failed(t)
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	tr := Trail{Deployment: n.Deployment(), Zone: zone, Names: bottest.PhoneBook{}}
	for i, e := range n.Events(n.ID) {
		at, _ := eventLine(e, tr.Deployment, tr.Names)
		tr.Records = append(tr.Records, deployer.Record{Seq: i + 1, At: at, Hash: fmt.Sprintf("%08x%08x", i+1, i+1), Events: []deployer.Event{e}})
	}
	return tr
}

func TestTrailReadsAsInItsFile(t *testing.T) {
	t.Parallel()
	tr := aTrail(t)
	view := tr.View(0)
	bottest.Golden(t, filepath.Join("trail", "failed"), view.PrivateMetadata, view.Blocks.BlockSet)
	tr.Records, tr.Broken = tr.Records[:3], errors.New("read d/tangerine-1/e/4: its hash of the record before does not fit")
	broken := tr.View(0)
	bottest.Golden(t, filepath.Join("trail", "broken"), broken.PrivateMetadata, broken.Blocks.BlockSet)
}

// A long history has pages, of which each fits into a modal whatever is in it.
func TestTrailHasPages(t *testing.T) {
	t.Parallel()
	tr := aTrail(t)
	one := tr.Records[0]
	one.Events = nil
	for range 40 {
		one.Events = append(one.Events, deployer.Decided{By: bottest.Bob, Decision: deployer.DecideStop, Reason: strings.Repeat("<!channel> ", 90)})
	}
	tr.Records = nil
	for i := range 2*TrailPageMax + 5 {
		one.Seq = i + 1
		tr.Records = append(tr.Records, one)
	}
	for page, want := range map[int]string{-1: "1 to 90", 0: "1 to 90", 1: "91 to 180", 2: "181 to 185", 7: "181 to 185"} {
		view := tr.View(page)
		blocks := view.Blocks.BlockSet
		if len(blocks) > modalBlocksMax {
			t.Errorf("page %d has %d blocks", page, len(blocks))
		}
		said := bottest.JSON(t, blocks)
		bottest.Contains(t, said, want+" of 185")
		if strings.Contains(said, "<!channel") {
			t.Error("a reason calls everybody")
		}
		if older := strings.Contains(said, TrailOlder); older != (page > 0) {
			t.Errorf("page %d: older %t", page, older)
		}
		if newer := strings.Contains(said, trailNewer); newer != (page < 2) {
			t.Errorf("page %d: newer %t", page, newer)
		}
	}
}

// Every event of the core has words of its own.
func TestTrailKnowsEveryEvent(t *testing.T) {
	t.Parallel()
	words, err := os.ReadFile("trail_words.go")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("../../deployer/*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no source: %v", err)
	}
	n := 0
	for _, f := range files {
		tree, err := parser.ParseFile(token.NewFileSet(), f, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range tree.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if !ok || fn.Name.Name != "apply" || fn.Recv == nil {
				continue
			}
			n++
			event := fn.Recv.List[0].Type.(*ast.Ident).Name
			if !strings.Contains(string(words), "case deployer."+event+":") {
				t.Errorf("the audit trail has no words for %s", event)
			}
		}
	}
	if n < 18 {
		t.Errorf("only %d events were found", n)
	}
}
