package bolt

import "os"

const (
	room    = 1 << 20  // bytes that are written ahead of the last page
	roomMin = room / 4 // with less, there will be more
)

// A reserve is what lies behind the last page of the file and was written with
// zeros. A page that is written there goes into blocks which the file system
// has given out already. Otherwise it has to note in its journal that they are
// taken, and an fsync waits for that, and for whatever else the journal has to
// do for others on the same disk; BenchmarkReserve shows how long.
type reserve struct {
	file *os.File
	end  int64 // what lies before was written
}

// keep writes more when the last page comes close to the end. The caller has
// begun a transaction that writes, so nobody else does, and used is where the
// last page of all transactions ends. The zeros reach the disk with the
// caller's. If there is no space for them commits take longer, and that is all:
// the next one tries again.
func (r *reserve) keep(used int64) {
	if r.end-used >= roomMin {
		return
	}
	from := max(r.end, used)
	n, _ := r.file.WriteAt(make([]byte, used+room-from), from)
	r.end = from + int64(n)
}
