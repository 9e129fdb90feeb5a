package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/stationmaster/stationmaster/cmd/internal/app"
)

func auditCommand() *cobra.Command {
	c := &cobra.Command{Use: "audit", Short: "Prove that the records are what was written, and export them"}
	c.AddCommand(auditVerifyCommand(), auditExportCommand())
	return c
}

// errAltered ends a verification that has found something: it is printed before.
var errAltered = errors.New("the records are not what was written")

func auditVerifyCommand() *cobra.Command {
	config, heads := "", []string(nil)
	c := &cobra.Command{
		Use: "verify", Short: "Say what is wrong with the records, a line each, also while the bot runs", Args: cobra.NoArgs,
		Long: "Prove that every record is what was written, in its order, and that none is missing. What is wrong is printed, a\n" +
			"line each, and the command ends with 1. Otherwise it prints the present head of the records: a point of the chain\n" +
			"over all of them, signed if the config names audit.key. Keep it where whoever can write the database can't.\n\n" +
			"A line for each archive follows: how much it took out, when, and what `sha256sum` says of its file. An archive that you\n" +
			"don't know, or whose file is not there, was forged.\n\n" +
			"With --head, the records must hold that one too, which finds a file that was chained anew, or an older one that was\n" +
			"put back. Every message of a good end carries one in its metadata: head, and signature.",
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := app.Load(config)
			if err != nil {
				return err
			}
			v, err := app.VerifyStore(c.Context(), cfg, heads)
			switch {
			case app.Altered(err):
				fmt.Fprintln(c.OutOrStdout(), err)
				err = errAltered
			case err != nil:
				return err
			default:
				fmt.Fprintf(c.OutOrStdout(), "ok\n%s\n", v.Head)
			}
			for _, a := range v.Archives {
				fmt.Fprintf(c.OutOrStdout(), "archived %d deployments, %d records, at %s, into a file with SHA-256 %s\n",
					a.Deployments, a.Records, a.At.UTC().Format(time.DateTime+" MST"), a.SHA256)
			}
			return err
		},
	}
	configFlag(c, &config)
	c.Flags().StringArrayVar(&heads, "head", nil, "a head that was kept, HEAD or HEAD.SIGNATURE; may be repeated")
	return c
}
