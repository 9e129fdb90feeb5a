package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/stationmaster/stationmaster/cmd/internal/app"
)

func backupCommand() *cobra.Command {
	config := ""
	c := &cobra.Command{
		Use: "backup FILE", Short: "Copy the store into a new file, also while the bot runs", Args: cobra.ExactArgs(1),
		Long: "Copy the store into a new file, also while the bot runs. The copy shows one moment, and is opened and verified\n" +
			"before it gets its name. To go back to it, stop the bot and put the file in the store's place; the bot then\n" +
			"does not know what has happened since.",
		RunE: func(c *cobra.Command, args []string) error {
			cfg, err := app.Load(config)
			if err != nil {
				return err
			}
			if err := app.Backup(c.Context(), cfg, args[0]); err != nil {
				return err
			}
			fmt.Fprintln(c.OutOrStdout(), "backed up to", args[0])
			return nil
		},
	}
	configFlag(c, &config)
	return c
}

func storeCommand() *cobra.Command {
	c := &cobra.Command{Use: "store", Short: "Look into the store, and keep it small"}
	c.AddCommand(showCommand(), compactCommand(), archiveCommand())
	return c
}

func showCommand() *cobra.Command {
	config, locks := "", false
	c := &cobra.Command{
		Use: "show ID", Short: "Print the records of a deployment, or of locks, as they were written",
		Args: func(c *cobra.Command, args []string) error {
			if locks {
				return cobra.NoArgs(c, args)
			}
			if len(args) != 1 {
				return errors.New("name one deployment, such as tangerine-142, or say --locks")
			}
			return nil
		},
		Long: "Print the records of a deployment, as they were written: a line each, in JSON, and last what lists show of it.\n" +
			"With --locks, in place of an ID: what was locked and lifted, by whom, and last what is locked.\n" +
			"The bot must not run; or let the config name a backup.",
		RunE: func(c *cobra.Command, args []string) error {
			cfg, err := app.Load(config)
			if err != nil {
				return err
			}
			if locks {
				return app.ShowLocks(c.Context(), cfg, c.OutOrStdout())
			}
			return app.ShowRecords(c.Context(), cfg, args[0], c.OutOrStdout())
		},
	}
	configFlag(c, &config)
	c.Flags().BoolVar(&locks, "locks", false, "print what was locked and lifted, in place of a deployment")
	return c
}

func compactCommand() *cobra.Command {
	config := ""
	c := &cobra.Command{
		Use: "compact", Short: "Write the store's file anew, without what is free in it", Args: cobra.NoArgs,
		Long: "Write the store's file anew, without what is free in it. The bot must not run. The new file takes the old one's\n" +
			"place when it is on disk and was compared with it: a crash leaves the one or the other.",
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := app.Load(config)
			if err != nil {
				return err
			}
			before, after, err := app.CompactStore(cfg)
			if err != nil {
				return err
			}
			fmt.Fprintf(c.OutOrStdout(), "%d bytes became %d\n", before, after)
			return nil
		},
	}
	configFlag(c, &config)
	return c
}

func archiveCommand() *cobra.Command {
	config, before := "", ""
	c := &cobra.Command{
		Use: "archive FILE", Short: "Move deployments that ended long ago out of the store into a file", Args: cobra.ExactArgs(1),
		Long: "Move the deployments that have ended, and were created before a date, out of the store into a new file: one record\n" +
			"a line, in JSON, as it was written. They are taken out once the file is on disk and was read back. The chain\n" +
			"of all records stays whole. The bot must not run. Broken off, it can be run again, with another file.",
		RunE: func(c *cobra.Command, args []string) error {
			cfg, err := app.Load(config)
			if err != nil {
				return err
			}
			at, err := parseDate("before", before)
			if err != nil {
				return err
			}
			done, err := app.ArchiveStore(c.Context(), cfg, at, args[0])
			if err != nil {
				return err
			}
			for _, kept := range done.Skipped {
				fmt.Fprintln(c.ErrOrStderr(), "kept", kept)
			}
			fmt.Fprintf(c.OutOrStdout(), "archived %d deployments, %d records, to %s; `stationmaster store compact` gives the space back\n",
				done.Deployments, done.Records, args[0])
			return nil
		},
	}
	configFlag(c, &config)
	c.Flags().StringVar(&before, "before", "", "a date such as 2026-01-31, which begins in UTC, or a time such as 2026-01-31T18:00:00+01:00")
	if err := c.MarkFlagRequired("before"); err != nil {
		panic(err)
	}
	return c
}

// parseDate reads the date or the time of a flag.
func parseDate(flag, text string) (time.Time, error) {
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if at, err := time.Parse(layout, text); err == nil {
			return at, nil
		}
	}
	return time.Time{}, fmt.Errorf("--%s %q is no date; write for example 2026-01-31", flag, text)
}
