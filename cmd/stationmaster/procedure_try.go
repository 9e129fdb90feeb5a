package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/stationmaster/stationmaster/cmd/internal/procedures"
	"github.com/stationmaster/stationmaster/deployer"
)

// tryCommand is procedure test.
func tryCommand() *cobra.Command {
	walks, seed, config := 0, uint64(0), ""
	c := &cobra.Command{
		Use: "test FILE.test.yaml… | --walks N ID|FILE.yaml…", Short: "Try procedures as their tests say", Args: cobra.MinimumNArgs(1),
		Long: "Test runs what each test of a file says that people and systems do, and compares what comes of it. Whatever a test\n" +
			"does not say goes well: people answer after a minute, machines after their estimate. Nothing outside is asked or done.\n" +
			"The procedure is looked for beside its tests, then in the folder of --config.\n" +
			"With --walks a procedure is played so often with what chance makes of it, and has to come to an end each time.\n" +
			"All keys of tests: https://github.com/stationmaster/stationmaster/blob/main/templates/README.md#every-key\n" +
			"It exits with 0, with 1 if something did not come out as it should, and with 2 if a file can't be read.",
		RunE: func(c *cobra.Command, args []string) error {
			failed := false
			for _, arg := range args {
				var ok bool
				var err error
				if walks > 0 {
					ok = walked(c, config, arg, seed, walks)
				} else if ok, err = tried(c, config, arg); err != nil {
					return exit{exitUnreadable, err.Error()}
				}
				failed = failed || !ok
			}
			if failed {
				return exit{exitMistakes, "FAIL"}
			}
			return nil
		},
	}
	c.Flags().IntVar(&walks, "walks", 0, "play it so often by chance instead")
	c.Flags().Uint64Var(&seed, "seed", 0, "the first walk's seed, which a failure names")
	folderFlag(c, &config)
	return c
}

// tried prints what came of the tests of a file, as go test prints it.
func tried(c *cobra.Command, config, file string) (ok bool, err error) {
	began := time.Now()
	results, err := procedures.Try(config, file)
	if err != nil {
		return false, err
	}
	ok = true
	for _, r := range results {
		fmt.Fprintln(c.OutOrStdout(), r)
		ok = ok && len(r.Wrong) == 0
	}
	verdict := "ok  "
	if !ok {
		verdict = "FAIL"
	}
	fmt.Fprintf(c.OutOrStdout(), "%s  %s  %s  %.3fs\n", verdict, file, deployer.Count(len(results), "test"), time.Since(began).Seconds())
	return ok, nil
}

// walked prints what came of walks through a procedure.
func walked(c *cobra.Command, config, which string, seed uint64, n int) bool {
	if err := procedures.Walk(config, which, seed, n); err != nil {
		fmt.Fprintln(c.OutOrStdout(), "FAIL  "+err.Error())
		return false
	}
	fmt.Fprintf(c.OutOrStdout(), "ok    %s  %s\n", which, deployer.Count(n, "walk"))
	return true
}
