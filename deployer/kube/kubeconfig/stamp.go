package kubeconfig

import (
	"crypto/sha256"
	"os"
	"time"
)

const (
	// racy is how long after its last change a file may change again without
	// showing it by its time or size, on file systems that are coarse.
	racy = 2 * time.Second

	// writing is how long after its last change a file may be half written. One
	// that ends too early may be valid, and lack the token.
	writing = 100 * time.Millisecond
)

// A stamp is what files were like when they were looked at.
type stamp struct {
	infos  []os.FileInfo // nil: there was no such file
	at     time.Time     // when
	digest [sha256.Size]byte
}

// stampOf reads the files.
func stampOf(files []string) stamp {
	s := stamp{at: time.Now()}
	sum := sha256.New()
	for _, file := range files {
		info, err := os.Stat(file)
		if err != nil {
			info = nil
		}
		content, _ := os.ReadFile(file) // what can't be read is empty, and load says why
		part := sha256.Sum256(content)
		s.infos = append(s.infos, info)
		_, _ = sum.Write(part[:]) // which never fails
	}
	sum.Sum(s.digest[:0])
	return s
}

// holds reports whether the files are surely what they were, without reading them.
func (s stamp) holds(files []string) bool {
	for i, file := range files {
		info, err := os.Stat(file)
		was := s.infos[i]
		if err != nil || was == nil {
			if err == nil || was != nil {
				return false
			}
			continue
		}
		if !os.SameFile(info, was) || info.Size() != was.Size() || !info.ModTime().Equal(was.ModTime()) || s.at.Sub(was.ModTime()) < racy {
			return false
		}
	}
	return true
}

// fresh reports whether one of the files is perhaps still being written.
func (s stamp) fresh() bool {
	for _, info := range s.infos {
		if info == nil {
			continue
		}
		if age := s.at.Sub(info.ModTime()); age >= 0 && age < writing {
			return true
		}
	}
	return false
}
