package kube

import (
	"strconv"
	"strings"
	"time"
)

// A followRef is what Follow needs to know of what Look or Act has found. It is
// stored.
type followRef struct {
	generation int64     // of the workload with the change; an older one is out of date
	found      bool      // the change was there already, and not by us: it has no mark
	since      time.Time // verify: from when on it watches, to the second
	pods       int       // verify: how many there should be at its beginning; 0: not known
}

const (
	generationWord = "generation="
	foundWord      = "found"
	sinceWord      = "since="
	podsWord       = "pods="
)

func (r followRef) String() string {
	s := generationWord + strconv.FormatInt(r.generation, 10)
	if r.found {
		s += "," + foundWord
	}
	if !r.since.IsZero() {
		s += "," + sinceWord + r.since.UTC().Format(time.RFC3339)
	}
	if r.pods > 0 {
		s += "," + podsWord + strconv.Itoa(r.pods)
	}
	return s
}

// parseFollowRef reads what String wrote. What it can't read stays zero, so that the
// first observation counts.
func parseFollowRef(s string) followRef {
	var r followRef
	for _, part := range strings.Split(s, ",") {
		switch {
		case part == foundWord:
			r.found = true
		case strings.HasPrefix(part, generationWord):
			r.generation, _ = strconv.ParseInt(part[len(generationWord):], 10, 64)
		case strings.HasPrefix(part, sinceWord):
			r.since, _ = time.Parse(time.RFC3339, part[len(sinceWord):])
		case strings.HasPrefix(part, podsWord):
			r.pods, _ = strconv.Atoi(part[len(podsWord):])
		}
	}
	return r
}
