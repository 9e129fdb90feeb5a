package kubetest

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/stationmaster/stationmaster/deployer/slowtest"
)

const (
	// sourceFolder is the nested module, from the root of the repository.
	sourceFolder = "deployer/kube/kubetest/controlplane"
	// linkFlags drop what a debugger needs, and say the version that go.mod has, which the API server tells
	// its clients.
	linkFlags = "-s -w" +
		" -X k8s.io/component-base/version.gitVersion=v1.36.3" +
		" -X k8s.io/component-base/version.gitMajor=1 -X k8s.io/component-base/version.gitMinor=36"
	// unusedFor is how long a build of other sources stays in the cache after its last use.
	unusedFor = 14 * 24 * time.Hour
)

// binary returns the path of the built control plane, and builds it where there is none. It skips the test where
// nobody asks for the slow ones.
func binary(t testing.TB) string {
	t.Helper()
	slowtest.Only(t, "it runs on a real control plane")
	path, source, err := cachedPath()
	if err != nil {
		t.Fatalf("find the control plane's cache: %v", err)
	}
	if _, err := os.Stat(path); err == nil {
		now := time.Now()
		_ = os.Chtimes(path, now, now) // only prune reads it
		return path
	}
	ctx, cancel := withDeadlineOf(t)
	defer cancel()
	if err := build(ctx, source, path); err != nil {
		t.Fatalf("build the control plane: %v", err)
	}
	return path
}

// withDeadlineOf ends a little before the test binary's own time-out, which would leave a compiler running.
func withDeadlineOf(t testing.TB) (context.Context, context.CancelFunc) {
	if d, ok := t.(interface{ Deadline() (time.Time, bool) }); ok {
		if deadline, ok := d.Deadline(); ok {
			return context.WithDeadline(context.Background(), deadline.Add(-5*time.Second))
		}
	}
	return context.WithCancel(context.Background())
}

// cachedPath returns where the binary is, or would be, for the sources as they are now, and their folder.
func cachedPath() (path, source string, err error) {
	source, err = sourceDir()
	if err != nil {
		return "", "", err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", "", err
	}
	sum, err := hashSources(source)
	if err != nil {
		return "", "", err
	}
	return filepath.Join(cache, "stationmaster", "controlplane", sum, "controlplane"), source, nil
}

// sourceDir looks upwards from the working directory, which for a test is its package's folder.
func sourceDir() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		source := filepath.Join(dir, filepath.FromSlash(sourceFolder))
		if _, err := os.Stat(filepath.Join(source, "go.mod")); err == nil {
			return source, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", fmt.Errorf("no %s in any folder above the working directory", sourceFolder)
		}
		dir = parent
	}
}

func hashSources(source string) (string, error) {
	hash := sha256.New()
	fmt.Fprintln(hash, runtime.Version(), runtime.GOOS, runtime.GOARCH, linkFlags)
	files, err := filepath.Glob(filepath.Join(source, "*"))
	if err != nil {
		return "", err
	}
	for _, file := range files { // Glob sorts
		name := filepath.Base(file)
		if name != "go.mod" && name != "go.sum" && filepath.Ext(name) != ".go" {
			continue
		}
		data, err := os.ReadFile(file)
		if err != nil {
			return "", err
		}
		fmt.Fprintln(hash, name, len(data))
		hash.Write(data)
	}
	return fmt.Sprintf("%x", hash.Sum(nil)[:8]), nil
}

// build compiles source into path. Test binaries of several packages run at once: the first one builds, the
// others wait for its lock and then find the result.
func build(ctx context.Context, source, path string) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	unlock, err := lock(ctx, filepath.Join(dir, "lock"))
	if err != nil {
		return err
	}
	defer unlock()
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	prune(filepath.Dir(dir), filepath.Base(dir))

	done := narrate("building the control plane, once; about five minutes on two cores")
	defer done()
	// Written beside the target and renamed, so that a build cut short is not taken for a whole one.
	partial := path + ".partial"
	command := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags="+linkFlags, "-o", partial, ".")
	command.Dir = source
	command.Env = append(os.Environ(), "GOWORK=off")
	out, err := command.CombinedOutput()
	if ctx.Err() != nil {
		return errors.New("not ready before the tests' time-out; what is compiled stays compiled, run again with -timeout 30m")
	}
	if err != nil {
		return fmt.Errorf("go build in %s: %w\n%s", sourceFolder, err, out)
	}
	return os.Rename(partial, path)
}

// narrate tells on stderr what takes so long, every half minute until done is called.
func narrate(what string) (done func()) {
	start := time.Now()
	fmt.Fprintf(os.Stderr, "kubetest: %s\n", what)
	tick := time.NewTicker(30 * time.Second)
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-tick.C:
				fmt.Fprintf(os.Stderr, "kubetest: still building, %s\n", time.Since(start).Round(time.Second))
			case <-stop:
				return
			}
		}
	}()
	return func() {
		tick.Stop()
		close(stop)
		<-stopped
		fmt.Fprintf(os.Stderr, "kubetest: build ended after %s\n", time.Since(start).Round(time.Second))
	}
}

// prune removes builds of other sources that nothing has used for a while; each is about 160 MB. What
// cannot be removed stays, for it harms nothing but room.
func prune(cache, keep string) {
	others, _ := filepath.Glob(filepath.Join(cache, "*", "controlplane"))
	for _, path := range others {
		dir := filepath.Dir(path)
		info, err := os.Stat(path)
		if err == nil && filepath.Base(dir) != keep && time.Since(info.ModTime()) > unusedFor {
			_ = os.RemoveAll(dir)
		}
	}
}
