// Stationmaster is a Slack bot that runs deployment procedures.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/klog/v2"

	"github.com/stationmaster/stationmaster/bot"
	"github.com/stationmaster/stationmaster/cmd/internal/app"
	"github.com/stationmaster/stationmaster/cmd/internal/demo"
	"github.com/stationmaster/stationmaster/cmd/internal/local"
	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/templates/strict"
)

// version is stamped by the build; what go install knows is used otherwise.
var version = ""

// handover bounds how long a process takes to end once it is told to.
const handover = 10 * time.Second

func main() {
	ctx, done := signals()
	err := root().ExecuteContext(ctx)
	done()
	if err != nil {
		os.Exit(fail(os.Stderr, err))
	}
}

// fail says what went wrong, and returns the code to end with. Mistakes in files have
// nothing in front of them, so that editors and CI can jump there.
func fail(w io.Writer, err error) int {
	var ended exit
	var mistakes strict.Problems
	switch {
	case errors.As(err, &ended):
		if ended.said != "" {
			fmt.Fprintln(w, ended.said)
		}
		return ended.code
	case errors.As(err, &mistakes):
		fmt.Fprintf(w, "%v\n%s\n", mistakes, tally(mistakes))
		return exitMistakes
	}
	fmt.Fprintln(w, "stationmaster: "+strings.TrimSpace(err.Error()))
	return 1
}

// signals returns a context that ends with the first SIGTERM or interrupt. A
// second one, or ten seconds, ends the process at once: nothing is lost by it
// that a crash would not lose, which is nothing.
func signals() (context.Context, func()) {
	ctx, cancel := context.WithCancel(context.Background())
	caught := make(chan os.Signal, 2)
	signal.Notify(caught, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-caught
		cancel()
		select {
		case <-caught:
		case <-time.After(handover):
			fmt.Fprintln(os.Stderr, "stationmaster: it did not end within", handover)
		}
		os.Exit(1)
	}()
	return ctx, func() { signal.Stop(caught); cancel() }
}

func root() *cobra.Command {
	c := &cobra.Command{
		Use: "stationmaster", Short: "A Slack bot that runs deployment procedures.",
		SilenceUsage: true, SilenceErrors: true,
	}
	c.CompletionOptions.HiddenDefaultCmd = true
	c.AddCommand(demoCommand(), runCommand(), checkCommand(), configCommand(), procedureCommand(), rolesCommand(), statusCommand(), actCommand(), backupCommand(), storeCommand(), auditCommand(), manifestCommand(), slackCommand(), versionCommand())
	return c
}

func demoCommand() *cobra.Command {
	listen := ""
	c := &cobra.Command{
		Use: "demo", Short: "Run everything on this machine, with a local Slack to click in", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return demo.Run(c.Context(), demo.Options{
				Listen: listen, Version: stamp(), Log: logger(slog.LevelWarn),
				Started: func(url string) { fmt.Fprintf(c.OutOrStdout(), "Open %s and type /deploy web v2\n", url) },
			})
		},
	}
	c.Flags().StringVar(&listen, "listen", "127.0.0.1:8080", "where the local Slack answers")
	return c
}

func runCommand() *cobra.Command {
	config := ""
	c := &cobra.Command{
		Use: "run", Short: "Run the bot", Args: cobra.NoArgs,
		Long: "Run the bot. SLACK_BOT_TOKEN and SLACK_APP_TOKEN must be set; SLACK_API_URL points to another Slack,\nby https:// unless it is on this machine.",
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := app.Load(config)
			if err != nil {
				return err
			}
			opts, err := fromEnvironment()
			if err != nil {
				return err
			}
			a, err := app.New(c.Context(), cfg, opts)
			if err != nil {
				return err
			}
			for _, w := range app.Warnings(cfg) {
				opts.Log.Warn(w)
			}
			return errors.Join(a.Run(c.Context()), a.Close())
		},
	}
	configFlag(c, &config)
	return c
}

func configFlag(c *cobra.Command, config *string) {
	c.Flags().StringVar(config, "config", "", "the config file")
	if err := c.MarkFlagRequired("config"); err != nil {
		panic(err)
	}
}

// slackTokens are the variables that the tokens stand in.
var slackTokens = []string{"SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"}

// fromEnvironment reads what does not belong into a file.
func fromEnvironment() (app.Options, error) {
	opts := app.Options{
		BotToken: deployer.Secret(os.Getenv("SLACK_BOT_TOKEN")), AppToken: deployer.Secret(os.Getenv("SLACK_APP_TOKEN")),
		SlackURL: os.Getenv("SLACK_API_URL"), Version: stamp(), Log: logger(slog.LevelInfo),
	}
	for _, name := range slackTokens {
		if os.Getenv(name) == "" {
			return opts, fmt.Errorf("the environment variable %s is not set; `stationmaster manifest slack` prints the app to make in Slack, which gives it", name)
		}
	}
	return opts, nil
}

func checkCommand() *cobra.Command {
	config := ""
	c := &cobra.Command{
		Use: "check", Short: "Say what is wrong with a config, and with what it names", Args: cobra.NoArgs,
		Long: "Check reads the config, looks into every cluster that it names, and asks Slack if SLACK_BOT_TOKEN and\nSLACK_APP_TOKEN are set. It changes nothing.",
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := app.Load(config)
			if err != nil {
				return err
			}
			for _, w := range app.Warnings(cfg) {
				fmt.Fprintln(c.ErrOrStderr(), "warning: "+w)
			}
			for _, name := range slackTokens {
				if os.Getenv(name) == "" {
					fmt.Fprintf(c.ErrOrStderr(), "warning: Slack is not asked: the environment variable %s is not set\n", name)
				}
			}
			for _, line := range append(app.Permissions(cfg), app.ByHand(cfg)...) {
				fmt.Fprintln(c.OutOrStdout(), line)
			}
			opts := app.Options{
				BotToken: deployer.Secret(os.Getenv("SLACK_BOT_TOKEN")), AppToken: deployer.Secret(os.Getenv("SLACK_APP_TOKEN")),
				SlackURL: os.Getenv("SLACK_API_URL"), Log: logger(slog.LevelError),
			}
			who, found := app.Check(c.Context(), cfg, opts)
			for _, line := range who {
				fmt.Fprintln(c.OutOrStdout(), line)
			}
			if err := errors.Join(found...); err != nil {
				return err
			}
			fmt.Fprintln(c.OutOrStdout(), "ok")
			return nil
		},
	}
	configFlag(c, &config)
	return c
}

func configCommand() *cobra.Command {
	c := &cobra.Command{Use: "config", Short: "Print what a config may hold"}
	c.AddCommand(&cobra.Command{
		Use: "schema", Short: "Print the JSON Schema of the config, for editors", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			schema, err := app.Schema()
			if err != nil {
				return err
			}
			_, err = c.OutOrStdout().Write(schema)
			return err
		},
	})
	return c
}

func manifestCommand() *cobra.Command {
	c := &cobra.Command{Use: "manifest", Short: "Print what other systems need to know"}
	command := ""
	slack := &cobra.Command{
		Use: "slack", Short: "Print the Slack app's manifest, with exactly the scopes that are used", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			_, err := c.OutOrStdout().Write(bot.Manifest(command))
			return err
		},
	}
	slack.Flags().StringVar(&command, "command", "/deploy", "the slash command, as in the config")
	c.AddCommand(slack)
	return c
}

func slackCommand() *cobra.Command {
	o := local.Options{}
	c := &cobra.Command{
		Use: "slack", Short: "Run the local Slack alone, for any Slack app that uses Socket Mode", Args: cobra.NoArgs,
		Long: "Run the local Slack alone: a workspace in memory with a page in the browser, for any Slack app that uses\n" +
			"Socket Mode. Point the app's client at the address that it prints instead of https://slack.com/api/.\n" +
			"Programs on this machine may always use the tokens xoxb-local and xapp-local.",
		RunE: func(c *cobra.Command, _ []string) error {
			o.Started = func(a local.Address) {
				fmt.Fprintf(c.OutOrStdout(), "Open %s\n\nSLACK_API_URL=%s\nSLACK_BOT_TOKEN=%s\nSLACK_APP_TOKEN=%s\n", a.Page, a.API, a.BotToken, a.AppToken)
				fmt.Fprint(c.OutOrStdout(), "\n# Bolt:     new App({token, appToken, socketMode: true, clientOptions: {slackApiUrl: process.env.SLACK_API_URL}})\n"+
					"# slack-go: slack.New(botToken, slack.OptionAppLevelToken(appToken), slack.OptionAPIURL(os.Getenv(\"SLACK_API_URL\")))\n")
				if a.Fresh {
					fmt.Fprint(c.OutOrStdout(), "# Other machines reach it: these tokens, and the key in the address, are new at each start.\n")
				}
				if o.Manifest == "" {
					fmt.Fprint(c.OutOrStdout(), "# The app gets every scope, event and slash command. With --manifest it gets its own, and its shortcuts.\n")
				}
			}
			return local.Run(c.Context(), o)
		},
	}
	c.Flags().StringVar(&o.Listen, "listen", "127.0.0.1:8080", "where it answers; hosts by other names are refused")
	c.Flags().StringVar(&o.Manifest, "manifest", "", "the app's manifest, in YAML or JSON: its scopes, events, commands and shortcuts (default: all scopes, events and commands)")
	c.Flags().StringSliceVar(&o.People, "person", nil, "a handle, or handle=Name; may be repeated (default: ana, bob, rosa)")
	c.Flags().StringArrayVar(&o.Groups, "group", nil, "a user group as handle=ana,bob; may be repeated")
	c.Flags().StringSliceVar(&o.Channels, "channel", nil, "a channel; may be repeated (default: general, random)")
	c.Flags().BoolVar(&o.Limits, "limits", false, "enforce Slack's rate limits")
	return c
}

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: cobra.NoArgs,
		Run: func(c *cobra.Command, _ []string) { fmt.Fprintln(c.OutOrStdout(), "stationmaster", stamp()) },
	}
}

func stamp() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

// logger writes one JSON object a line, as collectors of logs expect, for the
// Kubernetes client too.
func logger(level slog.Level) *slog.Logger {
	log := slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
	klog.SetSlogLogger(log)
	return log
}
