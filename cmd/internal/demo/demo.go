// Package demo runs stationmaster on this machine with nothing else: a local
// Slack with a page in the browser, a simulated cluster and a registry in
// memory. Everything between them goes over real sockets.
package demo

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/cmd/internal/app"
	clustersim "github.com/stationmaster/stationmaster/deployer/kube/sim"
	registrysim "github.com/stationmaster/stationmaster/deployer/registry/sim"
)

// Options are what a demo can be told.
type Options struct {
	Listen  string // host:port of the local Slack and its page
	Version string
	Log     *slog.Logger
	Started func(url string) // called once everything answers
}

// Run plays until ctx ends, which is no error.
func Run(ctx context.Context, o Options) error {
	dir, err := os.MkdirTemp("", "stationmaster-demo-")
	if err != nil {
		return fmt.Errorf("make a folder for the demo: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	s := &stage{dir: dir}
	defer s.close()
	if err := s.build(o.Listen); err != nil {
		return err
	}
	cfg, err := app.Parse("demo.yaml", s.config())
	if err != nil {
		return fmt.Errorf("the demo's own config: %w", err)
	}
	a, err := app.New(ctx, cfg, app.Options{
		BotToken: "xoxb-local", AppToken: "xapp-local", SlackURL: s.url + "/api/", Version: o.Version, Log: o.Log,
	})
	if err != nil {
		return err
	}
	if o.Started != nil {
		o.Started(s.url)
	}
	return errors.Join(a.Run(ctx), a.Close())
}

// A stage is everything around stationmaster.
type stage struct {
	dir      string
	url      string
	registry string // host:port
	servers  []*http.Server
	closers  []func()
	work     sync.WaitGroup
}

func (s *stage) build(listen string) error {
	var err error
	if s.registry, err = s.serve("127.0.0.1:0", registrysim.Handler()); err != nil {
		return err
	}
	for service, tags := range builds {
		for _, tag := range tags {
			if _, err := registrysim.Push(s.image(service), tag, service+" "+tag); err != nil {
				return fmt.Errorf("fill the demo's registry: %w", err)
			}
		}
	}
	if err := s.cluster(); err != nil {
		return err
	}
	slack := emulator.New(workspace())
	s.closers = append(s.closers, slack.Close)
	address, err := s.serve(listen, slack.Handler())
	if err != nil {
		return err
	}
	s.url = "http://" + address
	return welcome(slack)
}

func (s *stage) cluster() error {
	cluster := clustersim.New(clustersim.Config{Name: "demo"})
	s.closers = append(s.closers, cluster.Close)
	for service, tags := range builds {
		if err := cluster.AddDeployment("prod", service, "app", s.image(service)+":"+tags[0], 6); err != nil {
			return fmt.Errorf("fill the demo's cluster: %w", err)
		}
	}
	address, err := s.serve("127.0.0.1:0", cluster.Handler())
	if err != nil {
		return err
	}
	return os.WriteFile(s.kubeconfig(), cluster.Kubeconfig("http://"+address), 0o600)
}

func (s *stage) kubeconfig() string          { return filepath.Join(s.dir, "kubeconfig") }
func (s *stage) image(service string) string { return s.registry + "/" + service }

// serve begins to answer at an address and returns it.
func (s *stage) serve(listen string, h http.Handler) (string, error) {
	l, err := net.Listen("tcp", listen)
	if err != nil {
		return "", fmt.Errorf("listen for the demo: %w (choose another with --listen)", err)
	}
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	s.servers = append(s.servers, server)
	s.work.Go(func() { _ = server.Serve(l) })
	return l.Addr().String(), nil
}

func (s *stage) close() {
	for i := len(s.closers) - 1; i >= 0; i-- {
		s.closers[i]()
	}
	for _, server := range s.servers {
		_ = server.Close()
	}
	s.work.Wait()
}
