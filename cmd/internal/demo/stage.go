package demo

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/stationmaster/stationmaster/bot/emulator"
	"github.com/stationmaster/stationmaster/bot/emulator/origin"
	"github.com/stationmaster/stationmaster/deployer"
	clustersim "github.com/stationmaster/stationmaster/deployer/kube/sim"
	registrysim "github.com/stationmaster/stationmaster/deployer/registry/sim"
)

// A stage is everything around stationmaster.
type stage struct {
	dir       string
	speed     float64 // of the cluster
	slack     *emulator.Server
	guard     *origin.Guard   // of the local Slack
	botToken  deployer.Secret // fresh, as all that follow
	appToken  deployer.Secret
	registry  string // host:port
	account   registrysim.Account
	available func(service string) bool // all pods of a service are there
	runs      map[string]string         // service: the image that runs at the beginning, by digest
	started   atomic.Bool               // whether the play has begun
	servers   []*http.Server
	closers   []func()
	work      sync.WaitGroup
}

func (s *stage) build(listen string) error {
	// First what somebody else may have taken: the rest finds a free port.
	l, err := net.Listen("tcp", listen)
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("the address %s is taken, perhaps by another demo; choose one with --listen, such as --listen 127.0.0.1:8081", listen)
	}
	if err != nil {
		return fmt.Errorf("listen for the demo's Slack (choose another address with --listen): %w", err)
	}
	slack, err := workspace()
	if err != nil {
		return err
	}
	s.slack, s.guard = emulator.New(slack), origin.New(l, listen)
	s.botToken, s.appToken = deployer.Secret(slack.App.BotToken), deployer.Secret(slack.App.AppToken)
	s.guard.Token = slack.App.BotToken
	s.closers = append(s.closers, s.slack.Close)
	s.serve(l, s.guard.Slack(s.slack.Handler()))
	if err := s.images(); err != nil {
		return err
	}
	if err := s.cluster(); err != nil {
		return err
	}
	return welcome(s.slack)
}

func (s *stage) images() error {
	s.account = registrysim.Account{Username: "demo", Password: rand.Text()}
	if err := os.WriteFile(s.password(), []byte(s.account.Password), 0o600); err != nil {
		return fmt.Errorf("keep the password of the demo's registry: %w", err)
	}
	address, err := s.serveHere(s.account.Handler())
	if err != nil {
		return fmt.Errorf("listen for the demo's registry: %w", err)
	}
	s.registry, s.runs = address, map[string]string{}
	for service, tags := range builds {
		for _, tag := range tags {
			digest, err := s.account.Push(s.image(service), tag, service+" "+tag)
			if err != nil {
				return fmt.Errorf("fill the demo's registry: %w", err)
			}
			if tag == tags[0] {
				s.runs[service] = s.image(service) + ":" + tag + "@" + digest
			}
		}
	}
	return nil
}

func (s *stage) cluster() error {
	own, authority, err := certificate()
	if err != nil {
		return fmt.Errorf("make the demo's cluster: %w", err)
	}
	cluster := clustersim.New(clustersim.Config{Name: "demo", Token: rand.Text(), Authority: authority, Speed: s.speed, Behave: s.behave})
	s.closers = append(s.closers, cluster.Close)
	for service, image := range s.runs {
		if err := cluster.AddDeployment("prod", service, "app", image, pods); err != nil {
			return fmt.Errorf("fill the demo's cluster: %w", err)
		}
	}
	s.available = func(service string) bool { return cluster.Available("prod", service) == pods }
	address, err := s.serveHere(cluster.Handler(), own)
	if err != nil {
		return fmt.Errorf("listen for the demo's cluster: %w", err)
	}
	return os.WriteFile(s.kubeconfig(), cluster.Kubeconfig("https://"+address), 0o600)
}

// waitPods waits until all that runs at the beginning is there for clients: what
// does not serve yet is nothing to go back to.
func (s *stage) waitPods(ctx context.Context) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for service := range s.runs {
		for !s.available(service) {
			select {
			case <-tick.C:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
	return nil
}

// behave says how containers fare: what runs at the beginning is there at once.
func (s *stage) behave(image string) clustersim.Behaviour {
	if !s.started.Load() {
		return clustersim.Behaviour{}
	}
	return clustersim.ByTag(image)
}

func (s *stage) password() string            { return filepath.Join(s.dir, "registry-password") }
func (s *stage) kubeconfig() string          { return filepath.Join(s.dir, "kubeconfig") }
func (s *stage) image(service string) string { return s.registry + "/" + service }

// serveHere serves programs on this machine, at a free port, by TLS if there is
// a certificate, and returns its address.
func (s *stage) serveHere(h http.Handler, own ...tls.Certificate) (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	h = origin.New(l, "").Programs(h)
	if len(own) > 0 {
		l = tls.NewListener(l, &tls.Config{Certificates: own, MinVersion: tls.VersionTLS13})
	}
	s.serve(l, h)
	return l.Addr().String(), nil
}

func (s *stage) serve(l net.Listener, h http.Handler) {
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	s.servers = append(s.servers, server)
	s.work.Go(func() { _ = server.Serve(l) })
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
