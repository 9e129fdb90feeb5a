package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/stationmaster/stationmaster/cmd/internal/app"
	"github.com/stationmaster/stationmaster/cmd/internal/export"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/report"
)

// exportFlags are what was said of an export.
type exportFlags struct{ config, since, until, format, out string }

func auditExportCommand() *cobra.Command {
	f := exportFlags{}
	c := &cobra.Command{
		Use: "export [ID]", Short: "Write what happened in deployments for people outside, also while the bot runs", Args: cobra.MaximumNArgs(1),
		Long: "Write what happened in one deployment, or in those that were created from --since on until the end of --until: who did\n" +
			"what and when, what was seen, why, and the hashes of the records.\n\n" +
			"As jsonl it is an event a line, in JSON; as csv an event a row, below a header, for spreadsheets: a cell that they\n" +
			"would compute has ' before it. As markdown it is a page for each deployment, as a post-mortem begins.\n\n" +
			"Where the records are not what was written, those before are written, and the command ends with 1.",
		RunE: func(c *cobra.Command, args []string) error {
			which, err := f.selects(args)
			if err != nil {
				return err
			}
			cfg, err := app.Load(f.config)
			if err != nil {
				return err
			}
			return f.write(c, cfg, which)
		},
	}
	configFlag(c, &f.config)
	c.Flags().StringVar(&f.since, "since", "", "a date such as 2026-01-01, which begins in UTC, or a time such as 2026-01-01T18:00:00+01:00")
	c.Flags().StringVar(&f.until, "until", "", "a date, which is within the span, or a time, which is not")
	c.Flags().StringVar(&f.format, "format", string(report.JSONLines), "jsonl, csv or markdown")
	c.Flags().StringVarP(&f.out, "output", "o", "", "the file to write, which must not be there yet (default: it is printed)")
	return c
}

// selects is which deployments are meant.
func (f exportFlags) selects(args []string) (which export.Selection, err error) {
	span := f.since != "" || f.until != ""
	if span == (len(args) > 0) {
		return which, errors.New("name one deployment, such as tangerine-142, or say --since, --until or both")
	}
	if !span {
		which.ID = args[0]
		return which, nil
	}
	if f.since != "" {
		if which.Since, err = parseDate("since", f.since); err != nil {
			return which, err
		}
	}
	if f.until == "" {
		return which, nil
	}
	if which.Until, err = parseDate("until", f.until); err != nil {
		return which, err
	}
	if len(f.until) == len(time.DateOnly) { // the whole day
		which.Until = which.Until.AddDate(0, 0, 1)
	}
	if !which.Since.Before(which.Until) {
		return which, fmt.Errorf("--until %s is before --since %s", f.until, f.since)
	}
	return which, nil
}

// write writes to the file, or prints.
func (f exportFlags) write(c *cobra.Command, cfg app.Config, which export.Selection) error {
	out, end := c.OutOrStdout(), func(error) error { return nil }
	if f.out != "" {
		file, err := os.OpenFile(f.out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("%s is there already; name another file", f.out)
		}
		if err != nil {
			return err
		}
		out, end = file, func(failed error) error { return finish(file, failed) }
	}
	done, err := export.Write(c.Context(), cfg, which, report.Format(f.format), out)
	if err := errors.Join(err, end(err)); err != nil {
		return err
	}
	f.tells(c, done, which)
	if len(done.Broken) > 0 {
		return errAltered
	}
	return nil
}

// tells says what was written, where that is not in its way, and what was not.
func (f exportFlags) tells(c *cobra.Command, done export.Done, which export.Selection) {
	says := c.ErrOrStderr()
	for _, broken := range done.Broken {
		fmt.Fprintln(says, broken)
	}
	if which.ID == "" && done.Archived > 0 {
		fmt.Fprintf(says, "not among them: %s in archives, which `stationmaster audit verify` lists\n", deployer.Count(done.Archived, "deployment"))
	}
	if f.out != "" {
		fmt.Fprintf(c.OutOrStdout(), "wrote %s, %s, to %s\n", deployer.Count(done.Deployments, "deployment"), deployer.Count(done.Events, "event"), f.out)
	}
}

// finish ends a file; one that was not written to its end is taken away.
func finish(file *os.File, failed error) error {
	err := file.Close()
	if failed == nil && err == nil {
		return nil
	}
	return errors.Join(err, os.Remove(file.Name()))
}
