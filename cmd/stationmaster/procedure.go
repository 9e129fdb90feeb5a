package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stationmaster/stationmaster/cmd/internal/app"
	"github.com/stationmaster/stationmaster/cmd/internal/procedures"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/templates"
	"github.com/stationmaster/stationmaster/templates/strict"
)

// An exit ends the program with a code, and with a line that has nothing in front.
type exit struct {
	code int
	said string
}

func (e exit) Error() string { return e.said }

// The codes of what looks at files.
const (
	exitMistakes   = 1
	exitUnreadable = 2
)

func procedureCommand() *cobra.Command {
	c := &cobra.Command{Use: "procedure", Short: "Write, read and check procedures", Args: cobra.NoArgs}
	c.AddCommand(newCommand(), validateCommand(), listCommand(), kindsCommand(), schemaCommand(), pageCommand(), reviewCommand(), rehearseCommand(), tryCommand(), importCommand())
	return c
}

func validateCommand() *cobra.Command {
	config, format := "", ""
	c := &cobra.Command{
		Use: "validate FILE…", Short: "Say what is wrong with procedures", Args: cobra.MinimumNArgs(1),
		Long: "Validate prints a line for each mistake, FILE:LINE:COLUMN: what is wrong, so that editors and CI can jump there.\nIt exits with 0, with 1 if there are mistakes, and with 2 if a file can't be read. Warnings do not count.",
		RunE: func(c *cobra.Command, files []string) error {
			write, ok := findingFormats[format]
			if !ok {
				return exit{exitUnreadable, fmt.Sprintf("there is no format %q; there are: text, json, github", format)}
			}
			files = withoutTests(c.ErrOrStderr(), files)
			found, err := app.Validate(config, files)
			if err != nil {
				return exit{exitUnreadable, err.Error()}
			}
			if err := write(c.OutOrStdout(), found); err != nil {
				return exit{exitUnreadable, err.Error()}
			}
			if config == "" {
				fmt.Fprintln(c.ErrOrStderr(), "Roles, channels, environments and retailers were not looked at; --config FILE does.")
			}
			if len(found.Mistakes) > 0 {
				return exit{exitMistakes, tally(found.Mistakes)}
			}
			if len(files) > 0 {
				fmt.Fprintf(c.ErrOrStderr(), "No mistakes in %s.\n", deployer.Count(len(files), "file"))
			}
			return nil
		},
	}
	c.Flags().StringVar(&config, "config", "", "the config whose roles, channels, environments and retailers they may name")
	c.Flags().StringVar(&format, "format", "text", "text, json or github")
	return c
}

// withoutTests are the files that hold procedures; of the others it says what runs them.
func withoutTests(w io.Writer, files []string) []string {
	return slices.DeleteFunc(slices.Clone(files), func(file string) bool {
		tests := procedures.HoldsTests(file)
		if tests {
			fmt.Fprintf(w, "%s holds tests; `stationmaster procedure test` runs it.\n", file)
		}
		return tests
	})
}

// tally counts the mistakes, and the files that they stand in.
func tally(found strict.Problems) string {
	files := map[string]bool{}
	for _, p := range found {
		files[p.File] = true
	}
	return deployer.Count(len(found), "mistake") + " in " + deployer.Count(len(files), "file")
}

// findingFormats are the ways to write what was found.
var findingFormats = map[string]func(io.Writer, templates.Findings) error{"text": writeText, "json": writeJSON, "github": writeAnnotations}

func writeText(w io.Writer, found templates.Findings) error {
	for _, p := range found.Mistakes {
		if _, err := fmt.Fprintln(w, p.Error()); err != nil {
			return fmt.Errorf("write what was found: %w", err)
		}
	}
	for _, p := range found.Doubts {
		if _, err := fmt.Fprintf(w, "%s:%d:%d: warning: %s\n", p.File, p.Line, p.Column, p.Why); err != nil {
			return fmt.Errorf("write what was found: %w", err)
		}
	}
	return nil
}

// A finding is one of them in JSON.
type finding struct {
	File     string `json:"file"`
	Line     int    `json:"line"`
	Column   int    `json:"column"`
	Code     string `json:"code"`
	Message  string `json:"message"`
	Hint     string `json:"hint"`
	Severity string `json:"severity"` // error or warning
}

func writeJSON(w io.Writer, found templates.Findings) error {
	out := []finding{}
	add := func(severity string, problems strict.Problems) {
		for _, p := range problems {
			out = append(out, finding{p.File, p.Line, p.Column, p.Code, p.What(), p.Hint, severity})
		}
	}
	add("error", found.Mistakes)
	add("warning", found.Doubts)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(out); err != nil {
		return fmt.Errorf("write what was found: %w", err)
	}
	return nil
}

// How a message and a property of an annotation are escaped.
// https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts
var (
	annotationMessage  = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	annotationProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

func writeAnnotations(w io.Writer, found templates.Findings) error {
	for _, some := range []struct {
		severity string
		problems strict.Problems
	}{{"error", found.Mistakes}, {"warning", found.Doubts}} {
		for _, p := range some.problems {
			if _, err := fmt.Fprintf(w, "::%s file=%s,line=%d,col=%d::%s\n", some.severity, annotationProperty.Replace(p.File), p.Line, p.Column, annotationMessage.Replace(p.Why)); err != nil {
				return fmt.Errorf("write what was found: %w", err)
			}
		}
	}
	return nil
}
