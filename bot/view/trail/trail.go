// Package trail is the audit trail of a deployment for people: every record that was written down, with its hash.
package trail

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/bot/mrkdwn"
	"github.com/stationmaster/stationmaster/bot/view"
	"github.com/stationmaster/stationmaster/deployer"
)

// Callback is the callback id of the trail's form.
const Callback = "trail"

// The action ids of the buttons that turn a page.
const (
	Older = "trail/older"
	newer = "trail/newer"
)

// PageMax is how many records stand on a page; Slack takes 100 blocks in a modal.
const PageMax = 90

// A Trail is the history of a deployment, to be read by people.
type Trail struct {
	Deployment deployer.Deployment
	Records    []deployer.Record
	Broken     error // the records are those before the first that is not what was written
	Zone       *time.Location
	Names      view.Names
}

// Memo is what the form remembers.
type Memo struct {
	Deployment string `json:"d"`
	Page       int    `json:"p"`
}

// View is a page of the trail as a form. A page that is not there is the
// nearest one.
func (t Trail) View(page int) slack.ModalViewRequest {
	pages := max((len(t.Records)+PageMax-1)/PageMax, 1)
	page = min(max(page, 0), pages-1)
	from, to := page*PageMax, min((page+1)*PageMax, len(t.Records))
	blocks := t.head()
	for _, r := range t.Records[from:to] {
		blocks = append(blocks, slack.NewSectionBlock(mrkdwn.Text(t.record(r)), nil, nil))
	}
	if pages > 1 {
		blocks = append(blocks,
			slack.NewContextBlock("", mrkdwn.PlainText(fmt.Sprintf("Records %d to %d of %d", from+1, to, len(t.Records)))), turnPage(page, pages))
	}
	memo, err := json.Marshal(Memo{t.Deployment.ID, page})
	if err != nil {
		panic("view: a memo holds only strings and numbers: " + err.Error())
	}
	return slack.ModalViewRequest{
		Type: slack.VTModal, CallbackID: Callback, PrivateMetadata: string(memo),
		Title: mrkdwn.PlainText("Audit trail"), Close: mrkdwn.PlainText("Close"), Blocks: slack.Blocks{BlockSet: blocks},
	}
}

func turnPage(page, pages int) slack.Block {
	var turns []slack.BlockElement
	if page > 0 {
		turns = append(turns, slack.NewButtonBlockElement(Older, "older", mrkdwn.PlainText("Older")))
	}
	if page < pages-1 {
		turns = append(turns, slack.NewButtonBlockElement(newer, "newer", mrkdwn.PlainText("Newer")))
	}
	return slack.NewActionBlock(fmt.Sprintf("trail/%d", page), turns...)
}

// head says what it is the trail of, and whether it can be trusted.
func (t Trail) head() []slack.Block {
	d := t.Deployment
	proof := "No record was found."
	if last := len(t.Records) - 1; last >= 0 {
		proof = fmt.Sprintf("🔗 *Unbroken*: each of the %s carries the hash of the one before. The last is %s.",
			deployer.Count(len(t.Records), "record"), hash(t.Records[last].Hash, 16))
	}
	if t.Broken != nil {
		proof = fmt.Sprintf("⛔ *Broken*: what follows is not what was written, or is missing. These %s can be trusted.\n%s",
			deployer.Count(len(t.Records), "record"), mrkdwn.Escape(t.Broken.Error(), whyMax))
	}
	about := fmt.Sprintf("*%s* · %s · %s %s · *%s*", mrkdwn.Escape(d.ID, mrkdwn.NameMax), view.ReleaseWords(d.Releases), mrkdwn.Escape(d.Site.Name, mrkdwn.NameMax),
		mrkdwn.Escape(d.Site.Environment, mrkdwn.NameMax), mrkdwn.Escape(string(d.Status), mrkdwn.NameMax))
	zones := "Times are yours"
	if t.Zone != nil {
		zones += ", then those of " + view.City(t.Zone)
	}
	about = deployer.MarkDrill(d.Drill.On, about)
	return append(mrkdwn.Sections([]string{about + "\n" + proof}), slack.NewContextBlock("", mrkdwn.PlainText(zones+".")), slack.NewDividerBlock())
}

// record is one commit: when, its hash, and a line for each event.
func (t Trail) record(r deployer.Record) string {
	lines := []string{fmt.Sprintf("%s · %s", t.when(r.At), hash(r.Hash, 8))}
	for _, e := range r.Events {
		at, words := eventLine(e, t.Deployment, t.Names)
		if off := r.At.Sub(at); !at.IsZero() && (off > time.Minute || off < -time.Minute) {
			words += " · " + t.when(at) // it was written down much later
		}
		lines = append(lines, "• "+words)
	}
	return mrkdwn.Cut(strings.Join(lines, "\n"), mrkdwn.SectionMax)
}

// recorded is somebody as they are in the record: by the name of then, and by
// their id, which nobody can change. Who is called otherwise since is so named as
// well: what was written down stays as it was.
func recorded(n view.Names, p deployer.Actor) string {
	who := "*" + mrkdwn.Escape(cmp.Or(p.Name, "nobody"), mrkdwn.NameMax) + "*"
	if p.Name == "" && p.ID != "" {
		who = "*" + mrkdwn.Escape(p.ID, mrkdwn.NameMax) + "*"
	} else if p.ID != "" {
		who += " " + mrkdwn.Code(p.ID, mrkdwn.NameMax)
	}
	if p.Kind != deployer.ActorPerson {
		who += ", " + article(string(p.Kind)) + ","
	}
	if now := n.Renamed(p); now != "" {
		who += " (now called " + mrkdwn.Escape(now, mrkdwn.NameMax) + ")"
	}
	return who
}

// article is a noun with its article.
func article(noun string) string {
	if strings.ContainsAny(noun[:1], "aeiou") {
		return "an " + noun
	}
	return "a " + noun
}

// counted is the role by which an answer counted.
func counted(e deployer.Answered) string {
	switch as := mrkdwn.Escape(e.Role, mrkdwn.NameMax); {
	case e.As == deployer.LevelBreakGlass:
		return ", breaking the glass in the place of " + cmp.Or(as, "those who decide") + ","
	case e.Role == "":
		return ""
	case e.As == deployer.LevelDeputies:
		return ", as a deputy of " + as + ","
	default:
		return ", as " + as + ","
	}
}

// hash is the beginning of a hash, enough to compare.
func hash(s string, digits int) string { return mrkdwn.Code(s[:min(len(s), digits)], mrkdwn.NameMax) }

// when is a time to the second, the reader's and the retailer's.
func (t Trail) when(at time.Time) string {
	out := fmt.Sprintf("*<!date^%d^{date_short_pretty} {time_secs}|%s UTC>*", at.Unix(), at.UTC().Format("2 Jan 15:04:05"))
	if t.Zone == nil {
		return out
	}
	return out + " · " + at.In(t.Zone).Format("15:04:05 MST")
}
