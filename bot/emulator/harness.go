package emulator

import (
	"context"

	"github.com/stationmaster/stationmaster/bot/emulator/fault"
	"github.com/stationmaster/stationmaster/bot/emulator/ratelimit"
	"github.com/stationmaster/stationmaster/bot/emulator/socket"
	"github.com/stationmaster/stationmaster/bot/emulator/webapi"
)

// What a harness asks of the server, and does to it.

// Calls lists the Web API calls so far, the oldest first; the oldest of very many are forgotten.
func (s *Server) Calls() []webapi.Call { return s.api.Calls() }

// CallCount says how many calls of a method have arrived.
func (s *Server) CallCount(method string) int { return s.api.CallCount(method) }

// Revoke makes every call with the bot token ("bot") or the app-level token ("app") fail with word
// (token_revoked, account_inactive, invalid_auth, token_expired). An empty word makes the token good again.
func (s *Server) Revoke(token, word string) { s.api.Revoke(token, word) }

// SetLimits changes how calls are limited, at once. All counts begin anew.
func (s *Server) SetLimits(l ratelimit.Limits) { s.api.Limit.Set(l) }

// Usage lists what was counted while limits were on, by method and channel.
func (s *Server) Usage() []ratelimit.Usage { return s.api.Limit.Usage() }

// Inject adds a fault. Several for one method are used up in the order they were added.
func (s *Server) Inject(f fault.Fault) { s.fault.Inject(f) }

// InjectSocket adds a fault. Several are used up in the order they were added.
func (s *Server) InjectSocket(f fault.Socket) { s.fault.InjectSocket(f) }

// ClearFaults takes every fault back that has not happened yet, and lets held envelopes go.
func (s *Server) ClearFaults() {
	s.fault.Clear()
	s.Release()
}

// Hold keeps every envelope back until Release. People are told of the time-out meanwhile, as in Slack, and the
// envelopes arrive late.
func (s *Server) Hold() { s.gateway.Hold() }

// Release lets held envelopes go.
func (s *Server) Release() { s.gateway.Release() }

// Disconnect sends every socket a disconnect message. After refresh_requested and link_disabled the sockets get no
// more envelopes and end after Timing.Refresh, unless the client ends them first; a warning is only that.
func (s *Server) Disconnect(reason string) { s.gateway.Disconnect(reason) }

// DisableSocketMode behaves as if somebody switched Socket Mode off in the app's settings (or on again): open sockets
// are sent link_disabled, and so is every new one instead of hello.
func (s *Server) DisableSocketMode(off bool) { s.gateway.DisableSocketMode(off) }

// CutSockets ends every socket without a word, as a network failure would, and says how many there were.
func (s *Server) CutSockets() int { return s.gateway.CutSockets() }

// Sockets lists the open sockets that take envelopes.
func (s *Server) Sockets() []socket.Info { return s.gateway.Sockets() }

// WaitSockets waits until at least n sockets take envelopes.
func (s *Server) WaitSockets(ctx context.Context, n int) error { return s.gateway.WaitSockets(ctx, n) }
