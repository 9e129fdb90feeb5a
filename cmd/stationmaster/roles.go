package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stationmaster/stationmaster/cmd/internal/app"
)

func rolesCommand() *cobra.Command {
	c := &cobra.Command{Use: "roles", Short: "Say by id who holds the roles of a config"}
	c.AddCommand(pinCommand())
	return c
}

func pinCommand() *cobra.Command {
	config, dry := "", false
	c := &cobra.Command{
		Use: "pin [NAME=ID…]", Short: "Write the ids into the config that its names stand for",
		Long: "Write the ids into the config that the names under roles, and the tam of retailers, stand for: bob becomes\n" +
			"U012AB3CD # bob, and all else stays as it is. Where somebody else bears a name than before, or two people do,\n" +
			"say who is meant: bob=U012AB3CD. SLACK_BOT_TOKEN and SLACK_APP_TOKEN must be set.",
		RunE: func(c *cobra.Command, args []string) error {
			chosen := map[string]string{}
			for _, arg := range args {
				name, id, ok := strings.Cut(arg, "=")
				if !ok || name == "" || id == "" {
					return fmt.Errorf("%q does not say who is meant by which name; write for example bob=U012AB3CD", arg)
				}
				chosen[app.PinName(name)] = id
			}
			opts, err := fromEnvironment()
			if err != nil {
				return err
			}
			p, err := app.PinRoles(c.Context(), config, opts, chosen)
			if err != nil {
				return err
			}
			fmt.Fprint(c.OutOrStdout(), p.Diff())
			if !dry {
				if err := p.Write(); err != nil {
					return err
				}
				if err := p.Keep(c.Context()); err != nil {
					fmt.Fprintln(c.ErrOrStderr(), "warning: the store keeps what it had, which does no harm, since the ids count:", err)
				}
			}
			return errors.Join(p.Wrong...)
		},
	}
	configFlag(c, &config)
	c.Flags().BoolVar(&dry, "dry-run", false, "only show what would be written")
	return c
}
