package webapi

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/stationmaster/stationmaster/bot/emulator/background"
	"github.com/stationmaster/stationmaster/bot/emulator/fault"
)

// before waits out the delay; false means that the connection must be cut.
func before(server context.Context, f fault.Fault) bool {
	background.Pause(server, f.Delay)
	return !f.Cut
}

func refuses(f fault.Fault) bool { return f.Error != "" || f.Status != 0 }

// faultWord is the error to answer with.
func faultWord(f fault.Fault) string {
	if f.Error == "" && f.Status == http.StatusTooManyRequests {
		return "ratelimited"
	}
	return f.Error
}

// faultStatus is the HTTP status to answer with.
func faultStatus(f fault.Fault) int {
	if f.Status == 0 {
		return http.StatusOK
	}
	return f.Status
}

// send sends the answer, or as much of it as the fault leaves.
func send(w http.ResponseWriter, f fault.Fault, status int, body []byte) {
	if f.Lost {
		panic(http.ErrAbortHandler)
	}
	time.Sleep(f.Late)
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if status >= 500 {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		body = []byte("<!DOCTYPE html><title>Server Error</title>")
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if !f.Half {
		_, _ = w.Write(body) // a caller that went away has nobody left to tell
		return
	}
	_, _ = w.Write(body[:len(body)/2])
	if fl, ok := w.(http.Flusher); ok {
		fl.Flush()
	}
	panic(http.ErrAbortHandler)
}
