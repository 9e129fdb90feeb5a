package urltemplate_test

import (
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/deployer"
	"github.com/stationmaster/stationmaster/deployer/urltemplate"
)

func TestAnAddressTakesTheValuesOfItsPlaceholders(t *testing.T) {
	t.Parallel()
	in := deployer.Intent{Service: "web", Site: deployer.Site{Name: "a b/c", Environment: "prod"}}
	for _, test := range []struct{ address, want string }{
		{"https://web.example", "https://web.example"},
		{"HTTP://web.example/", "HTTP://web.example/"},
		{"https://{service}.{environment}.example:8443/health", "https://web.prod.example:8443/health"},
		{"https://[::1]:8080/{service}", "https://[::1]:8080/web"},
		{"https://example/{retailer}/x?r={retailer}&s={service}", "https://example/a%20b%2Fc/x?r=a+b%2Fc&s=web"},
		{"https://example?to=/{service}", "https://example?to=/web"},
	} {
		if got, err := urltemplate.Address(test.address).For(in); err != nil || got != test.want {
			t.Errorf("%s: %q, %v; want %q", test.address, got, err, test.want)
		}
	}
}

// What somebody typed must not choose another host or another path.
func TestAnAddressRefusesValuesThatCannotStandInIt(t *testing.T) {
	t.Parallel()
	for address, in := range map[urltemplate.Address]deployer.Intent{
		"https://{retailer}.example/":  {Site: deployer.Site{Name: "evil.example/"}},
		"https://{service}.example/":   {Service: ""},
		"https://example/{service}/x":  {Service: ".."},
		"https://example/.{service}/x": {Service: "."},
		"https://x{retailer}/":         {Site: deployer.Site{Name: "@evil"}},
	} {
		if got, err := address.For(in); err == nil {
			t.Errorf("%s: %q", address, got)
		}
	}
}

func TestAMistakeInAnAddressIsNamed(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ address, why string }{
		{"web.example/health", "begins with https://"},
		{"ftp://web.example", "begins with https://"},
		{"https://", "begins with https://"},
		{"https:///health", "begins with https://"},
		{"https://web.example:{service}/", "begins with https://"},
		{"https://{servce}.example", "did you mean {service}?"},
		{"https://{why}.example", "there are: {service}, {retailer}, {environment}"},
		{"https://{service.example", "a brace has no partner"},
		{"https://bob:secret@example/", "never written into a URL"},
		{"https://example/#top", "#"},
		{"", "begins with https://"},
	} {
		err := urltemplate.Address(test.address).Check()
		if err == nil || !strings.Contains(err.Error(), test.why) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", test.address, err)
		}
		if _, err := urltemplate.Address(test.address).For(deployer.Intent{Service: "web"}); err == nil {
			t.Errorf("%s is taken", test.address)
		}
	}
}
