package deployer

import "time"

// SkipReason says why a step has nothing to do in this deployment, so that it is
// over as soon as it begins; "" for a step that has.
func (d Deployment) SkipReason(s StepState) string {
	switch {
	case (s.Planned || s.Until == UntilPlanned) && d.Planned.IsZero():
		return "No start was planned."
	case s.ForClients() && d.Channels[ChannelClients] == "":
		return d.Retailer + " has no channel for clients, so nobody was told."
	}
	return ""
}

// WaitUntil is when a wait that has begun is over.
func (d Deployment) WaitUntil(s StepState) time.Time {
	if s.Until == UntilPlanned {
		return d.Planned
	}
	return s.Began.Add(s.For)
}

// Notice warns that the deployment is announced later than its lead time asks;
// "" where it is not. Nothing is refused for that.
func (d Deployment) Notice() string {
	ahead := max(d.Planned.Sub(d.Created), 0)
	if d.Lead <= 0 || ahead >= d.Lead {
		return ""
	}
	what := ""
	if risk := d.Inputs["risk"]; risk != "" {
		what = " for " + risk + " risk"
	}
	if ahead < time.Minute {
		return "This was not announced ahead;" + what + " it should be " + inWords(d.Lead) + " before."
	}
	return "This was announced " + inWords(ahead) + " ahead;" + what + " it should be " + inWords(d.Lead) + "."
}
