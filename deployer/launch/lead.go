package launch

import (
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// riskInput is the input that lead times are keyed by.
const riskInput = "risk"

// warnings say what is unusual about a request. Nothing is refused for them;
// they are frozen into the deployment, as the words that people read.
func (l Launcher) warnings(r Request, p deployer.Procedure, ahead time.Duration, inputs map[string]string) []string {
	var out []string
	risk := inputs[riskInput]
	if late := lateWarning(ahead, l.cfg.LeadTimes[risk], risk); late != "" {
		out = append(out, late)
	}
	if l.ports.Holders != nil {
		out = append(out, Unanswerable(p, r.By, l.ports.Holders)...)
	}
	return out
}

// lateWarning says that a deployment is announced later than its lead time asks;
// "" where it is not. What was never planned is not ahead at all.
func lateWarning(ahead, lead time.Duration, risk string) string {
	if ahead = max(ahead, 0); lead <= 0 || ahead >= lead {
		return ""
	}
	what := ""
	if risk != "" {
		what = " for " + risk + " risk"
	}
	if ahead < time.Minute {
		return "This was not announced ahead;" + what + " it should be " + deployer.SpanInWords(lead) + " before."
	}
	return "This was announced " + deployer.SpanInWords(ahead) + " ahead;" + what + " it should be " + deployer.SpanInWords(lead) + "."
}
