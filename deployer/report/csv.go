package report

import (
	"strconv"
	"strings"
	"time"
)

// A column is one of the columns of a CSV file, which are named as in JSON.
type column struct {
	name string
	of   func(Entry) string
}

var columns = []column{
	{"deployment", func(e Entry) string { return e.Deployment }},
	{"site", func(e Entry) string { return e.Site }},
	{"environment", func(e Entry) string { return e.Environment }},
	{"event", func(e Entry) string { return strconv.Itoa(e.Event) }},
	{"kind", func(e Entry) string { return e.Kind }},
	{"at", func(e Entry) string { return exactly(e.At) }},
	{"recorded", func(e Entry) string { return exactly(e.Recorded) }},
	{"by", func(e Entry) string { return e.By }},
	{"by_id", func(e Entry) string { return e.ByID }},
	{"by_kind", func(e Entry) string { return e.ByKind }},
	{"role", func(e Entry) string { return e.Role }},
	{"step", func(e Entry) string { return e.Step }},
	{"title", func(e Entry) string { return e.Title }},
	{"item", func(e Entry) string { return e.Item }},
	{"attempt", func(e Entry) string { return counted(e.Attempt) }},
	{"what", func(e Entry) string { return e.What }},
	{"result", func(e Entry) string { return e.Result }},
	{"why", func(e Entry) string { return e.Why }},
	{"seen", func(e Entry) string { return lines(e.Seen) }},
	{"channel", func(e Entry) string { return e.Channel }},
	{"subject", func(e Entry) string { return e.Subject }},
	{"hash", func(e Entry) string { return e.Hash }},
	{"prev", func(e Entry) string { return e.Prev }},
	{"drill", func(e Entry) string { return ifSo(e.Drill) }},
}

func columnNames() []string {
	var out []string
	for _, c := range columns {
		out = append(out, c.name)
	}
	return out
}

func (e Entry) cells() []string {
	var out []string
	for _, c := range columns {
		out = append(out, harmless(c.of(e)))
	}
	return out
}

func exactly(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.Format(time.RFC3339Nano)
}

func ifSo(so bool) string {
	if !so {
		return ""
	}
	return "true"
}

func counted(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// lines are texts by name in one cell, a line each: name: text. What would be more than a
// line, or could be read otherwise, stands in quotes as Go has them.
func lines(m map[string]string) string {
	var out []string
	for _, name := range sortedKeys(m) {
		out = append(out, inLine(name, ": ")+": "+inLine(m[name], "\n"))
	}
	return strings.Join(out, "\n")
}

func inLine(text, not string) string {
	if text == "" || strings.HasPrefix(text, `"`) || strings.Contains(text, not) || strings.Contains(text, "\n") {
		return strconv.Quote(text)
	}
	return text
}

// formula begins a cell that a spreadsheet would compute; the last are what it takes for the
// same in some languages.
const formula = "=+-@\t\r\n＝＋－＠"

// harmless is a cell that a spreadsheet shows as it is: ' before what it would compute, as it
// hides that itself. A cell that begins with ' has one more, so that nothing is lost.
func harmless(cell string) string {
	if i := strings.IndexAny(cell, formula+"'"); i == 0 {
		return "'" + cell
	}
	return cell
}

// row writes one record after RFC 4180: its lines end with CRLF, and a cell stands in quotes
// where it has to. The lines within a cell end as they are.
func (w *Writer) row(cells []string) error {
	for i, cell := range cells {
		if strings.ContainsAny(cell, ",\"\r\n;\t") || strings.HasPrefix(cell, " ") || strings.HasSuffix(cell, " ") {
			cells[i] = `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
		}
	}
	_, err := w.out.WriteString(strings.Join(cells, ",") + "\r\n")
	return err
}
