package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/stationmaster/stationmaster/deployer"
)

// The audit trail's form and its buttons.
const (
	formTrail  = "trail"
	verbTrail  = "trail"
	trailOlder = "trail/older"
	trailNewer = "trail/newer"
)

const (
	trailPage      = 90 // records on a page; Slack takes 100 blocks in a modal
	modalBlocksMax = 100
)

// A trail is the history of a deployment, to be read by people.
type trail struct {
	d       deployer.Deployment
	records []deployer.Record
	broken  error // the records are those before the first that is not what was written
	zone    *time.Location
	names   names
}

// trailMemo is what the form remembers.
type trailMemo struct {
	Deployment string `json:"d"`
	Page       int    `json:"p"`
}

// trailButton opens a deployment's audit trail, from a message or a home tab.
func trailButton(deployment string) *slack.ButtonBlockElement {
	return button(verbTrail, "Audit trail", slack.StyleDefault, buttonValue{Deployment: deployment})
}

// view is a page of the trail as a form. A page that is not there is the
// nearest one.
func (t trail) view(page int) slack.ModalViewRequest {
	pages := max((len(t.records)+trailPage-1)/trailPage, 1)
	page = min(max(page, 0), pages-1)
	from, to := page*trailPage, min((page+1)*trailPage, len(t.records))
	blocks := t.head()
	for _, r := range t.records[from:to] {
		blocks = append(blocks, slack.NewSectionBlock(markdownText(t.record(r)), nil, nil))
	}
	if pages > 1 {
		blocks = append(blocks,
			slack.NewContextBlock("", plainText(fmt.Sprintf("Records %d to %d of %d", from+1, to, len(t.records)))), turnPage(page, pages))
	}
	memo, err := json.Marshal(trailMemo{t.d.ID, page})
	if err != nil {
		panic("bot: a memo holds only strings and numbers: " + err.Error())
	}
	return slack.ModalViewRequest{
		Type: slack.VTModal, CallbackID: formTrail, PrivateMetadata: string(memo),
		Title: plainText("Audit trail"), Close: plainText("Close"), Blocks: slack.Blocks{BlockSet: blocks},
	}
}

func turnPage(page, pages int) slack.Block {
	var turns []slack.BlockElement
	if page > 0 {
		turns = append(turns, slack.NewButtonBlockElement(trailOlder, "older", plainText("Older")))
	}
	if page < pages-1 {
		turns = append(turns, slack.NewButtonBlockElement(trailNewer, "newer", plainText("Newer")))
	}
	return slack.NewActionBlock(fmt.Sprintf("trail/%d", page), turns...)
}

// head says what it is the trail of, and whether it can be trusted.
func (t trail) head() []slack.Block {
	d := t.d
	proof := "No record was found."
	if last := len(t.records) - 1; last >= 0 {
		proof = fmt.Sprintf("🔗 *Unbroken*: each of the %s carries the hash of the one before. The last is %s.",
			count(len(t.records), "record"), hash(t.records[last].Hash, 16))
	}
	if t.broken != nil {
		proof = fmt.Sprintf("⛔ *Broken*: what follows is not what was written, or is missing. These %s can be trusted.\n%s",
			count(len(t.records), "record"), escape(t.broken.Error(), whyMax))
	}
	about := fmt.Sprintf("*%s* · %s · %s %s · *%s*", escape(d.ID, nameMax), wanted(d.Releases), escape(d.Retailer, nameMax),
		escape(d.Environment, nameMax), escape(string(d.Status), nameMax))
	zones := "Times are yours"
	if t.zone != nil {
		zones += ", then those of " + place(t.zone)
	}
	return append(sections([]string{about + "\n" + proof}), slack.NewContextBlock("", plainText(zones+".")), slack.NewDividerBlock())
}

// record is one commit: when, its hash, and a line for each event.
func (t trail) record(r deployer.Record) string {
	lines := []string{fmt.Sprintf("%s · %s", t.when(r.At), hash(r.Hash, 8))}
	for _, e := range r.Events {
		at, words := eventLine(e, t.d, t.names)
		if off := r.At.Sub(at); !at.IsZero() && (off > time.Minute || off < -time.Minute) {
			words += " · " + t.when(at) // it was written down much later
		}
		lines = append(lines, "• "+words)
	}
	return cut(strings.Join(lines, "\n"), sectionMax)
}

// hash is the beginning of a hash, enough to compare.
func hash(s string, digits int) string { return code(s[:min(len(s), digits)], nameMax) }

// when is a time to the second, the reader's and the retailer's.
func (t trail) when(at time.Time) string {
	out := fmt.Sprintf("*<!date^%d^{date_short_pretty} {time_secs}|%s UTC>*", at.Unix(), at.UTC().Format("2 Jan 15:04:05"))
	if t.zone == nil {
		return out
	}
	return out + " · " + at.In(t.zone).Format("15:04:05 MST")
}

// place is a zone in words.
func place(zone *time.Location) string {
	name := zone.String()
	return strings.ReplaceAll(name[strings.LastIndexByte(name, '/')+1:], "_", " ")
}

// trailOf reads a deployment's trail.
func (b *Bot) trailOf(ctx context.Context, id string) (trail, error) {
	d, err := b.records.Load(ctx, id)
	if errors.Is(err, deployer.ErrNotFound) {
		return trail{}, err
	}
	broken := err
	records, err := b.records.Trail(ctx, id)
	if err != nil {
		b.log.Error("a history is not whole", "deployment", id, "err", err)
		broken = err
	}
	if d.ID == "" { // what can still be read of it
		for _, r := range records {
			d = deployer.Fold(d, r.Events...)
		}
		d.ID = id
	}
	return trail{d: d, records: records, broken: broken, zone: b.cfg.Retailers[d.Retailer].Zone, names: b.people}, nil
}

// openTrail shows a deployment's trail from its beginning.
func (b *Bot) openTrail(ctx context.Context, trigger, id string) answer {
	t, err := b.trailOf(ctx, id)
	if err != nil {
		return b.open(ctx, trigger, notice("Audit trail", b.refuse(err).text))
	}
	return b.open(ctx, trigger, t.view(0))
}

// readTurn turns a page of a trail that is open.
func (b *Bot) readTurn(c slack.InteractionCallback) (task, error) {
	var memo trailMemo
	if err := json.Unmarshal([]byte(c.View.PrivateMetadata), &memo); err != nil {
		return task{}, fmt.Errorf("read a form's memo: %w", err)
	}
	page := memo.Page + 1
	if isPressed(c, trailOlder) {
		page = memo.Page - 1
	}
	return task{key: "person/" + c.User.ID, user: c.User.ID, do: func(ctx context.Context) answer {
		t, err := b.trailOf(ctx, memo.Deployment)
		if err != nil {
			return b.refuse(err)
		}
		_, err = b.api.UpdateViewContext(ctx, t.view(page), "", c.View.Hash, c.View.ID)
		if word, _ := errorCode(err); err != nil && word != "hash_conflict" { // pressed twice: the first has done it
			b.log.Warn("a page of an audit trail could not be turned", "err", err)
		}
		return answer{}
	}}, nil
}

// notice is a form that only says something.
func notice(title, text string) slack.ModalViewRequest {
	return slack.ModalViewRequest{
		Type: slack.VTModal, Title: plainText(title), Close: plainText("Close"),
		Blocks: slack.Blocks{BlockSet: sections([]string{text})},
	}
}
