package socket

// Hold keeps every envelope back until Release. People are told of the time-out meanwhile, as in Slack, and the
// envelopes arrive late.
func (g *Gateway) Hold() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.holding == nil {
		g.holding = make(chan struct{})
	}
}

// Release lets held envelopes go.
func (g *Gateway) Release() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.holding != nil {
		close(g.holding)
		g.holding = nil
	}
}

// holdBack takes an envelope into custody while envelopes are held.
func (g *Gateway) holdBack(id string, d *delivery) bool {
	g.mu.Lock()
	held := g.holding
	g.mu.Unlock()
	return held != nil && g.background.Go(func() {
		select {
		case <-held:
			g.sendWhenOpen(d.App, d.frame(id))
		case <-g.background.Context().Done():
		}
	})
}
