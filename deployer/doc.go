// Package deployer holds the words of the domain and the pure core of
// stationmaster: what a deployment is, what happened to it, what may happen
// next. It imports the standard library alone and does no input or output.
//
// A Deployment is the fold of its Events ([Apply]). Somebody or something asks
// for a change with an [Order]; [Decide] answers with the events that follow
// and the messages that must be sent, or with a [Refusal]. Both are committed
// together or not at all. [Next] says what the engine has to do about a
// deployment: which effects on the world are wanted, which orders are due,
// and when to look again.
//
// # A deployment
//
//	            refused                     stop, reject
//	resolving ───────────▶ (refused)    ┌──────────────────▶ halting ──▶ (stopped)
//	    │                               │                       ▲
//	    ▼                               │                       │ stop
//	 running ──── a step failed or was interrupted ────▶ deciding
//	    │ ▲                                               │  │
//	    │ └────────── check again, retry ─────────────────┘  │
//	    │ ▲                                                  │
//	    │ └── roll back: the same, on the rollback's steps ──┘
//	    ▼
//	(complete) or, on the rollback's steps, (rolled-back)
//
// The states in brackets are the end; only there are the places released.
//
// # A step
//
//	pending ──▶ active ──▶ done ◀──────────┐ skip: counts as done
//	  ▲           │ ├────▶ failed ─────────┤ check again, retry:
//	  │           │ └────▶ interrupted ────┤ active again
//	  │           ◀────────────────────────┘
//	  └── an approval that lost its Subject sends the rollout back to wait
//
// Interrupted is not failed: it means that nobody can tell by looking, or that
// somebody else changed the target meanwhile, so that a person decides.
//
// # An effect on the world
//
//	wanted ──▶ intended ──▶ acted ──▶ settled (ok, failed, interrupted, absent)
//	              │  ▲                   │
//	              │  └── check again ────┘ (looks, never acts)
//	              └── looked for and not there ──▶ act, where acting is conditional
//
// Nothing acts without a committed intent, and nothing is tried again before
// every earlier attempt is settled.
package deployer
