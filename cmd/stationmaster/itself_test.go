package main

import "os"

// itself makes this test's own binary the program: quick runs save building another one.
const itself = "STATIONMASTER_TEST_ITSELF"

func init() {
	if os.Getenv(itself) != "" {
		main()
		os.Exit(0)
	}
}
