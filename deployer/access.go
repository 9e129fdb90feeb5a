package deployer

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// Who may do what is decided here, at the moment of an order, and nowhere else:
//
//	order                      who may
//	-------------------------  ---------------------------------------------------
//	any order of a person      members of the workspace, and whom Policy.Access
//	                           lets in besides; never nobody
//	Start                      whoever holds a role of ServicePolicy.Start, or
//	                           everybody where it names none
//	Start, with which          that of ServicePolicy.Procedure; one of Also by
//	procedure                  whoever holds the role that stands there
//	Start of the way back      likewise; where it has no approval of its own, the
//	                           roles that decide in the procedure
//	Approve                    the role of the step; not the requester, nor
//	                           whoever decided a rollback about that; one human once
//	Reject, Request changes    the role of the step
//	Reply                      the requester; where that is no person, those who
//	                           decide
//	Done, Send                 the role of the step; where it names none, those
//	                           who decide
//	Proceed, Abort             the role of the gate
//	Check again, Retry, Stop,  those who decide: the requester, and the roles of
//	Take over                  the procedure's deciders
//	Hand back                  likewise, and whoever has taken over
//	Roll back                  those who decide; where the procedure says who
//	                           decides, those roles, not the requester as such
//	Skip                       likewise; where the step says who may skip it, that
//	                           role; where it asks a role, or its system does half
//	                           way, that role or the deciders' roles
//	Done by hand               of what did not go well as Skip; of what waits since
//	                           somebody has taken over, they and those who decide
//	any of these, later        the deputies of those who are awaited, and then those of
//	                           Procedure.BreakGlass with a reason; see Awaiting
//	Hold                       those who decide
//	View                       whoever holds a role of Failure.Experts
//	Reviewed                   the role in whose place the glass was broken; neither
//	                           who broke it nor the requester
//	Override                   the role that the window or the freeze names
//	Lock                       a service: ServicePolicy.Lock; everything: Policy.Lock
//	Unlock                     whoever holds the lock, and who may lock the same
//
// Roles that count at other sites only count for nothing.

// A Standing is what somebody is to the workspace that is deployed from.
type Standing string

// The standings. The last two are let in by nothing.
const (
	Member      Standing = ""           // one of its own people
	Guest       Standing = "guest"      // of some channels alone
	Stranger    Standing = "stranger"   // of another organization, by a shared channel
	OtherTeam   Standing = "other-team" // of another workspace of the same organization
	Machine     Standing = "bot"
	Deactivated Standing = "deactivated"
	Nobody      Standing = "nobody" // the chat system knows no such id
)

// Admissible are the standings that a configuration may let in.
var Admissible = []Standing{Guest, Stranger, OtherTeam, Machine}

// A Person is what is known of somebody at the moment of an order.
type Person struct {
	Roles    []string
	Standing Standing
	Accounts []string // all ids of the human; none: the one alone that gave the order
}

// is reports whether an id is of the same human as whoever gave the order.
func (p Person) is(by, id string) bool {
	return by == id || id != "" && slices.Contains(p.Accounts, id)
}

// holds reports whether somebody holds one of these roles.
func (p Person) holds(roles ...string) bool {
	return slices.ContainsFunc(roles, func(r string) bool { return slices.Contains(p.Roles, r) })
}

// A Policy is who may do what at a site, as the configuration says now. Nil lets
// everybody do what the procedure lets them.
type Policy struct {
	Access    []Standing               // who is let in besides members
	Services  map[string]ServicePolicy // by name; others are not deployed here
	Site      ServicePolicy            // of what is about no service: its Procedure is one that may be started, too
	Lock      []string                 // the roles that may lock everything, or lift what somebody else has
	Elsewhere []string                 // roles that count at other sites only
}

// A ServicePolicy is who may do what with one service at a site.
type ServicePolicy struct {
	Procedure string            // the id of the one that it follows
	Also      map[string]string // the others that may be chosen, by id: by which role
	Start     []string          // the roles that may start a deployment; none: everybody
	Lock      []string          // the roles that may lock it
}

// Roles that no config names: whoever asked for a deployment, those who have approved
// it, and whoever is there. The core knows who holds them.
const (
	RoleRequester = "requester"
	RoleApprovers = "approvers"
	RoleEveryone  = "everyone"
)

// TAMRole is the role of a retailer's technical account manager. No config can name it.
func TAMRole(retailer string) string { return "tam of " + retailer }

// standing is a person with the roles that they hold in the deployment alone.
func standing(d Deployment, by Actor, who Person) Person {
	roles := append(slices.Clone(who.Roles), RoleEveryone)
	approved := func(s StepState) bool {
		return slices.ContainsFunc(s.Approvals, func(a Approval) bool { return who.is(by.ID, a.By.ID) })
	}
	if slices.ContainsFunc(d.Steps, approved) {
		roles = append(roles, RoleApprovers)
	}
	who.Roles = roles
	return who
}

// as is the person who counts at a site.
func (p *Policy) as(who Person) Person {
	if p != nil && len(p.Elsewhere) > 0 {
		who.Roles = slices.DeleteFunc(slices.Clone(who.Roles), func(r string) bool { return slices.Contains(p.Elsewhere, r) })
	}
	return who
}

// Admits refuses whoever gives no orders at all, whatever roles they hold.
func (p *Policy) Admits(by Actor, who Person) *Refusal {
	var access []Standing
	if p != nil {
		access = p.Access
	}
	switch {
	case by.Kind != ActorPerson:
		return nil
	case by.ID == "" || who.Standing == Nobody:
		return Refuse("", "Nobody is known who asks for that.")
	case who.Standing == Member, slices.Contains(Admissible, who.Standing) && slices.Contains(access, who.Standing):
		return nil
	case who.Standing == Deactivated:
		return Refuse("", "This account is deactivated.")
	}
	return Refuse("Ask somebody of the team.", "%s can't give orders here.", standings[who.Standing])
}

// standings are the standings in the words of a refusal.
var standings = map[Standing]string{
	Guest: "Guests", Stranger: "People of other organizations", OtherTeam: "People of other workspaces", Machine: "Bots",
}

// Allows refuses a start that is not somebody's to order: the service, the
// procedure, or any.
func (p *Policy) Allows(start Start, by Actor, who Person) *Refusal {
	if r := p.Admits(by, who); r != nil {
		return r
	}
	who = p.as(who)
	if r := decidesToGoBack(start, who); r != nil || p == nil {
		return r
	}
	if len(start.Releases) == 0 {
		return p.Site.begins(start, who)
	}
	for _, w := range start.Releases {
		s, ok := p.Services[w.Service]
		if !ok {
			return Refuse("", "%s is not deployed to %s.", w.Service, start.Site)
		}
		if len(s.Start) > 0 && !who.holds(s.Start...) {
			return Refuse("", "Only %s can start a deployment of %s in %s.", strings.Join(s.Start, " or "), w.Service, start.Site).
				allowing(May{Roles: s.Start})
		}
		if r := s.chooses(start, w.Service, who); r != nil {
			return r
		}
	}
	return nil
}

// decidesToGoBack refuses a way back that nobody approves to whoever does not decide:
// as in a deployment that goes back, to decide it is to approve it.
func decidesToGoBack(start Start, who Person) *Refusal {
	f := start.Procedure.Failure
	if start.Back == "" || f.Decide == "" || slices.ContainsFunc(start.Procedure.Steps, Step.Approves) {
		return nil
	}
	roles := append([]string{f.Decide}, f.Roles...)
	if who.holds(roles...) {
		return nil
	}
	return Refuse("", "Only %s can roll back what %s has brought.", strings.Join(roles, " or "), start.Back).allowing(May{Roles: roles})
}

// roleAt is a role that somebody holds who starts that: one that may, or else any.
func (p *Policy) roleAt(start Start, who Person) string {
	who = p.as(who)
	if p != nil {
		for _, w := range start.Releases {
			for _, role := range p.Services[w.Service].Start {
				if who.holds(role) {
					return role
				}
			}
		}
	}
	if len(who.Roles) == 0 {
		return ""
	}
	return slices.Min(who.Roles)
}

// begins refuses a start of what is about no service.
func (s ServicePolicy) begins(start Start, who Person) *Refusal {
	id := start.Procedure.ID
	role, named := s.Also[id]
	switch {
	case len(s.Start) > 0 && !who.holds(s.Start...):
		return Refuse("", "Only %s can start a deployment in %s.", strings.Join(s.Start, " or "), start.Site).allowing(May{Roles: s.Start})
	case named && !who.holds(role):
		return Refuse("", "Only %s can start the procedure %s in %s.", role, id, start.Site).allowing(May{Roles: []string{role}})
	case !named && id != s.Procedure:
		return Refuse("Add it to the configuration, under also of defaults, the retailer or the environment, with the role that may.",
			"The procedure %s is not for %s.", id, start.Site)
	}
	return nil
}

// chooses refuses a procedure that is not somebody's to choose for a service.
func (s ServicePolicy) chooses(start Start, service string, who Person) *Refusal {
	id := start.Procedure.ID
	if id == s.Procedure {
		return nil
	}
	role, named := s.Also[id]
	switch {
	case named && who.holds(role):
		return nil
	case named:
		return Refuse("", "Only %s can choose the procedure %s for %s.", role, id, service).allowing(May{Roles: []string{role}})
	}
	which := append([]string{s.Procedure}, slices.Sorted(maps.Keys(s.Also))...)
	return Refuse("It follows "+strings.Join(which, ", or ")+".", "The procedure %s is not one of %s in %s.", id, service, start.Site)
}

// lockers are the roles that may lock a service, or with "" everything, and
// whether somebody holds one of them. Without a policy any role does.
func (p *Policy) lockers(service string, who Person) (roles []string, may bool) {
	switch {
	case p == nil:
		return nil, len(who.Roles) > 0
	case service == "":
		roles = p.Lock
	default:
		roles = p.Services[service].Lock
	}
	return roles, p.as(who).holds(roles...)
}

// mayLock refuses a lock that is not somebody's to set. One that a deployment
// holds is its procedure's.
func (p *Policy) mayLock(lock Lock, who Person) *Refusal {
	if lock.Deployment != "" {
		return nil
	}
	if r := p.Admits(lock.By, who); r != nil {
		return r
	}
	roles, may := p.lockers(lock.Service, who)
	if may {
		return nil
	}
	return refuseLocker("You can't lock "+locked(lock.Service)+".", roles)
}

// mayLift refuses to lift a lock that is somebody else's.
func (p *Policy) mayLift(lock Lock, by Actor, who Person) *Refusal {
	roles, may := p.lockers(lock.Service, who)
	if lock.By.ID == by.ID || may {
		return nil
	}
	r := refuseLocker(lock.By.Name+" holds this lock.", roles)
	r.May.People = []Actor{lock.By}
	return r
}

// refuseLocker refuses what is about a lock.
func refuseLocker(why string, roles []string) *Refusal {
	if len(roles) == 0 {
		return Refuse("Ask somebody who approves deployments.", "%s You hold no role that may.", why).allowing(May{})
	}
	return Refuse("", "%s Only %s can.", why, strings.Join(roles, " or ")).allowing(May{Roles: roles})
}

// locked is what is locked, in words.
func locked(service string) string {
	if service == "" {
		return "everything"
	}
	return service
}

// A GlassBreak is an answer that somebody gave who was not awaited, since nobody came:
// somebody of the role has to look at it afterwards.
type GlassBreak struct {
	By       Actor
	At       time.Time
	Step     string // "": it was about the whole deployment
	Choice   Choice
	Reason   string
	Role     string // in whose place; "": of those who decide
	Reviewed Actor  // by whom; nobody when zero
}

// breakGlass notes that somebody has answered in the place of those who did not come.
func breakGlass(d *Deployment, e Answered) {
	if e.As != LevelBreakGlass {
		return
	}
	d.Glass = append(slices.Clone(d.Glass), GlassBreak{By: e.By, At: e.At, Step: e.Step, Choice: e.Choice, Reason: e.Comment, Role: e.Role})
}

// MayAnswer refuses somebody, and an answer that the deployment does not wait for, as
// the order would be: before they are shown what to fill in, at which it does not look.
func MayAnswer(d Deployment, by Actor, a Answer, f Facts) error {
	if r := f.Policy.Admits(by, f.Person); r != nil {
		return r
	}
	c := &decider{d: d, now: f.Now}
	who := answerer{Actor: by, Person: standing(d, by, f.Policy.as(f.Person)), d: &c.d, now: f.Now}
	a.Comment = "It is said in the form."
	who = who.standingIn(a)
	if a.Choice == ChoiceByHand {
		_, err := mayDoByHand(c.d, a, who)
		return err
	}
	if a.Choice == ChoicePatch {
		_, err := who.patchesForward(a)
		return err
	}
	if a.Choice == ChoiceView {
		_, err := who.calledIn(a)
		return err
	}
	if a.Choice != ChoiceDone && a.Choice != ChoiceSend && a.Choice != ChoiceSave {
		return c.answer(a, who)
	}
	s, err := who.asked(a)
	if err != nil {
		return err
	}
	return who.mayAnswer(*s, a)
}
