// Package outbox brings the messages that lie in the mailbox to Slack, every one of them once.
//
//	o := outbox.New(client, ports, renderer, log, outbox.Pace{})
//	err := o.Run(ctx) // until ctx ends
//
// Whoever has something to say commits a message to the mailbox, together with the event that it is about; the
// mailbox tells the outbox. [Outbox.Dirty] says that a card shows something old though no message says so.
//
// # What is guaranteed
//
// Each message is there once. It stays in the mailbox until Slack has taken it and that is written down. One that
// may have been sent already, because the process that did so died or because Slack's answer was lost, is looked for
// in the channel, before it is sent, by its author and its metadata: after the time in which an unanswered call can
// still take effect, and by Slack's own clock. Of two that are there, the younger is deleted. Only what one person sees (an ephemeral message) carries no
// metadata: it may be there twice.
//
// Order. Each channel has its own queue and its own goroutine, so that a message that cannot be delivered holds up
// nothing elsewhere. In a queue announcements come first, each behind its deployment's card, then other first cards,
// then the threads, each in its order. Where there is more to say in all channels together than Slack takes, their
// queues go in that order too. Of one kind, people take turns: what is about the deployments of one holds up nobody
// else's. What was stopped before anybody was told of it is told to nobody. New states of cards that are there are
// edits; one editor makes them for all channels, and of the states of a card only the last one counts.
//
// Pace. No call is made that Slack would refuse for its rate: a limiter for each method, one for each channel's
// posts, and one for the posts of all channels. A pause that Slack asks for stops the method that it is about.
//
// Size. A message that arrives has its own box read, and what may be done next is worked out for that box alone: it
// costs as much with 10,000 messages waiting as with none. All are read at the start, after a gap in what the mailbox
// tells, and seldom otherwise, in case it did not tell something.
//
// A card has one reaction of ours, which says how it stands. It is set when nothing else waits, and the card's message
// is kept until then; where the token lacks the scope, there is none.
//
// After a crash the next process has every message that was not written down as sent, looks for those in their
// channels, and repeats the edits of its first seconds, since one of the dead process may still come.
//
// A problem is one message in the channel, edited as it goes on: one edit after the other, and one without an answer
// once more when it has settled. A direct message waits in the queue of its person.
//
// A card that Slack does not let edit any more is posted anew while something changes on it. What a channel does not
// take for now, since it was archived, left, or a scope was lost, waits in the mailbox and is tried again, seldom, and
// as soon as something is done there.
//
// What can't be delivered is said in the deployment's thread or, where its channel takes nothing, to the requester.
// While Slack refuses the token, nothing is sent and nothing is lost.
//
// # Where what is
//
//	outbox.go        what the outbox needs, and is
//	run.go           waits for messages to arrive; read.go reads those, and gives every channel its own
//	queue.go         the messages of one channel; box.go those of them about one deployment
//	item.go          what is known of a message, and of a card
//	order.go         which message of a channel comes next, and when; schedule.go finds it without a look at all
//	moot.go          what needs no telling any more
//	worker.go        the goroutine of a channel, and what it does with a message
//	send.go          posts a message, or edits that about a problem; render.go draws it
//	ephemeral.go     what one person sees, and the conversation with a person
//	find.go          was a message posted? history.go reads the channel for that
//	author.go        which messages are ours; clock.go has Slack's time
//	record.go        writes down what became of a message
//	refusal.go       leaves a channel alone that takes nothing for now
//	giveup.go        says that a message can't be delivered; undeliverable.go has the words
//	card_editor.go   which card is edited next, and when
//	edit.go          one edit of a card: whether it is needed, and what follows when Slack takes it, refuses it or
//	                 doesn't answer
//	reaction.go      the reaction on a card
//	limiter.go       the rate of one method; fair_limiter.go lets channels share one; pace.go has the durations
//	call.go          one call to Slack, and what its outcome does to the limiters; methods.go has the methods
package outbox
