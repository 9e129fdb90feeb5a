package templates_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stationmaster/stationmaster/templates"
)

// What a file may ask for has an end: else a deployment of it would take all memory, or
// its record would have none.
func TestWhatIsAskedForHasAnEnd(t *testing.T) {
	t.Parallel()
	members := strings.TrimSuffix(strings.Repeat("m%d, ", 101), ", ")
	n := make([]any, 101)
	for i := range n {
		n[i] = i
	}
	step := "phases: [{id: a, steps: [{id: s, %s}]}]\n"
	confirm := fmt.Sprintf(step, "uses: confirm")
	for text, want := range map[string]string{
		fmt.Sprintf(step, "uses: approve, with: {role: tech-lead, count: 1000000000}"):                                 "count is at most 100, not 1000000000",
		fmt.Sprintf(step, "uses: approve, with: {roles: {tech-lead: 1000000000}}"):                                     "how many of tech-lead is at most 100, not 1000000000",
		fmt.Sprintf(step, "uses: approve, with: {role: requester}"):                                                    "the requester never approves what they ask for",
		fmt.Sprintf(step, "uses: approve, with: {roles: {tech-lead: 1, requester: 1}}"):                                "the requester never approves what they ask for",
		fmt.Sprintf(step, `uses: probe.http, retries: 1000000000, with: {url: "https://a.example"}`):                   "retries is at most 100, not 1000000000",
		fmt.Sprintf(step, "uses: confirm, each: ["+fmt.Sprintf(members, n...)+"]"):                                     "each has 101 members; 100 are the most",
		confirm + `after: [{id: w, every: 1s, for: 1w, uses: probe.http, with: {url: "https://a.example"}}]`:           "every 1s comes 604800 times in 1w; 1000 are the most",
		confirm + `after: [{id: w, every: 15m, for: 1w, uses: probe.http, with: {url: "https://a.example"}}]`:          "",
		"unapproved: \"\u200b\"\nphases: [{id: a, steps: [{id: r, uses: rollout}, {id: v, uses: kubernetes.verify}]}]": "unapproved says why nothing that is deployed needs an approval",
	} {
		if !strings.Contains(text, "rollout") {
			text = "services: none\n" + text
		}
		_, err := templates.Parse(known, "test.yaml", []byte("id: p\ntitle: P\n"+text+"\n"))
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%.200s\n%v, want %q", text, err, want)
		}
	}
}
