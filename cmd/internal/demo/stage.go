package demo

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/stationmaster/stationmaster/bot/emulator"
	clustersim "github.com/stationmaster/stationmaster/deployer/kube/sim"
	registrysim "github.com/stationmaster/stationmaster/deployer/registry/sim"
)

// A stage is everything around stationmaster.
type stage struct {
	dir      string
	speed    float64 // of the cluster
	url      string  // of the local Slack
	slack    *emulator.Server
	registry string            // host:port
	runs     map[string]string // service: the image that runs at the beginning, by digest
	started  atomic.Bool       // whether the play has begun
	servers  []*http.Server
	closers  []func()
	work     sync.WaitGroup
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
	s.slack = emulator.New(slack)
	s.closers = append(s.closers, s.slack.Close)
	s.url = "http://" + s.serve(l, s.slack.Handler())
	if err := s.images(); err != nil {
		return err
	}
	if err := s.cluster(); err != nil {
		return err
	}
	return welcome(s.slack)
}

func (s *stage) images() error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen for the demo's registry: %w", err)
	}
	s.registry, s.runs = s.serve(l, registrysim.Handler()), map[string]string{}
	for service, tags := range builds {
		for _, tag := range tags {
			digest, err := registrysim.Push(s.image(service), tag, service+" "+tag)
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
	cluster := clustersim.New(clustersim.Config{Name: "demo", Speed: s.speed, Behave: s.behave})
	s.closers = append(s.closers, cluster.Close)
	for service, image := range s.runs {
		if err := cluster.AddDeployment("prod", service, "app", image, pods); err != nil {
			return fmt.Errorf("fill the demo's cluster: %w", err)
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen for the demo's cluster: %w", err)
	}
	address := s.serve(l, cluster.Handler())
	return os.WriteFile(s.kubeconfig(), cluster.Kubeconfig("http://"+address), 0o600)
}

// behave says how containers fare: what runs at the beginning is there at once.
func (s *stage) behave(image string) clustersim.Behaviour {
	if !s.started.Load() {
		return clustersim.Behaviour{}
	}
	return clustersim.ByTag(image)
}

func (s *stage) kubeconfig() string          { return filepath.Join(s.dir, "kubeconfig") }
func (s *stage) image(service string) string { return s.registry + "/" + service }

// serve begins to answer and returns an address to reach it at.
func (s *stage) serve(l net.Listener, h http.Handler) string {
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	s.servers = append(s.servers, server)
	s.work.Go(func() { _ = server.Serve(l) })
	if at, ok := l.Addr().(*net.TCPAddr); ok && at.IP.IsUnspecified() {
		return net.JoinHostPort("127.0.0.1", strconv.Itoa(at.Port)) // it listens everywhere; a browser needs a place
	}
	return l.Addr().String()
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
