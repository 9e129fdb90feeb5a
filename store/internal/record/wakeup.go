package record

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

type wakeup struct {
	stamp
	Now    bool      `json:"now,omitzero"`
	At     time.Time `json:"at,omitzero"`
	Queued bool      `json:"queued,omitzero"`
}

// EncodeWakeup returns the record of when the engine has to look.
func EncodeWakeup(w deployer.Wakeup) ([]byte, error) {
	b, err := json.Marshal(wakeup{stamp: stamp{wakeupFormat.version()}, Now: w.Now, At: w.At, Queued: w.Queued})
	if err != nil {
		return nil, fmt.Errorf("encode wakeup: %w", err)
	}
	return b, nil
}

// DecodeWakeup is the opposite of EncodeWakeup. A newer form is ErrNewer.
func DecodeWakeup(b []byte) (deployer.Wakeup, error) {
	r, err := read[wakeup](wakeupFormat, b)
	return deployer.Wakeup{Now: r.Now, At: r.At, Queued: r.Queued}, err
}
