package report_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/report"
	"pgregory.net/rapid"
)

// fataler is what fails a test, or one try of a property.
type fataler interface {
	Fatalf(format string, args ...any)
}

func write(t fataler, format report.Format, h report.History) []byte {
	var out bytes.Buffer
	w, err := report.NewWriter(&out, format)
	if err == nil {
		err = errors.Join(w.Write(h), w.Flush())
	}
	if err != nil {
		t.Fatalf("%v", err)
	}
	return out.Bytes()
}

// Whatever is in a journal: JSON Lines and CSV are read back as the same events.
func TestEventsAreReadBackAsTheyWere(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		h := history(t)
		if rapid.Bool().Draw(t, "broken") {
			h.Broken = errors.New("read d/1: " + text(t))
		}
		want, n := report.Entries(h), 0
		for _, r := range h.Records {
			n += len(r.Events)
		}
		if got := len(want); h.Broken == nil && got != n || h.Broken != nil && got != n+1 {
			t.Fatalf("%d events come to %d entries", n, got)
		}
		for i, e := range want {
			if e.Kind != report.KindBroken && e.Event != i+1 {
				t.Fatalf("event %d has the number %d", i+1, e.Event)
			}
		}
		if diff := cmp.Diff(want, ofJSON(t, write(t, report.JSONLines, h)), cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("JSON Lines (-events +read):\n%s", diff)
		}
		if diff := cmp.Diff(want, ofCSV(t, write(t, report.CSV, h)), cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("CSV (-events +read):\n%s", diff)
		}
	})
}

func ofJSON(t fataler, data []byte) (all []report.Entry) {
	for line := range strings.Lines(string(data)) {
		var e report.Entry
		d := json.NewDecoder(strings.NewReader(line))
		d.DisallowUnknownFields()
		if err := d.Decode(&e); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		all = append(all, e)
	}
	return all
}

// ofCSV reads a file as somebody would who knows nothing of how it was written.
func ofCSV(t fataler, data []byte) (all []report.Entry) {
	r := csv.NewReader(bytes.NewReader(data))
	header, err := r.Read()
	if err != nil {
		t.Fatalf("%v", err)
	}
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatalf("%v in %q", err, data)
		}
		fields := map[string]any{}
		for i, cell := range row {
			if strings.IndexAny(cell, "=+-@\t\r\n＝＋－＠") == 0 {
				t.Fatalf("a spreadsheet would compute the cell %q", cell)
			}
			if cell = strings.TrimPrefix(cell, "'"); cell == "" {
				continue
			}
			switch name := header[i]; name {
			case "event", "attempt":
				fields[name], err = strconv.Atoi(cell)
			case "seen":
				fields[name] = ofCell(t, cell)
			default:
				fields[name] = cell
			}
			if err != nil {
				t.Fatalf("%v", err)
			}
		}
		line, err := json.Marshal(fields)
		if err != nil {
			t.Fatalf("%v", err)
		}
		all = append(all, ofJSON(t, line)...)
	}
}

// ofCell are the texts of one cell by their names.
func ofCell(t fataler, cell string) map[string]string {
	out := map[string]string{}
	for line := range strings.SplitSeq(cell, "\n") {
		name, value := unquoted(t, line, ": ")
		value, ok := strings.CutPrefix(value, ": ")
		if !ok {
			t.Fatalf("the line %q has no name", line)
		}
		out[name], _ = unquoted(t, value, "\n")
	}
	return out
}

// unquoted is what stands before an end, or in quotes, and the rest.
func unquoted(t fataler, text, end string) (string, string) {
	if !strings.HasPrefix(text, `"`) {
		if i := strings.Index(text, end); i >= 0 {
			return text[:i], text[i:]
		}
		return text, ""
	}
	prefix, err := strconv.QuotedPrefix(text)
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	value, err := strconv.Unquote(prefix)
	if err != nil {
		t.Fatalf("%q: %v", prefix, err)
	}
	return value, text[len(prefix):]
}

// Whatever is in a journal: a page has its parts and nothing else. No text of people or
// systems begins a line, ends a cell or leaves its block.
func TestNoTextChangesThePage(t *testing.T) {
	t.Parallel()
	begins := []string{"# ", "## ", "- ", "  - ", "|", "_", "**The record is broken:**", "Clicks, ", "Nobody ", "Nothing", "None."}
	rapid.Check(t, func(t *rapid.T) {
		page := string(write(t, report.Markdown, history(t)))
		columns, fence := 0, ""
		for line := range strings.Lines(page) {
			line = strings.TrimSuffix(line, "\n")
			block := strings.TrimPrefix(line, "  ")
			switch cells := strings.Count(strings.ReplaceAll(strings.ReplaceAll(line, `\\`, ""), `\|`, ""), "|"); {
			case fence != "" && block == fence:
				fence = ""
			case fence != "":
			case strings.HasPrefix(block, "```"):
				fence = strings.TrimSuffix(block, "text")
			case !strings.HasPrefix(line, "|"):
				columns = 0
				if line != "" && !slices.ContainsFunc(begins, func(b string) bool { return strings.HasPrefix(line, b) }) {
					t.Fatalf("a line begins with a text: %q", line)
				}
			case columns == 0:
				columns = cells
			case cells != columns:
				t.Fatalf("a row has %d cells in place of %d: %q", cells-1, columns-1, line)
			}
		}
		if fence != "" || strings.Count(page, "\n## ") != 13 {
			t.Fatalf("a block has no end, or the parts are others:\n%s", page)
		}
	})
}

// Every event of the core has words and a kind of its own.
func TestEveryEventHasWords(t *testing.T) {
	t.Parallel()
	kinds := map[string]bool{}
	for _, e := range events {
		h := report.History{Records: []deployer.Record{{Seq: 1, At: tenPM, Events: []deployer.Event{e}}}}
		got := report.Entries(h)[0]
		if kinds[got.Kind] || strings.Contains(got.What, "no words") || got.Kind != strings.ToLower(got.Kind) {
			t.Errorf("%T has the kind %q and the words %q", e, got.Kind, got.What)
		}
		kinds[got.Kind] = true
	}
	files, err := filepath.Glob("../*.go")
	if err != nil {
		t.Fatal(err)
	}
	known := 0
	for _, file := range files {
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range tree.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok && fn.Name.Name == "apply" && fn.Recv != nil {
				known++
			}
		}
	}
	if known != len(events) {
		t.Errorf("the core has %d events, and %d are tried", known, len(events))
	}
}

// What somebody has pasted by mistake is in none of the formats; the names of secrets are.
func TestSecretsAreLeftOut(t *testing.T) {
	t.Parallel()
	for _, secret := range []string{
		"xoxb-1234567890-abcdefgh", "ghp_0123456789abcdef0123456789", "AKIAABCDEFGHIJKLMNOP", "eyJhbGciOiJI.eyJzdWIiOiIx.c2lnbmF0dXJl",
		"https://ana:hunter2@db.example/x", "Authorization: Bearer abcdef0123456789", "password=hunter2hunter2", `"api_key": "k3y-of-mine"`,
		"-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----",
	} {
		f := start(t, procedure(), "web")
		f.says(ana, "control", deployer.ChoiceDone, "").says(rosa, "approve", deployer.ChoiceApprove, "see "+secret)
		f.by(deployer.Intend{Key: "smoke", Observation: deployer.Observation{Kind: deployer.ObservedAbsent}})
		f.by(deployer.Settle{Key: "smoke", Outcome: deployer.Outcome{Result: deployer.Failed, Why: "it said " + secret, Detail: secret, Outputs: deployer.Values{"token": {Text: "whatever"}}}})
		for _, format := range []report.Format{report.JSONLines, report.CSV, report.Markdown} {
			got := string(write(t, format, f.history()))
			for _, part := range []string{"hunter2", "0123456789abcdef0123456789", "xoxb-12", "AKIAABC", "c2lnbmF0", "abcdef0123456789\"", "k3y-of-mine", "MIIE", "whatever"} {
				if strings.Contains(got, part) {
					t.Errorf("%s shows %s of %s:\n%s", format, part, secret, got)
				}
			}
			if !strings.Contains(got, "{secrets.probe}") || !strings.Contains(got, "(secret)") {
				t.Errorf("%s does not say that something is left out, or of which secret a step speaks", format)
			}
		}
	}
}

// What is under way is exported too, and what nobody knows is no format.
func TestWhatIsUnderWayIsExported(t *testing.T) {
	t.Parallel()
	h := start(t, procedure(), "web").history()
	h.Zone = time.FixedZone("Home", 3600)
	page := string(written(t, report.Markdown, h, h))
	for _, part := range []string{"- **Outcome:** it has not ended: running", "| not over |", "| Home | UTC |", "23:00:00 Home", "\n---\n\n# tangerine-1"} {
		if !strings.Contains(page, part) {
			t.Errorf("the page does not say %q:\n%s", part, page)
		}
	}
	h.Zone = time.UTC
	if page := string(written(t, report.Markdown, h)); !strings.Contains(page, "\n| UTC | What happened |\n") || !strings.Contains(page, "**Began:** 2026-03-28 22:00:00 UTC\n") {
		t.Errorf("of a place in UTC each time stands there twice:\n%s", page)
	}
	h.Broken = errors.New("read d/tangerine-1/e/4: its hash does not fit")
	if page := string(written(t, report.Markdown, h)); !strings.Contains(page, "**The record is broken:**") || !strings.Contains(page, "does not fit") {
		t.Errorf("the page does not say that the record is broken:\n%s", page)
	}
	if _, err := report.NewWriter(io.Discard, "yaml"); err == nil || !strings.Contains(err.Error(), "jsonl, csv or markdown") {
		t.Errorf("of a format that is none it says %v", err)
	}
}

// Names that read alike once they are plain lose no value, and are told apart the same each time.
func TestNamesThatReadAlikeLoseNoValue(t *testing.T) {
	t.Parallel()
	h := report.History{Records: []deployer.Record{{Seq: 1, Events: []deployer.Event{
		deployer.Answered{Values: map[string]string{"a\xff": "first", "a\xfe": "second", "a\xfd": "third"}},
	}}}}
	for range 20 {
		seen := report.Entries(h)[0].Seen
		var got []string
		for _, name := range slices.Sorted(maps.Keys(seen)) {
			got = append(got, seen[name])
		}
		if want := []string{"third", "second", "first"}; !slices.Equal(got, want) {
			t.Fatalf("it says %q", seen)
		}
	}
}
