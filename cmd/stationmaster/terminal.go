package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/stationmaster/stationmaster/cmd/internal/app"
	"github.com/stationmaster/stationmaster/cmd/internal/control"
)

// The codes of what asks a running process.
const (
	exitRefused     = 1
	exitUnreachable = 2
)

// A reach is how a running process is found, and how it is to be read.
type reach struct{ config, socket, format string }

func (r *reach) flags(c *cobra.Command) {
	c.Flags().StringVar(&r.config, "config", "", "the config of the running process, which says where its socket is")
	c.Flags().StringVar(&r.socket, "socket", "", "the socket itself, where the config can't be read")
	c.Flags().StringVar(&r.format, "format", "text", "text or json")
	c.MarkFlagsOneRequired("config", "socket")
	c.MarkFlagsMutuallyExclusive("config", "socket")
	fixed := func(words ...string) func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)
	}
	if err := c.RegisterFlagCompletionFunc("format", fixed("text", "json")); err != nil {
		panic(err)
	}
}

// client is how to ask.
func (r *reach) client() (control.Client, error) {
	if r.format != "text" && r.format != "json" {
		return control.Client{}, exit{exitUnreachable, fmt.Sprintf("there is no format %q; there are: text, json", r.format)}
	}
	if r.socket != "" {
		return control.Client{Path: r.socket}, nil
	}
	cfg, err := app.Load(r.config)
	if err != nil {
		return control.Client{}, exit{exitUnreachable, err.Error()}
	}
	path, err := app.SocketOf(cfg)
	if err != nil {
		return control.Client{}, exit{exitUnreachable, err.Error()}
	}
	return control.Client{Path: path}, nil
}

// text is how it is written for people.
func (r *reach) text() control.Text {
	where := []string{"--config " + control.Quote(r.config)}
	if r.socket != "" {
		where = []string{"--socket " + control.Quote(r.socket)}
	}
	return control.Text{Now: time.Now(), Zone: time.Local, Where: where}
}

// print writes what was said, for people or for programs.
func (r *reach) print(w io.Writer, said any, text string) error {
	if r.format == "text" {
		_, err := io.WriteString(w, text)
		return err
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(said)
}

// failed is how a command ends that was refused, or that reached nobody.
func (r *reach) failed(w io.Writer, err error) error {
	no, refused := errors.AsType[*control.Refused](err)
	switch {
	case !refused:
		return exit{exitUnreachable, "stationmaster: " + err.Error()}
	case r.format == "json":
		return errors.Join(r.print(w, no, ""), exit{exitRefused, ""})
	}
	return exit{exitRefused, r.text().Refused(no)}
}

func statusCommand() *cobra.Command {
	r := reach{}
	c := &cobra.Command{
		Use: "status [ID]", Short: "Say what is under way, also when Slack is away", Args: cobra.MaximumNArgs(1),
		Long: "Ask the running process what is under way or, with an ID, all of one deployment, with what can be answered and the\n" +
			"commands for that. It knows who asks by the login on this machine, as people of the config says.\n" +
			"It exits with 0, with 1 if it is refused, and with 2 if no process can be reached.",
		RunE: func(c *cobra.Command, args []string) error {
			client, err := r.client()
			if err != nil {
				return err
			}
			if len(args) == 0 {
				l, err := client.List(c.Context())
				if err != nil {
					return r.failed(c.OutOrStdout(), err)
				}
				return r.print(c.OutOrStdout(), l, r.text().Listing(l))
			}
			d, err := client.Show(c.Context(), args[0])
			if err != nil {
				return r.failed(c.OutOrStdout(), err)
			}
			return r.print(c.OutOrStdout(), d, r.text().Detail(d))
		},
	}
	r.flags(c)
	return c
}

// pairs adds what is written as NAME=VALUE, or returns what is not.
func pairs(to map[string]string, written []string) (wrong string, ok bool) {
	for _, w := range written {
		name, value, ok := strings.Cut(w, "=")
		if !ok || name == "" {
			return w, false
		}
		to[name] = value
	}
	return "", true
}

func actCommand() *cobra.Command {
	r, a, fields, tags := reach{}, control.Answer{}, []string(nil), []string(nil)
	c := &cobra.Command{
		Use: "act ID CHOICE", Short: "Answer what a deployment asks, also when Slack is away", Args: cobra.ExactArgs(2),
		Long: "Answer what a deployment asks, by the same rules as a button in Slack: who may, and that nobody approves their own,\n" +
			"is decided alike, and the record says that it came from a terminal. CHOICE is one of:\n  " + strings.Join(control.Words(), ", ") + "\n" +
			"`stationmaster status ID` prints the commands that there are now. An approval needs its --seen, which stands for\n" +
			"what is approved.\n" +
			"It exits with 0, with 1 if it is refused, and with 2 if no process can be reached.",
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) == 1 {
				return control.Words(), cobra.ShellCompDirectiveNoFileComp
			}
			return nil, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(c *cobra.Command, args []string) error {
			a.Fields = map[string]string{}
			if f, ok := pairs(a.Fields, fields); !ok {
				return exit{exitRefused, fmt.Sprintf("--field %q does not say which field is what; write for example ticket=CHG-1", f)}
			}
			if f, ok := pairs(a.Fields, tags); !ok {
				return exit{exitRefused, fmt.Sprintf("--tag %q does not say which service gets which tag; write for example web=v1.2.3", f)}
			}
			client, err := r.client()
			if err != nil {
				return err
			}
			a.Choice = strings.ToLower(args[1])
			d, err := client.Answer(c.Context(), args[0], a)
			if err != nil {
				return r.failed(c.OutOrStdout(), err)
			}
			return r.print(c.OutOrStdout(), d, r.text().Done(d))
		},
	}
	r.flags(c)
	c.Flags().StringVar(&a.Step, "step", "", "the step that is meant, where several wait for that")
	c.Flags().StringVar(&a.Item, "item", "", "for what of it, where a step asks for several things")
	c.Flags().StringSliceVar(&a.Services, "services", nil, "which services go back; without it, those that have failed")
	c.Flags().StringVar(&a.Reason, "reason", "", "why; needed to reject, skip, patch and abort")
	c.Flags().StringArrayVar(&tags, "tag", nil, "what a service is patched forward to, as SERVICE=TAG; may be repeated")
	c.Flags().StringArrayVar(&fields, "field", nil, "what is filled in, as NAME=VALUE; may be repeated")
	c.Flags().StringVar(&a.Seen, "seen", "", "what status has shown: if something else is asked now, nothing is done")
	return c
}
