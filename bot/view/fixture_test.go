package view

import (
	"time"

	"github.com/stationmaster/stationmaster/bot/bottest"
	"github.com/stationmaster/stationmaster/deployer/urltemplate"
)

var plainRenderer = Renderer{Names: bottest.PhoneBook{}, Command: "/deploy"}

var linkedRenderer = Renderer{
	Names: bottest.PhoneBook{}, Command: "/deploy",
	Retailers: map[string]Retailer{"tangerine": {Zone: newYork(), Links: map[string]urltemplate.Link{
		"ticket": "https://jira.example/browse/{ticket}", "calendar": "https://calendar.example/{retailer}?env={environment}",
	}}},
	Services: map[string]Service{bottest.Web: linked(), bottest.Orders: linked(), bottest.Stock: linked()},
}

func newYork() *time.Location {
	z, err := time.LoadLocation("America/New_York")
	if err != nil {
		panic(err)
	}
	return z
}

func linked() Service {
	return Service{Links: map[string]urltemplate.Link{
		"changes": "https://git.example/{service}/compare/{from}...{to}", "dashboard": "https://grafana.example/d/{service}?var-client={retailer}",
		"nowhere": "https://git.example/{missing}",
	}}
}
