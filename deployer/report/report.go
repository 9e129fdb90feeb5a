// Package report writes what happened in deployments for people who don't use the bot:
// auditors, and whoever writes a post-mortem. JSON Lines and CSV have every event, an event
// a line or a row, the same in both; Markdown has a page for each deployment.
//
// It is pure: the same records come to the same bytes. What people and systems have written
// is escaped for where it stands, and what looks like a secret is left out, wherever somebody
// has put one by mistake.
package report

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// A Format is how events are written.
type Format string

// The formats.
const (
	JSONLines Format = "jsonl"    // an Entry a line
	CSV       Format = "csv"      // an Entry a row, after RFC 4180, below a header
	Markdown  Format = "markdown" // a page for each deployment
)

// A History is one deployment, as it is written down.
type History struct {
	Deployment deployer.Deployment
	Records    []deployer.Record
	Broken     error          // the records are those before the first that is not what was written; nil: all of them
	Zone       *time.Location // of its people; nil: as the deployment says, or UTC
}

// zone is where its people are.
func (h History) zone() *time.Location {
	if h.Zone != nil {
		return h.Zone
	}
	if zone, err := time.LoadLocation(h.Deployment.Place.Zone); err == nil {
		return zone
	}
	return time.UTC
}

// A Writer writes histories one after the other. It is not safe for concurrent use.
type Writer struct {
	out    *bufio.Writer
	format Format
	pages  int
}

// NewWriter begins to write in a format; of another one it is an error. Nothing is sure to
// be written before Flush.
func NewWriter(out io.Writer, f Format) (*Writer, error) {
	w := &Writer{out: bufio.NewWriter(out), format: f}
	switch f {
	case JSONLines, Markdown:
		return w, nil
	case CSV:
		return w, w.row(columnNames())
	}
	return nil, fmt.Errorf("%q is no format; it is %s, %s or %s", f, JSONLines, CSV, Markdown)
}

// Write writes all of a history.
func (w *Writer) Write(h History) error {
	if w.format == Markdown {
		if w.pages++; w.pages > 1 {
			if _, err := w.out.WriteString("\n---\n\n"); err != nil {
				return err
			}
		}
		_, err := w.out.WriteString(page(h))
		return err
	}
	for _, e := range Entries(h) {
		if err := w.entry(e); err != nil {
			return err
		}
	}
	return nil
}

// Flush has everything written.
func (w *Writer) Flush() error { return w.out.Flush() }

func (w *Writer) entry(e Entry) error {
	if w.format == CSV {
		return w.row(e.cells())
	}
	enc := json.NewEncoder(w.out)
	enc.SetEscapeHTML(false)
	return enc.Encode(e)
}
