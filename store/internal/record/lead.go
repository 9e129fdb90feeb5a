package record

import (
	"maps"
	"time"

	"github.com/stationmaster/stationmaster/deployer"
)

// modernize gives a start that carries a lead time and a technical account
// manager what one of today carries instead: the warning in words, and a term.
// The sentences are those that the program had which wrote it, whatever today's
// are, so that what people have read stays what it was.
func (r created) modernize() created {
	s := &r.Start
	if s.TAM != "" {
		s.Terms = maps.Clone(s.Terms)
		if s.Terms == nil {
			s.Terms = map[string]string{}
		}
		s.Terms["tam"], s.TAM = s.TAM, ""
	}
	if ahead := max(s.Planned.Sub(r.At), 0); s.Lead > 0 && ahead < s.Lead {
		what, lead := "", deployer.SpanInWords(s.Lead)
		if risk := s.Inputs["risk"]; risk != "" {
			what = " for " + risk + " risk"
		}
		warning := "This was announced " + deployer.SpanInWords(ahead) + " ahead;" + what + " it should be " + lead + "."
		if ahead < time.Minute {
			warning = "This was not announced ahead;" + what + " it should be " + lead + " before."
		}
		s.Warnings = append(s.Warnings, warning)
	}
	s.Lead = 0
	return r
}
