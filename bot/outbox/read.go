package outbox

import (
	"context"
	"slices"

	"github.com/stationmaster/stationmaster/deployer"
)

// mailboxPage is how many messages are read from the mailbox at once.
const mailboxPage = 200

// unread is what has to be read in the mailbox: some boxes, or all.
type unread struct {
	all   bool
	boxes map[deployer.Box]bool
}

func (u *unread) add(box deployer.Box) {
	if box == (deployer.Box{}) {
		u.all = true
		return
	}
	if u.boxes == nil {
		u.boxes = map[deployer.Box]bool{}
	}
	u.boxes[box] = true
}

// drain adds what has been told, as far as that is here by now.
func (u *unread) drain(arrivals <-chan deployer.Box) {
	for {
		select {
		case box, ok := <-arrivals:
			if !ok {
				return
			}
			u.add(box)
		default:
			return
		}
	}
}

// read reads what is due, and hands it to the queues of its channels. With an
// error it is still due.
func (o *Outbox) read(ctx context.Context, due *unread) error {
	number := o.mailboxReads.Add(1)
	if due.all {
		if err := o.scan(ctx, number); err != nil {
			return err
		}
		*due = unread{}
		return nil
	}
	byChannel := map[string]map[string][]deployer.OutboxMessage{}
	for box := range due.boxes {
		messages, err := o.ports.Mailbox.MessagesIn(ctx, box)
		if err != nil {
			return err
		}
		if byChannel[box.Channel] == nil {
			byChannel[box.Channel] = map[string][]deployer.OutboxMessage{}
		}
		byChannel[box.Channel][box.Deployment] = messages
	}
	*due = unread{}
	for channel, boxes := range byChannel {
		o.mu.Lock()
		q := o.queue(channel)
		o.mu.Unlock()
		learnRequesters(ctx, q, boxes)
		q.setBoxes(boxes, number, false)
		o.employ(ctx, q)
	}
	return nil
}

// scan reads the whole mailbox, and hands every channel its messages. Workers go on
// with what they have meanwhile.
func (o *Outbox) scan(ctx context.Context, number int64) error {
	byChannel, err := o.readAll(ctx)
	if err != nil {
		return err
	}
	o.mu.Lock()
	for channel := range byChannel {
		o.queue(channel)
	}
	queues := make([]*queue, 0, len(o.queues))
	for _, q := range o.queues {
		queues = append(queues, q)
	}
	o.mu.Unlock()
	for _, q := range queues {
		learnRequesters(ctx, q, byDeployment(byChannel[q.channel]))
		q.set(byChannel[q.channel], number, !o.scanned)
		o.employ(ctx, q)
	}
	o.scanned = true
	return nil
}

// byDeployment sorts messages by what they are about.
func byDeployment(messages []deployer.OutboxMessage) map[string][]deployer.OutboxMessage {
	out := map[string][]deployer.OutboxMessage{}
	for _, m := range messages {
		out[m.Deployment] = append(out[m.Deployment], m)
	}
	return out
}

// learnRequesters finds out, once for each box, who asked for its deployment: the
// posts of different people take turns. One that can't be loaded is nobody's.
func learnRequesters(ctx context.Context, q *queue, boxes map[string][]deployer.OutboxMessage) {
	for id, messages := range boxes {
		q.mu.Lock()
		known := id == "" || q.boxes[id] != nil && q.boxes[id].by != ""
		q.mu.Unlock()
		if known || !slices.ContainsFunc(messages, func(m deployer.OutboxMessage) bool { return m.Receipt || !m.Thread && !m.IsCard() }) {
			continue
		}
		if d, err := q.ports.Deployments.Load(ctx, id); err == nil {
			q.mu.Lock()
			q.box(id).by = d.Requester.ID
			q.mu.Unlock()
		}
	}
}

// employ gives a queue a worker, if it has none.
func (o *Outbox) employ(ctx context.Context, q *queue) {
	if q.needsWorker() {
		o.workers.Go(func() { q.work(ctx) })
	}
}

// readAll reads all messages, and sorts them by channel.
func (o *Outbox) readAll(ctx context.Context) (map[string][]deployer.OutboxMessage, error) {
	byChannel := map[string][]deployer.OutboxMessage{}
	for after := ""; ; {
		page, err := o.ports.Mailbox.Messages(ctx, after, mailboxPage)
		if err != nil {
			return nil, err
		}
		for _, m := range page {
			byChannel[m.Channel] = append(byChannel[m.Channel], m)
		}
		if len(page) < mailboxPage {
			return byChannel, nil
		}
		after = page[len(page)-1].Key
	}
}
