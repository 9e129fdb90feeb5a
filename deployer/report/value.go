package report

import (
	"strconv"
	"strings"

	"github.com/stationmaster/stationmaster/deployer"
)

// text is a value in words; "" is one that is not set.
func text(v deployer.Value) string {
	var out []string
	add := func(words string) {
		if words != "" {
			out = append(out, words)
		}
	}
	add(v.Text)
	if v.Number != 0 {
		add(strconv.Itoa(v.Number))
	}
	if v.Flag {
		add("yes")
	}
	if v.Duration != 0 {
		add(deployer.Span(v.Duration))
	}
	add(moment(v.Time))
	add(strings.Join(v.List, ", "))
	for _, i := range v.Items {
		add(strings.TrimSpace(i.Title + " " + i.Link))
	}
	add(pairs(v.Texts))
	for _, role := range sortedKeys(v.Counts) {
		add(role + ": " + strconv.Itoa(v.Counts[role]))
	}
	for _, row := range v.Rows {
		add(pairs(row))
	}
	for _, in := range v.Inputs {
		add(strings.TrimSpace(in.ID + " " + in.Label))
	}
	return strings.Join(out, "\n")
}

// pairs are texts by their names, a line each.
func pairs(m map[string]string) string {
	var out []string
	for _, name := range sortedKeys(m) {
		value := m[name]
		if secretName(name) {
			value = hidden(value)
		}
		out = append(out, name+": "+value)
	}
	return strings.Join(out, "\n")
}
