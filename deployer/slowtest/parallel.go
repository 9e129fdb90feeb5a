package slowtest

import (
	"flag"
	"fmt"
)

// Parallel lets so many tests of a package run at once, more than there are cores: those that wait for Slack's pace
// and for other processes wait far more than they compute. For TestMain, before it runs the tests.
func Parallel(n int) {
	flag.Parse()
	if err := flag.Set("test.parallel", fmt.Sprint(n)); err != nil {
		panic(err)
	}
}
