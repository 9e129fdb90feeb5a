package record

import (
	"encoding/json"
	"fmt"
	"time"
)

type archiveRecord struct {
	stamp
	At      time.Time `json:"at"`
	ID      string    `json:"id"`
	Records Numbers   `json:"records"`
	File    string    `json:"file"`
}

// An ArchiveRecord says that a deployment was taken out of the store, and into which
// file.
type ArchiveRecord struct {
	At      time.Time // when that archive was made
	ID      string    // the deployment
	Records Numbers   // where its records were in the log
	File    Sum       // the archive's, whole
}

// Encode returns the record.
func (r ArchiveRecord) Encode() ([]byte, error) {
	b, err := json.Marshal(archiveRecord{stamp: stamp{archiveFormat.version()}, At: r.At, ID: r.ID, Records: r.Records, File: r.File.String()})
	if err != nil {
		return nil, fmt.Errorf("encode archive: %w", err)
	}
	return b, nil
}

// DecodeArchiveRecord is the opposite of Encode. A newer form is ErrNewer.
func DecodeArchiveRecord(b []byte) (ArchiveRecord, error) {
	r, err := read[archiveRecord](archiveFormat, b)
	if err != nil {
		return ArchiveRecord{}, err
	}
	file, err := ParseSum(r.File)
	if err != nil {
		return ArchiveRecord{}, fmt.Errorf("decode archive: its file: %w", err)
	}
	return ArchiveRecord{At: r.At, ID: r.ID, Records: r.Records, File: file}, nil
}
