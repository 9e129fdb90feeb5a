//go:build race

package main_test

func init() { withRace = true }
