package app

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// shutdown bounds how long requests may still take when the process ends.
const shutdown = 2 * time.Second

// serve answers /healthz, /readyz and /metrics until ctx ends.
func (a *App) serve(ctx context.Context) error {
	server := &http.Server{Handler: a.handler(), ReadHeaderTimeout: 5 * time.Second}
	stop := context.AfterFunc(ctx, func() {
		ctx, cancel := context.WithTimeout(context.Background(), shutdown)
		defer cancel()
		_ = server.Shutdown(ctx)
	})
	defer stop()
	if err := server.Serve(a.listen); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func (a *App) handler() http.Handler {
	mux := http.NewServeMux()
	answer := func(check func(context.Context) error) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if err := check(r.Context()); err != nil {
				http.Error(w, err.Error(), http.StatusServiceUnavailable)
				return
			}
			_, _ = w.Write([]byte("ok\n"))
		}
	}
	// Healthy: the database can be read. Ready: Slack has said hello, and the records
	// are not known to be other than they were.
	mux.HandleFunc("GET /healthz", answer(func(ctx context.Context) error {
		_, err := a.store.Live(ctx)
		return err
	}))
	mux.HandleFunc("GET /readyz", answer(func(context.Context) error { return cmp.Or(a.bot.Ready(), a.doubt()) }))
	mux.Handle("GET /metrics", promhttp.HandlerFor(a.metrics(), promhttp.HandlerOpts{}))
	return mux
}

// metrics are gathered when they are asked for.
func (a *App) metrics() *prometheus.Registry {
	r := prometheus.NewRegistry()
	gauge := func(name, help string, value func() float64) {
		r.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: "stationmaster", Name: name, Help: help}, value))
	}
	gauge("deployments_live", "Deployments that have not ended.", func() float64 {
		live, err := a.store.Live(context.Background())
		if err != nil {
			return -1
		}
		return float64(len(live))
	})
	gauge("messages_waiting", "Messages that Slack has not taken yet, or of which that is not written down yet.", func() float64 {
		n, err := a.waiting(context.Background())
		if err != nil {
			return -1
		}
		return float64(n)
	})
	gauge("slack_ready", "1 while a socket to Slack is open and messages can be sent.", func() float64 {
		if a.bot.Ready() != nil {
			return 0
		}
		return 1
	})
	gauge("records_sound", "0 while records are known to be changed, missing, or older than what Slack knows of them.", func() float64 {
		if a.doubt() != nil {
			return 0
		}
		return 1
	})
	gauge("records_verified_timestamp_seconds", "When all records were last verified by this process; 0: not yet.", func() float64 {
		return float64(a.audit.at.Load())
	})
	r.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{
		Namespace: "stationmaster", Name: "messages_undelivered_total", Help: "Messages that Slack refused for good.",
	}, func() float64 { return float64(a.bot.Undelivered()) }))
	r.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return r
}

// doubt says why the records can't be believed; nil: they can, as far as is known.
func (a *App) doubt() error { return errors.Join(a.audit.altered(), a.bot.Unheld()) }

// waiting is how many messages lie in the mailbox.
func (a *App) waiting(ctx context.Context) (n int, err error) {
	const page = 200
	for after := ""; ; {
		messages, err := a.store.Messages(ctx, after, page)
		n += len(messages)
		if err != nil || len(messages) < page {
			return n, err
		}
		after = messages[page-1].Key
	}
}
