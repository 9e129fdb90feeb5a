package kubetest_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"k8s.io/client-go/tools/clientcmd"

	"github.com/stationmaster/stationmaster/deployer/kube/kubetest"
)

// victimEnv makes this test binary a process that starts a cluster, says where, and waits to be killed. Its
// value is a folder.
const victimEnv = "KUBETEST_VICTIM"

func beVictim(dir string) {
	testing.Init()
	testing.Benchmark(func(b *testing.B) { // the nearest way to a testing.TB outside of a test
		c := kubetest.Start(b, kubetest.WithNodes(0))
		config, err := os.ReadFile(c.Kubeconfig())
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, "partial"), config, 0o600)
		}
		if err == nil {
			err = os.Rename(filepath.Join(dir, "partial"), filepath.Join(dir, "kubeconfig"))
		}
		if err != nil {
			b.Fatal(err)
		}
		time.Sleep(5 * time.Minute)
	})
	os.Exit(1)
}

// A test that is killed runs no cleanup; its control plane must end all the same.
func TestNothingSurvivesAKilledTest(t *testing.T) {
	kubetest.Shared(t) // skips where there is no control plane
	dir := t.TempDir()
	victim := exec.Command(os.Args[0], "-test.run=^$")
	victim.Env = append(os.Environ(), victimEnv+"="+dir, "TMPDIR="+dir)
	if err := victim.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = victim.Process.Kill() }()

	kubeconfig := filepath.Join(dir, "kubeconfig")
	eventually(t, 2*time.Minute, func(context.Context) string {
		if _, err := os.Stat(kubeconfig); err != nil {
			return err.Error()
		}
		return ""
	})
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	address := config.Host[len("https://"):]
	if !listens(address) {
		t.Fatalf("the victim's API server is not at %s", address)
	}

	if err := victim.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = victim.Wait()
	eventually(t, 2*time.Minute, func(context.Context) string {
		if listens(address) {
			return fmt.Sprintf("the killed test's API server still listens on %s", address)
		}
		return ""
	})
}

func listens(address string) bool {
	conn, err := net.DialTimeout("tcp", address, time.Second)
	if err != nil {
		return false
	}
	_ = conn.Close()
	return true
}
