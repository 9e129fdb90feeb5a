package app_test

import (
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/cmd/internal/app"
)

// Whoever may make a channel chooses its name: where the expression fits a part
// of it, evil-tangerine-deploys-x takes commands for tangerine.
func TestTheExpressionOfTheChannelsFitsWholeNamesAlone(t *testing.T) {
	t.Parallel()
	const retailer = `(?P<retailer>[a-z0-9-]+)`
	for expression, want := range map[string]string{
		`^` + retailer + `-deploys$`:              "",
		`\A` + retailer + `-deploys\z`:            "",
		`^(` + retailer + `-deploys)$`:            "",
		`(^` + retailer + `-deploys$)`:            "",
		`^(` + retailer + `-deploys|ops)$`:        "",
		`^` + retailer + `-deploys$|^ops$`:        "",
		`^(?:deploys-|rollout-)` + retailer + `$`: "",
		retailer + `-deploys`:                     `^` + retailer + `-deploys$`,
		`^` + retailer + `-deploys`:               `^` + retailer + `-deploys$`,
		retailer + `-deploys$`:                    `^` + retailer + `-deploys$`,
		`^` + retailer + `-deploys|ops$`:          `^(?:` + retailer + `-deploys|ops)$`,
		`^` + retailer + `-deploys$|ops`:          `^(?:` + retailer + `-deploys$|ops)$`,
		`^` + retailer + `-deploys\$`:             `^` + retailer + `-deploys\$$`,
		`(?:^` + retailer + `)*-deploys$`:         `^(?:^` + retailer + `)*-deploys$`,
	} {
		_, err := app.Parse("sm.yaml", []byte(strings.Replace(contract, `^(?P<retailer>[a-z0-9-]+)-deploys$`, expression, 1)))
		switch {
		case want == "" && err != nil:
			t.Errorf("%s: %v", expression, err)
		case want != "" && (err == nil || !strings.HasPrefix(err.Error(), "sm.yaml:2:") || !strings.HasSuffix(err.Error(), "; write "+want)):
			t.Errorf("%s: %v, want %s", expression, err, want)
		}
	}
}
