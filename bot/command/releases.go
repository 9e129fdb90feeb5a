package command

import (
	"strings"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/deployer"
)

// releasesMax is how many services one deployment may have.
const releasesMax = 20

// ReadReleases reads services with their tags.
func (r *Request) ReadReleases(words []string) error {
	for len(words) > 0 {
		service, tag, joined := strings.Cut(words[0], ":")
		words = words[1:]
		switch {
		case service == "" && !joined:
			return RefuseWithExample(VerbDeploy, "A service has no name.")
		case joined && (service == "" || tag == ""):
			return deployer.Refuse("", "%q is not SERVICE:TAG.", mrkdwn.Clip(service+":"+tag, 60)).Hint("Say for example", VerbDeploy, "web:v1.2.3")
		case joined:
		case len(words) == 0:
			return &UnpairedWord{Word: service, First: len(r.Releases) == 0}
		case strings.Contains(words[0], ":"):
			return RefuseWithExample(VerbDeploy, "%q has no tag.", mrkdwn.Clip(service, 60))
		default:
			tag, words = words[0], words[1:]
		}
		if !deployer.ValidTag(tag) {
			return RefuseTag(tag)
		}
		r.Releases = append(r.Releases, deployer.Release{Service: service, Tag: tag})
	}
	switch {
	case len(r.Releases) == 0:
		return RefuseWithExample(VerbDeploy, "No service was named.")
	case len(r.Releases) > releasesMax:
		return deployer.Refuse("Deploy them in several goes.", "%d services are too many at once.", len(r.Releases))
	}
	return nil
}

// RefuseTag refuses what can be no tag.
func RefuseTag(tag string) error {
	return deployer.Refuse("A tag has letters, digits and . _ - and begins with a letter, a digit or _ – for example: v1.2.3",
		"%q is not a tag.", mrkdwn.Clip(tag, 60))
}

// An UnpairedWord is a word without a partner. Who knows the services can say more.
type UnpairedWord struct {
	Word  string
	First bool
}

func (u *UnpairedWord) Error() string {
	return RefuseWithExample(VerbDeploy, "%q has no partner.", mrkdwn.Clip(u.Word, 60)).Error()
}
