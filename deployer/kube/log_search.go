package kube

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"sync"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/stationmaster/stationmaster/deployer"
)

// What a search reads at most. A step kind's documentation says so.
const (
	searchPodsMax   = 20
	searchLinesMax  = 500 // the last of each pod
	searchBytesMax  = 1 << 20
	searchAtOnceMax = 4
	searchShownMax  = 3 // lines of each pod that people see
	searchLineMax   = 300
)

// A logSearch finds the lines that match in what a container of the pods has
// written since it started.
type logSearch struct {
	pattern *regexp.Regexp
	pods    []*corev1.Pod
}

// A finding is what a search has found in one pod.
type finding struct {
	pod   string
	lines []string // the first that match
	count int      // all that match
	cut   bool     // the log was longer than is read
	err   error
}

// searchLogs completes a good outcome by what the logs hold: lines that match make
// it a failure. A log that can't be read leaves it open, unless another one has
// such lines.
func (s *System) searchLogs(ctx context.Context, c *cluster, at workloadRef, v *verdict) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	defer context.AfterFunc(s.ctx, cancel)()
	all := len(v.search.pods)
	found := c.readLogs(ctx, at.container, v.search)
	var bad, long int
	var failed error
	var detail []string
	for _, f := range found {
		switch {
		case f.count > 0:
			bad++
			detail = append(detail, f.words()...)
		case f.err != nil && failed == nil:
			failed = f.err
		}
		if f.cut {
			long++
		}
	}
	unread := ""
	if all > len(found) {
		unread += fmt.Sprintf("; the logs of %d were not read", all-len(found))
	}
	if long > 0 {
		unread += fmt.Sprintf("; %s not read to the end", deployer.Count(long, "log")+pick(long, " was", " were"))
	}
	switch {
	case bad > 0:
		v.outcome.Result = deployer.Failed
		v.outcome.Why = fmt.Sprintf("%d of %s %s errors%s.", bad, deployer.Count(all, "pod"), pick(bad, "logs", "log"), unread)
		v.outcome.Detail = clip(strings.Join(detail, "\n"), detailMax-len("…"))
	case failed != nil:
		return failed
	default:
		v.outcome.Why += "; no errors in the logs" + unread
	}
	return nil
}

// readLogs reads the logs of the pods, in the order of their names, as many as are
// read.
func (c *cluster) readLogs(ctx context.Context, container string, s *logSearch) []finding {
	pods := slices.Clone(s.pods)
	slices.SortFunc(pods, func(a, b *corev1.Pod) int { return strings.Compare(a.Name, b.Name) })
	found := make([]finding, min(len(pods), searchPodsMax))
	var readers sync.WaitGroup
	slots := make(chan struct{}, searchAtOnceMax)
	for i := range found {
		readers.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			found[i] = c.readLog(ctx, pods[i], container, s.pattern)
		})
	}
	readers.Wait()
	return found
}

// readLog reads the log of one pod.
func (c *cluster) readLog(ctx context.Context, p *corev1.Pod, container string, pattern *regexp.Regexp) finding {
	f := finding{pod: p.Name}
	stream, err := c.client.CoreV1().Pods(p.Namespace).GetLogs(p.Name, &corev1.PodLogOptions{
		Container: container, TailLines: new(int64(searchLinesMax)),
	}).Stream(ctx)
	if err != nil {
		f.err = c.unread(p, err)
		return f
	}
	defer func() { _ = stream.Close() }()
	limited := &io.LimitedReader{R: stream, N: searchBytesMax}
	lines := bufio.NewScanner(limited)
	lines.Buffer(nil, searchBytesMax+1)
	for lines.Scan() {
		if !pattern.Match(lines.Bytes()) {
			continue
		}
		if f.count++; f.count <= searchShownMax {
			f.lines = append(f.lines, clip(strings.ToValidUTF8(lines.Text(), "?"), searchLineMax))
		}
	}
	f.cut = limited.N <= 0
	if err := lines.Err(); err != nil {
		f.err = c.unread(p, err)
	}
	return f
}

// unread says why a log could not be read. Only a right that is missing is for
// good: a pod may have gone meanwhile.
func (c *cluster) unread(p *corev1.Pod, err error) error {
	if apierrors.IsForbidden(err) {
		return c.definite(err, "read the log of "+p.Name)
	}
	if errors.Is(err, context.Canceled) {
		return err
	}
	return fmt.Errorf("read the log of %s: %w", p.Name, c.problem(err))
}

// words shows the finding, a line each.
func (f finding) words() []string {
	var out []string
	for _, line := range f.lines {
		out = append(out, f.pod+": "+line)
	}
	if more := f.count - len(f.lines); more > 0 {
		out = append(out, fmt.Sprintf("%s: and %s more", f.pod, deployer.Count(more, "line")))
	}
	return out
}
