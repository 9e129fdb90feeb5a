// Package deployer holds the words of the domain and the pure core of
// stationmaster: what a deployment is, what happened to it, what may happen
// next. It imports the standard library alone and does no input or output.
//
// A Deployment is the fold of its Events ([Apply]). Somebody or something asks
// for a change with an [Order]; [Decide] answers with the events that follow, or
// with a [Refusal]. The package telling writes the messages that must be sent because
// of them, as it hears of each: callers ask its Decide. Both are committed together or
// not at all. [Next] says what the engine has to do about a
// deployment: which effects on the world are wanted, which conditions are to be
// found out, which orders are due, and when to look again. What follows from one
// order may be more than one commit takes; then Next wants an [Advance].
//
// # A deployment
//
//	            refused                     stop, reject
//	resolving ───────────▶ (refused)    ┌──────────────────▶ halting ──▶ (stopped)
//	    │                               │                     ▲  │ ▲
//	    ▼                               │                stop │  ▼ │ check again
//	 running ──── a step failed or was interrupted ────▶ deciding  nobody can tell ── stop, with a reason ──▶ (stopped)
//	    │ ▲                                               │  │
//	    │ └────────── check again, retry, skip ───────────┘  │
//	    │ ▲                                                  │
//	    │ └── roll back: the same, on the rollback's steps ──┘
//	    ▼
//	(complete) or, on the rollback's steps, (rolled-back)
//
// The states in brackets are the end; the places are freed by an event of their
// own, [PlacesFreed], before the end where only paperwork is left. A step may say what comes of its failure instead of a decision:
// that is only noted, the deployment stops calmly, or it goes back at once, where
// something was touched and a way back is known.
//
// # The parts
//
// Beside what a deployment goes through stands what nothing waits for. What becomes of
// it holds up nothing, and each step of it is decided about by itself:
//
//	main ───────────────┬──▶ the end ──▶ after (in a while, or again and again)
//	rollback ───────────┘
//	failure     once for each failure that somebody decides about, one after the other
//	background  beside its part, beyond a rollback and the end
//
// So a deployment that has ended may live on ([Lives]), without its places, until the
// last of that is over, or a person presses Stop.
//
// # A step
//
//	pending ──▶ active ──▶ done ◀──────────┐ skip: counts as done
//	  │ ▲         │ ├────▶ failed ─────────┤ check again, retry:
//	  │ │         │ └────▶ interrupted ────┤ active again
//	  │ │         ◀────────────────────────┘
//	  │ └── an approval that lost its Subject sends what changes things back to wait,
//	  │     and a duty after the end that is over waits for its next round
//	  └──▶ not needed: its condition does not hold, or it has nothing to do here
//
// What only looks is tried again by itself first, as often as it says, and stays
// active meanwhile. What failed and may be done without is noted
// ([StepState.Noted]): it counts as over, and stays a failure for who reads it.
// A step by hand, whose system is not there, is one that people are asked about: the
// same step, with the fields of what others need of it.
//
// Interrupted is not failed: it means that nobody can tell by looking, or that
// somebody else changed the target meanwhile, so that a person decides.
//
// A step begins when all that it needs is over, and its phase has begun. Then it is
// found out what its conditions, parameters and texts come to, and kept ([Seen]), so
// that a later fold asks no language. What changes what runs waits,
// besides, for every approval that stands before it in its part, and at its
// intent for every lock that holds it and, where the deployment has not changed
// anything yet, while nothing new may ([Facts]): meanwhile its time-out stands still.
// What a step does, its [Kind] says: who does it, how often, how a repeat is made
// harmless, whether it changes what runs, and what people are asked. Nothing here
// compares names.
//
// # An effect on the world
//
//	wanted ──▶ intended ──▶ acted ──▶ settled (ok, failed, interrupted, absent)
//	              │  ▲        │          │
//	              │  │        └─ gate ─▶ proceed or abort, an effect of its own
//	              │  └── check again ────┘ (looks, never acts)
//	              └── looked for and not there ──▶ act, as its kind's Repeat allows
//
// What was settled well may change: a proof while people are awaited, a rollout
// that was held while they decide. It is watched ([Watch]), and before anything is
// said or done that rests on a proof, that is looked at once more: see [Recheck]. A
// proof that does not hold any more is a step that needs a decision.
//
// Nothing acts without a committed intent, and nothing is tried again before
// every earlier attempt is settled. Where a repeat is not harmless by itself,
// each try is written down before it.
package deployer
