package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// said is what a command line prints.
func said(args ...string) (string, error) {
	c := root()
	var out bytes.Buffer
	c.SetOut(&out)
	c.SetErr(&out)
	c.SetArgs(args)
	err := c.Execute()
	return out.String(), err
}

// TestProcedureCommands: one is begun, looked at and reviewed from the command line.
func TestProcedureCommands(t *testing.T) {
	folder := t.TempDir()
	config := filepath.Join(folder, "config.yaml")
	document := filepath.Join(folder, "sop.md")
	for name, text := range map[string]string{config: "procedures: " + folder + "/procedures\n", document: "# SOP\n\n1. Do it. ~5 minutes\n"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	made := filepath.Join(folder, "procedures", "web.yaml")
	if err := os.Mkdir(filepath.Dir(made), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		want string // in what it prints, or in its error
		fail bool
	}{
		{[]string{"new", "checklist", "web", "--config", config}, "web.yaml is written", false},
		{[]string{"new", "checklist", "web", "--config", config}, "it is there already", true},
		{[]string{"show", made}, "# Checklist", false},
		{[]string{"show", made, "--input", "risk"}, "write for example risk=high", true},
		{[]string{"check", made}, "a reviewer would miss nothing", false},
		{[]string{"run", "quick", "web", "v2"}, "procedures are started in Slack", true},
		{[]string{"run", "quick", "--dry-run"}, "add --config FILE", true},
		{[]string{"run", "quick", "web", "--dry-run", "--config", config}, "web has no tag", true},
		{[]string{"run", "quick", "web", "v2", "--dry-run", "--config", config}, "there are no services", true},
		{[]string{"kinds", "wait"}, "wait: time passes", false},
		{[]string{"schema"}, "https://json-schema.org/draft/2020-12/schema", false},
		{[]string{"import", document}, "estimate: 5m", false},
		{[]string{"import", document, "-o", filepath.Join(filepath.Dir(made), "sop.yaml")}, "", false},
		{[]string{"check", filepath.Join(filepath.Dir(made), "sop.yaml")}, "nobody keeps it right; add owner; whoever reads it next year", false},
		{[]string{"check", "--strict", filepath.Join(filepath.Dir(made), "sop.yaml")}, "a reviewer would miss", true},
		{[]string{"list"}, "deployment", false},
	} {
		out, err := said(append([]string{"procedure"}, c.args...)...)
		if err != nil {
			out += err.Error()
		}
		if c.fail != (err != nil) || !strings.Contains(out, c.want) {
			t.Errorf("%v: %v\n%s", c.args, err, out)
		}
	}
}
