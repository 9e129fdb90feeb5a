package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/stationmaster/stationmaster/cmd/internal/procedures"
)

func newCommand() *cobra.Command {
	config := ""
	c := &cobra.Command{
		Use: "new KIND ID", Short: "Write a commented procedure to begin with", Args: cobra.ExactArgs(2), ValidArgs: procedures.SkeletonKinds(),
		Long: "Write a commented procedure to begin with into the folder of the config, or into the current one. It is valid as\n" +
			"it is, and what is there already is never overwritten. There are:\n\n" + procedures.Skeletons(),
		RunE: func(c *cobra.Command, args []string) error {
			name, err := procedures.New(config, args[0], args[1])
			if err != nil {
				return err
			}
			fmt.Fprintf(c.OutOrStdout(), "%s is written. Editors complete it with `stationmaster procedure schema` beside it, as procedure.schema.json.\n", name)
			return nil
		},
	}
	c.Flags().StringVar(&config, "config", "", "the config file, whose folder of procedures it goes into (default: the current folder)")
	return c
}

func importCommand() *cobra.Command {
	out := ""
	c := &cobra.Command{
		Use: "import FILE.md", Short: "Make a procedure of a document", Args: cobra.ExactArgs(1),
		Long: "Make a procedure of a document: headings become phases, lists steps or checklists, code and the rest of a sentence\n" +
			"how a step is done, ~5 minutes its estimate. Every step is confirmed by a person, so that it can be run as it is;\n" +
			"what to look at stands at its top.",
		RunE: func(c *cobra.Command, args []string) error {
			data, err := procedures.Import(args[0])
			if err != nil {
				return err
			}
			if out != "" {
				return procedures.Write(out, data)
			}
			_, err = c.OutOrStdout().Write(data)
			return err
		},
	}
	c.Flags().StringVarP(&out, "output", "o", "", "the file to write, which must not be there yet (default: it is printed)")
	return c
}

func kindsCommand() *cobra.Command {
	format := ""
	c := &cobra.Command{
		Use: "kinds [NAME]", Short: "Say what steps can do", Args: cobra.MaximumNArgs(1), ValidArgs: procedures.KindNames(),
		RunE: func(c *cobra.Command, args []string) error {
			name := ""
			if len(args) > 0 {
				name = args[0]
			}
			text, err := procedures.Kinds(name, format)
			if err != nil {
				return err
			}
			fmt.Fprint(c.OutOrStdout(), text)
			return nil
		},
	}
	c.Flags().StringVar(&format, "format", "text", "text, markdown or json")
	return c
}

func schemaCommand() *cobra.Command {
	return &cobra.Command{
		Use: "schema", Short: "Print the JSON Schema of procedures, for editors", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			data, err := procedures.Schema()
			if err != nil {
				return err
			}
			_, err = c.OutOrStdout().Write(data)
			return err
		},
	}
}
