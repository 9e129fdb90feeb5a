package engine

// InMemory is how many deployments are in memory.
func (e *Engine) InMemory() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.instances)
}

// Awaited is how many deployments somebody waits for.
func (e *Engine) Awaited() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.awaited)
}
