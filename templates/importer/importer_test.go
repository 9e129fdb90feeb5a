package importer

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/stationmaster/stationmaster/deployer/goldentest"
)

func TestADocumentBecomesAProcedure(t *testing.T) {
	document, err := os.ReadFile("testdata/sop.md")
	if err != nil {
		t.Fatal(err)
	}
	got, err := Import("sop.md", document)
	if err != nil {
		t.Fatal(err)
	}
	goldentest.Compare(t, "testdata/sop.yaml", got)
}

// TestTextWithoutMarksBecomesAProcedure: what is copied from a wiki has no Markdown left.
func TestTextWithoutMarksBecomesAProcedure(t *testing.T) {
	document, err := os.ReadFile("testdata/wiki.txt")
	if err != nil {
		t.Fatal(err)
	}
	got, err := Import("wiki.txt", document)
	if err != nil {
		t.Fatal(err)
	}
	goldentest.Compare(t, "testdata/wiki.yaml", got)
}

func TestNothingToImportIsSaid(t *testing.T) {
	for _, document := range []string{"", "\n\n", "---\ntitle: x\n---\n", "# A title\n\nA text.\n"} {
		_, err := Import("empty.md", []byte(document))
		if err == nil || !strings.Contains(err.Error(), "there is nothing to make steps of") {
			t.Errorf("%q: %v", document, err)
		}
	}
}

func TestLinksAreTakenOutOfTexts(t *testing.T) {
	for _, c := range []struct {
		text, rest string
		want       []link
		inner      int
	}{
		{"see [A](https://a.example/x_(y)) now", "see A now", []link{{"A", "https://a.example/x_(y)"}}, 0},
		{`[A](https://a.example "title")`, "A", []link{{"A", "https://a.example"}}, 0},
		{"[A](#below) and [B](/docs)", "A and B", nil, 2},
		{"![a picture](https://a.example/a.png) there", " there", nil, 0},
		{"[no link] (at all)", "[no link] (at all)", nil, 0},
		{"[open](https://a.example", "[open](https://a.example", nil, 0},
	} {
		rest, found, inner := links(c.text)
		if rest != c.rest || !slices.Equal(found, c.want) || inner != c.inner {
			t.Errorf("%q: %q %v %d", c.text, rest, found, inner)
		}
	}
}

func TestEstimatesAreTakenOutOfTexts(t *testing.T) {
	for _, c := range []struct {
		text, rest string
		want       time.Duration
	}{
		{"Time: ~5 minutes", "", 5 * time.Minute},
		{"Wait (about 2 hours) for it", "Wait for it", 2 * time.Hour},
		{"It takes ~10-15 min, at most", "It takes ~10-15 min, at most", 15 * time.Minute},
		{"≈30 s", "", 30 * time.Second},
		{"24 hours ago", "24 hours ago", 0},
		{"~0 minutes", "~0 minutes", 0},
	} {
		if rest, took := estimate(c.text); rest != c.rest || took != c.want {
			t.Errorf("%q: %q %v", c.text, rest, took)
		}
	}
}

func TestTheFirstSentenceIsTheTitle(t *testing.T) {
	long := strings.Repeat("word ", 40)
	for _, c := range [][3]string{
		{"Do it. Then look.", "Do it", "Then look."},
		{"Do it, e.g. now. Then look.", "Do it, e.g. now", "Then look."},
		{"Make sure you have access to:", "Make sure you have access to", ""},
		{"Deploy v1.2.3", "Deploy v1.2.3", ""},
		{long, strings.TrimSpace(long[:110]) + " …", long},
	} {
		if title, rest := sentence(c[0]); title != c[1] || rest != c[2] {
			t.Errorf("%q: %q, %q", c[0], title, rest)
		}
	}
}

// FuzzImport: whatever a document holds, what comes of it is YAML with the keys of a
// procedure, and an id for each phase and step that nothing else has.
func FuzzImport(f *testing.F) {
	for _, name := range []string{"testdata/sop.md", "testdata/wiki.txt"} {
		document, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(document)
	}
	f.Add([]byte("# T\n- a: b\n- {x}\n1. ${y}\n```\n  z\x00\t\n"))
	f.Fuzz(func(t *testing.T, document []byte) {
		made, err := Import("any.md", document)
		if err != nil {
			return
		}
		type entry struct{ ID, Title, Uses, How string }
		var got struct {
			ID, Title string
			Phases    []struct {
				ID, Title string
				Steps     []entry
			}
		}
		if err := yaml.Load(made, &got); err != nil {
			t.Fatalf("%v\n%s", err, made)
		}
		seen := map[string]bool{}
		take := func(id, title string) {
			if id == "" || len(id) > 62 || seen[id] || strings.TrimSpace(title) == "" {
				t.Fatalf("id %q, title %q\n%s", id, title, made)
			}
			seen[id] = true
		}
		for _, p := range got.Phases {
			take(p.ID, p.Title)
			for _, s := range p.Steps {
				take(s.ID, s.Title)
			}
		}
	})
}
