package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/stationmaster/stationmaster/cmd/internal/procedures"
)

// rehearseCommand is `procedure run`, which starts nothing: people do, where others see it.
func rehearseCommand() *cobra.Command {
	config, dry, start, inputs := "", false, procedures.Start{}, []string(nil)
	c := &cobra.Command{
		Use: "run ID [SERVICE TAG…] --dry-run", Short: "Say step by step what a procedure would do", Args: cobra.MinimumNArgs(1),
		Long: "Say who would be asked, what would be done and where messages would go, by the config alone: no system is asked and\nnothing is started. Procedures are started in Slack, where `/deploy … --dry-run` shows the same with what runs now.\n" +
			"It exits with 1 where it could not be started, as for want of an input.",
		Example: "  stationmaster procedure run quick web v2 --dry-run --retailer tangerine --config stationmaster.yaml",
		RunE: func(c *cobra.Command, args []string) (err error) {
			if !dry {
				return errors.New("procedures are started in Slack, as in /deploy web v2; with --dry-run this says what one would do")
			}
			if config == "" {
				return errors.New("who would be asked, and where, stands in the config; add --config FILE")
			}
			start.Procedure = args[0]
			if start.Releases, err = procedures.Releases(args[1:]); err != nil {
				return err
			}
			if start.Site.Inputs, err = inputsOf(inputs); err != nil {
				return err
			}
			text, err := procedures.Rehearse(c.Context(), config, start)
			fmt.Fprint(c.OutOrStdout(), text)
			return err
		},
	}
	c.Flags().StringVar(&config, "config", "", "the config file")
	c.Flags().BoolVar(&dry, "dry-run", false, "say what it would do")
	c.Flags().StringVar(&start.Site.Retailer, "retailer", "", "at this retailer (default: the only one)")
	c.Flags().StringVar(&start.Site.Product, "product", "", "of this product, where there are no retailers")
	c.Flags().StringVar(&start.Site.Environment, "env", "", "in this environment (default: the retailer's)")
	c.Flags().StringVar(&start.Site.Environment, "environment", "", "the same")
	c.Flags().StringVar(&start.At, "at", "", "when it would start, such as 22:00 (default: at once)")
	c.Flags().StringArrayVar(&inputs, "input", nil, "with this input, as ID=VALUE; may be repeated")
	c.MarkFlagsMutuallyExclusive("retailer", "product")
	return c
}
