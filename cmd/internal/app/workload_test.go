package app_test

import (
	"encoding/json"
	"net/http"
	"strings"
)

// workload is a Deployment as the API server has it.
type workload struct {
	Metadata struct{ Annotations map[string]string }
	Spec     struct {
		Paused   bool
		Template struct {
			Spec struct {
				Containers []struct {
					Image string
					Env   []struct{ Name, Value string }
				}
			}
		}
	}
}

func (w workload) tag() string {
	image, _, _ := strings.Cut(w.Spec.Template.Spec.Containers[0].Image, "@")
	return image[strings.LastIndex(image, ":")+1:]
}

// runs asks the cluster what a service of a namespace runs.
func (tw *appFixture) runs(namespace, service string) (w workload) {
	tw.t.Helper()
	tw.kubectl(http.MethodGet, namespace, service, "", &w)
	return w
}

// kubectl does what somebody else would do to a workload.
func (tw *appFixture) kubectl(method, namespace, service, body string, into any) {
	tw.t.Helper()
	url := tw.cluster + "/apis/apps/v1/namespaces/" + namespace + "/deployments/" + service
	r, err := http.NewRequestWithContext(tw.t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		tw.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/strategic-merge-patch+json")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		tw.t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		tw.t.Fatalf("%s %s: %s", method, url, answer.Status)
	}
	if err := json.NewDecoder(answer.Body).Decode(into); err != nil {
		tw.t.Fatal(err)
	}
}
