package sim

import (
	"strings"
	"time"
)

// Behaviour says how containers of one image fare. Durations are before
// [Config.Speed] and vary by a fifth. The zero value is pulled, started and
// ready at once, and stops at once.
type Behaviour struct {
	Quota         string // when set, no pod can be created, and this is why
	Unschedulable string // when set, no node takes the pod, and this is why

	Pull      time.Duration // how long a pull takes, on a node that lacks the image
	PullError string        // when set, pulls end with this error

	Ready time.Duration // from start to ready; below zero: never

	Crash    time.Duration // when above zero, the container ends this long after each start
	ExitCode int32         // with this code
	Reason   string        // and this reason; by default Error, or Completed for code 0

	Stop time.Duration // from the order to stop until the pod is gone

	Logs      []string // what it prints when it starts
	LastWords []string // what it prints before it crashes
}

// Normal is a container that is pulled in a second or so and soon ready.
func Normal() Behaviour {
	return Behaviour{
		Pull:  1200 * time.Millisecond,
		Ready: 1500 * time.Millisecond,
		Stop:  1500 * time.Millisecond,
		Logs: []string{
			`level=info msg="starting"`,
			`level=info msg="configuration loaded" file=/etc/app/config.yaml`,
			`level=info msg="connected" db=postgres://db:5432/app pool=10`,
			`level=info msg="listening" addr=:8080`,
		},
	}
}

// Crash is a container that ends with code 1 shortly after each start.
func Crash() Behaviour {
	b := Normal()
	b.Crash = 800 * time.Millisecond
	b.Ready = -1
	b.ExitCode = 1
	b.Logs = b.Logs[:2]
	b.LastWords = []string{
		`level=error msg="cannot migrate the database" err="column \"lane\" of relation \"orders\" already exists"`,
		"panic: runtime error: invalid memory address or nil pointer dereference",
		"[signal SIGSEGV: segmentation violation code=0x1 addr=0x18 pc=0x6f2a41]",
		"",
		"goroutine 1 [running]:",
		"main.(*Orders).Load(0x0, {0x7a3c10, 0xc0000240a0})",
		"\t/src/orders.go:87 +0x21",
		"main.main()",
		"\t/src/main.go:41 +0x1c5",
	}
	return b
}

// Flaky is a container that gets ready, and crashes when one might think that
// all is well.
func Flaky() Behaviour {
	b := Crash()
	b.Ready = Normal().Ready
	b.Crash = 20 * time.Second
	b.Logs = Normal().Logs
	return b
}

// Missing is an image that the registry does not have.
func Missing(image string) Behaviour {
	b := Normal()
	b.Pull = 600 * time.Millisecond
	b.PullError = `rpc error: code = NotFound desc = failed to pull and unpack image "` + image +
		`": failed to resolve reference "` + image + `": ` + image + `: not found`
	return b
}

// Slow is a container that takes half a minute to be ready.
func Slow() Behaviour {
	b := Normal()
	b.Ready = 30 * time.Second
	return b
}

// Unready is a container that runs and whose readiness probe always fails.
func Unready() Behaviour {
	b := Normal()
	b.Ready = -1
	b.Logs = append(b.Logs[:2:2],
		`level=warn msg="waiting for the message broker" addr=broker:5672 attempt=1`,
		`level=warn msg="waiting for the message broker" addr=broker:5672 attempt=2`)
	return b
}

// OverQuota is an image whose pods the namespace has no quota left for.
func OverQuota() Behaviour {
	b := Normal()
	b.Quota = "exceeded quota: compute, requested: limits.memory=2Gi, used: limits.memory=16Gi, limited: limits.memory=16Gi"
	return b
}

// Unschedulable is an image whose pods fit on no node.
func Unschedulable() Behaviour {
	b := Normal()
	b.Unschedulable = "0/3 nodes are available: 3 Insufficient memory. " +
		"preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod."
	return b
}

// ByTag chooses a behaviour by a word in the image's tag: crash, flaky, missing
// or nopull, slow, hang or unready, quota, unschedulable; any other tag, and an
// image without one, is normal.
func ByTag(image string) Behaviour {
	tag := tagOf(image)
	for _, word := range []struct {
		in string
		b  func() Behaviour
	}{
		{"crash", Crash},
		{"flaky", Flaky},
		{"missing", func() Behaviour { return Missing(image) }},
		{"nopull", func() Behaviour { return Missing(image) }},
		{"slow", Slow},
		{"hang", Unready},
		{"unready", Unready},
		{"quota", OverQuota},
		{"unschedulable", Unschedulable},
	} {
		if strings.Contains(tag, word.in) {
			return word.b()
		}
	}
	return Normal()
}
