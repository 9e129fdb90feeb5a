package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stationmaster/stationmaster/cmd/internal/procedures"
	"github.com/stationmaster/stationmaster/deployer"
)

// folderFlag is the config whose folder of procedures lies over the built-in ones.
func folderFlag(c *cobra.Command, config *string) {
	c.Flags().StringVar(config, "config", "", "the config file, whose folder of procedures lies over the built-in ones")
}

func listCommand() *cobra.Command {
	config := ""
	c := &cobra.Command{
		Use: "list", Short: "List the procedures, and what uses each", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			l, err := procedures.Open(config)
			if err != nil {
				return err
			}
			text, err := l.List()
			if err != nil {
				return err
			}
			fmt.Fprint(c.OutOrStdout(), text)
			fmt.Fprintln(c.ErrOrStderr(), l.Where())
			return nil
		},
	}
	folderFlag(c, &config)
	return c
}

func pageCommand() *cobra.Command {
	config, site, inputs := "", procedures.Site{}, []string(nil)
	c := &cobra.Command{
		Use: "show ID|FILE.yaml", Short: "Print a procedure as a page", Args: cobra.ExactArgs(1),
		Long: "Print a procedure as a page in Markdown, with all that it extends and includes in its place, and every default in\n" +
			"words. For a service and a retailer names are filled in, and what is not needed there is struck through.",
		RunE: func(c *cobra.Command, args []string) error {
			var err error
			if site.Inputs, err = inputsOf(inputs); err != nil {
				return err
			}
			text, err := procedures.Show(config, args[0], site)
			if err != nil {
				return err
			}
			fmt.Fprint(c.OutOrStdout(), text)
			return nil
		},
	}
	folderFlag(c, &config)
	c.Flags().StringSliceVar(&site.Services, "service", nil, "for this service; may be repeated")
	c.Flags().StringVar(&site.Retailer, "retailer", "", "at this retailer")
	c.Flags().StringVar(&site.Product, "product", "", "of this product, where there are no retailers")
	c.Flags().StringVar(&site.Environment, "env", "", "in this environment (default: the retailer's)")
	c.Flags().StringArrayVar(&inputs, "input", nil, "with this input, as ID=VALUE; may be repeated")
	c.MarkFlagsMutuallyExclusive("retailer", "product")
	return c
}

// inputsOf reads inputs, each as ID=VALUE.
func inputsOf(words []string) (map[string]string, error) {
	out := map[string]string{}
	for _, in := range words {
		id, value, ok := strings.Cut(in, "=")
		if !ok {
			return nil, fmt.Errorf("%q is no input; write for example risk=high", in)
		}
		out[id] = value
	}
	return out, nil
}

func reviewCommand() *cobra.Command {
	config, strictly := "", false
	c := &cobra.Command{
		Use: "check ID|FILE.yaml", Short: "Say what a reviewer of a procedure would miss", Args: cobra.ExactArgs(1),
		Long: "Say what a reviewer of a procedure would miss in it, with the place of each, and why it matters. Mistakes are\n" +
			"found by `stationmaster procedure validate`.",
		RunE: func(c *cobra.Command, args []string) error {
			found, err := procedures.Check(config, args[0])
			if err != nil {
				return err
			}
			for _, f := range found {
				fmt.Fprintln(c.OutOrStdout(), f.Error())
			}
			switch n := len(found); {
			case n == 0:
				fmt.Fprintln(c.OutOrStdout(), "a reviewer would miss nothing")
			case strictly:
				return fmt.Errorf("a reviewer would miss %s", deployer.Count(n, "thing"))
			}
			return nil
		},
	}
	folderFlag(c, &config)
	c.Flags().BoolVar(&strictly, "strict", false, "end with 1 where something would be missed")
	return c
}
