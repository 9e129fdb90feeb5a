package app

import (
	"cmp"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"

	"github.com/stationmaster/stationmaster/deployer"
)

// channels is the expression of the channels that take commands.
func (c *checker) channels() *regexp.Regexp {
	t := c.file.Slack.Channels
	re, err := regexp.Compile(cmp.Or(t.Value, `^(?P<retailer>[a-z0-9-]+)-deploys$`))
	if err != nil {
		c.wrong(t, "this is not a regular expression: %v", err)
		return nil
	}
	if re.SubexpIndex("retailer") < 0 {
		c.wrong(t, "the expression needs a group that says which part is the retailer: (?P<retailer>…)")
	}
	if tree, err := syntax.Parse(re.String(), syntax.Perl); err != nil || !begins(tree) || !ends(tree) {
		c.wrong(t, "the expression also fits in the middle of a channel's name, which whoever makes a channel can choose; write %s", anchor(re.String()))
	}
	return re
}

// pinned refuses two retailers with the same channel of their own.
func (c *checker) pinned(retailers map[string]Retailer) {
	of := map[string]string{}
	for _, name := range sorted(retailers) {
		id := retailers[name].Channels[deployer.ChannelDeploys]
		if other := of[id]; id != "" && other != "" {
			c.wrong(c.key(c.under(name), name, "channels"), "%s and %s have the same channel for their deployments: a channel is for one retailer", other, name)
		}
		of[id] = name
	}
}

// begins reports whether an expression fits at the beginning of a text alone.
func begins(t *syntax.Regexp) bool {
	switch t.Op {
	case syntax.OpBeginText:
		return true
	case syntax.OpConcat, syntax.OpCapture:
		return begins(t.Sub[0])
	case syntax.OpAlternate:
		return !slices.ContainsFunc(t.Sub, func(one *syntax.Regexp) bool { return !begins(one) })
	}
	return false
}

// ends reports whether an expression fits at the end of a text alone.
func ends(t *syntax.Regexp) bool {
	switch t.Op {
	case syntax.OpEndText:
		return true
	case syntax.OpConcat, syntax.OpCapture:
		return ends(t.Sub[len(t.Sub)-1])
	case syntax.OpAlternate:
		return !slices.ContainsFunc(t.Sub, func(one *syntax.Regexp) bool { return !ends(one) })
	}
	return false
}

// anchor is an expression that fits a whole text alone.
func anchor(expression string) string {
	inner := strings.TrimPrefix(expression, "^")
	if !strings.HasSuffix(inner, `\$`) {
		inner = strings.TrimSuffix(inner, "$")
	}
	if strings.Contains(inner, "|") {
		inner = "(?:" + inner + ")"
	}
	return "^" + inner + "$"
}
