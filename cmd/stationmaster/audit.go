package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/stationmaster/stationmaster/cmd/internal/app"
)

func auditCommand() *cobra.Command {
	c := &cobra.Command{Use: "audit", Short: "Prove that the records are what was written"}
	c.AddCommand(auditVerifyCommand())
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
			"With --head, the records must hold that one too, which finds a file that was chained anew, or an older one that was\n" +
			"put back. Every message of a good end carries one in its metadata: head, and signature.",
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := app.Load(config)
			if err != nil {
				return err
			}
			head, err := app.VerifyStore(c.Context(), cfg, heads)
			if app.Altered(err) {
				fmt.Fprintln(c.OutOrStdout(), err)
				return errAltered
			}
			if err == nil {
				fmt.Fprintf(c.OutOrStdout(), "ok\n%s\n", head)
			}
			return err
		},
	}
	configFlag(c, &config)
	c.Flags().StringArrayVar(&heads, "head", nil, "a head that was kept, HEAD or HEAD.SIGNATURE; may be repeated")
	return c
}
