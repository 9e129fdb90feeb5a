// Command controlplane is a Kubernetes control plane in one file: etcd, kube-apiserver,
// kube-controller-manager, kube-scheduler, and kwok, which plays the nodes. Package kubetest builds it
// and starts it once per part; nothing imports it, and it is never shipped.
//
// The parts are one program because they share nearly all of their code: linking them apart takes five
// times as long and five times the room.
package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/metrics/prometheus/clientgo" // as the parts' own main packages do
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllermanager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
	kwokconfig "sigs.k8s.io/kwok/pkg/config"
	kwok "sigs.k8s.io/kwok/pkg/kwok/cmd"
	kwoklog "sigs.k8s.io/kwok/pkg/log"
	"sigs.k8s.io/kwok/pkg/utils/signals"
)

// lifelineEnv names the variable that says: descriptor 3 is a pipe whose other end the test holds.
const lifelineEnv = "CONTROLPLANE_LIFELINE"

func main() {
	if len(os.Args) < 2 {
		fatal("name a part: etcd, kube-apiserver, kube-controller-manager, kube-scheduler or kwok")
	}
	if os.Getenv(lifelineEnv) != "" {
		go dieWith(os.NewFile(3, "lifeline"))
	}
	part := os.Args[1]
	os.Args = os.Args[1:] // every part reads os.Args as if it were alone
	switch part {
	case "etcd":
		etcdmain.Main(os.Args)
	case "kube-apiserver":
		run(apiserver.NewAPIServerCommand())
	case "kube-controller-manager":
		run(controllermanager.NewControllerManagerCommand())
	case "kube-scheduler":
		run(scheduler.NewSchedulerCommand())
	case "kwok":
		runKwok()
	default:
		fatal("no part is called " + part)
	}
}

// dieWith ends the process when the other end of the pipe closes, which the operating system does for a
// test however it ends. A parent-death signal would not do: it follows the thread that started the child,
// and Go ends threads at will.
func dieWith(lifeline io.Reader) {
	_, _ = io.Copy(io.Discard, lifeline)
	os.Exit(3)
}

func run(command *cobra.Command) {
	os.Exit(cli.Run(command))
}

// runKwok is the main function of sigs.k8s.io/kwok/cmd/kwok, which keeps it to itself.
func runKwok() {
	// The other parts have declared flags for the whole program, of which --version is not a bool, as
	// kwok's command needs it to be.
	pflag.CommandLine = pflag.NewFlagSet("kwok", pflag.ContinueOnError)

	flags := pflag.NewFlagSet("global", pflag.ContinueOnError)
	flags.ParseErrorsAllowlist.UnknownFlags = true
	flags.Usage = func() {}

	ctx, logger := kwoklog.InitFlags(signals.SetupSignalContext(), flags)
	ctx, err := kwokconfig.InitFlags(ctx, flags)
	if err != nil {
		logger.Error("Init config flags", "err", err)
		os.Exit(1)
	}
	if err := executeKwok(ctx, flags); err != nil {
		logger.Error("Execute exit", "err", err)
		os.Exit(1)
	}
}

func executeKwok(ctx context.Context, flags *pflag.FlagSet) error {
	command := kwok.NewCommand(ctx)
	command.PersistentFlags().AddFlagSet(flags)
	return command.ExecuteContext(ctx)
}

func fatal(message string) {
	fmt.Fprintln(os.Stderr, "controlplane:", message)
	os.Exit(2)
}
