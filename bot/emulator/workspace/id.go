package workspace

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// NewID makes an envelope id, a UUID as Slack uses.
func NewID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails, by its documentation
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	h := hex.EncodeToString(b[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// idFor makes an id in Slack's alphabet from a name: alice is UALICE.
func idFor(prefix, name string) string {
	var b strings.Builder
	b.WriteString(prefix)
	for _, r := range strings.ToUpper(name) {
		if r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// Now is the time by Slack's clock.
func (c Config) Now() time.Time { return time.Now().Add(c.Team.ClockAhead) }

// NextTS gives a timestamp that is later than every one before.
func (w *Workspace) NextTS() string {
	w.lastTS = max(w.Config.Now().UnixMicro(), w.lastTS+1)
	return fmt.Sprintf("%d.%06d", w.lastTS/1e6, w.lastTS%1e6)
}

// NextID gives an id such as V0000001.
func (w *Workspace) NextID(prefix string) string {
	w.ids++
	return fmt.Sprintf("%s%07d", prefix, w.ids)
}

// Micros reads a Slack timestamp or a plain Unix time, as oldest and latest take them.
func Micros(ts string) (int64, bool) {
	sec, frac, _ := strings.Cut(ts, ".")
	s, err := strconv.ParseInt(sec, 10, 64)
	if err != nil || s < 0 {
		return 0, false
	}
	if len(frac) > 6 {
		frac = frac[:6]
	}
	var f int64
	if frac != "" {
		if f, err = strconv.ParseInt(frac+strings.Repeat("0", 6-len(frac)), 10, 64); err != nil {
			return 0, false
		}
	}
	return s*1e6 + f, true
}
