// Package logsearch finds the lines that match a pattern in the logs of pods.
package logsearch

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"sync"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/stationmaster/stationmaster/deployer"
)

// What a search reads at most. A step kind's documentation says so.
const (
	podsMax   = 20
	linesMax  = 500 // the last of each pod
	bytesMax  = 1 << 20
	atOnceMax = 4
	shownMax  = 3 // lines of each pod that people see
	lineMax   = 300
)

// A Search finds the lines that match in what a container of the pods has written
// since it started.
type Search struct {
	Client    kubernetes.Interface
	Pods      []*corev1.Pod
	Container string
	Pattern   *regexp.Regexp
}

// A Result is what a search has found.
type Result struct {
	Matching int    // pods that have such lines
	Detail   string // the first of them, each with its pod
	Unread   string // what was not read, to follow on other words, or ""
	Failed   *Failure
}

// A Failure is the first log that could not be read.
type Failure struct {
	Pod *corev1.Pod
	Err error
}

// A finding is what a search has found in one pod.
type finding struct {
	pod   *corev1.Pod
	lines []string // the first that match
	count int      // all that match
	cut   bool     // the log was longer than is read
	err   error
}

// Run reads the logs.
func (s Search) Run(ctx context.Context) Result {
	found := s.read(ctx)
	var r Result
	long := 0
	var detail []string
	for _, f := range found {
		switch {
		case f.count > 0:
			r.Matching++
			detail = append(detail, f.words()...)
		case f.err != nil && r.Failed == nil:
			r.Failed = &Failure{f.pod, f.err}
		}
		if f.cut {
			long++
		}
	}
	r.Detail = strings.Join(detail, "\n")
	if len(s.Pods) > len(found) {
		r.Unread += fmt.Sprintf("; the logs of %d were not read", len(s.Pods)-len(found))
	}
	switch {
	case long == 1:
		r.Unread += "; 1 log was not read to the end"
	case long > 1:
		r.Unread += fmt.Sprintf("; %d logs were not read to the end", long)
	}
	return r
}

// read reads the logs of the pods, in the order of their names, as many as are read.
func (s Search) read(ctx context.Context) []finding {
	pods := slices.Clone(s.Pods)
	slices.SortFunc(pods, func(a, b *corev1.Pod) int { return strings.Compare(a.Name, b.Name) })
	found := make([]finding, min(len(pods), podsMax))
	var readers sync.WaitGroup
	slots := make(chan struct{}, atOnceMax)
	for i := range found {
		readers.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			found[i] = s.readOne(ctx, pods[i])
		})
	}
	readers.Wait()
	return found
}

// readOne reads the log of one pod.
func (s Search) readOne(ctx context.Context, p *corev1.Pod) finding {
	f := finding{pod: p}
	stream, err := s.Client.CoreV1().Pods(p.Namespace).GetLogs(p.Name, &corev1.PodLogOptions{
		Container: s.Container, TailLines: new(int64(linesMax)),
	}).Stream(ctx)
	if err != nil {
		f.err = err
		return f
	}
	defer func() { _ = stream.Close() }()
	limited := &io.LimitedReader{R: stream, N: bytesMax}
	lines := bufio.NewScanner(limited)
	lines.Buffer(nil, bytesMax+1)
	for lines.Scan() {
		if !s.Pattern.Match(lines.Bytes()) {
			continue
		}
		if f.count++; f.count <= shownMax {
			f.lines = append(f.lines, clip(lines.Text()))
		}
	}
	f.cut = limited.N <= 0
	f.err = lines.Err()
	return f
}

// words shows the finding, a line each.
func (f finding) words() []string {
	var out []string
	for _, line := range f.lines {
		out = append(out, f.pod.Name+": "+line)
	}
	if more := f.count - len(f.lines); more > 0 {
		out = append(out, fmt.Sprintf("%s: and %s more", f.pod.Name, deployer.Count(more, "line")))
	}
	return out
}

// clip cuts a line that is too long, at a whole character.
func clip(line string) string {
	line = strings.ToValidUTF8(line, "?")
	if len(line) <= lineMax {
		return line
	}
	return strings.ToValidUTF8(line[:lineMax], "") + "…"
}
