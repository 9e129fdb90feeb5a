package app

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/robfig/cron/v3"

	"github.com/stationmaster/stationmaster/store"
	"github.com/stationmaster/stationmaster/templates/strict"
)

// Audit is how the records are proved.
type Audit struct {
	Key    ed25519.PrivateKey // signs heads; nil: they go out unsigned
	beside bool               // the key's file lies in the database's folder
	Verify *cron.SpecSchedule // when; nil: never
}

// verifyNever is what the config says instead of times.
const verifyNever = "never"

func (c *checker) audit() Audit {
	out := Audit{}
	if t := c.file.Audit.Key; t.Value != "" {
		text, before := c.secret(t), len(c.problems)
		key, err := parseKey(text)
		if err != nil && text != "" && before == len(c.problems) {
			c.wrong(t, "%v", err)
		}
		out.Key, out.beside = key, c.besideStore(t)
	}
	t := c.file.Audit.Verify
	if t.Value == verifyNever {
		return out
	}
	if t.Value == "" {
		t.Value = "0 3 * * *"
	}
	schedule, err := cron.ParseStandard(t.Value)
	spec, ok := schedule.(*cron.SpecSchedule)
	if err != nil || !ok {
		c.wrong(t, "%q are no times such as 0 3 * * * (minute, hour, day, month, weekday), CRON_TZ=Europe/Vienna 30 2 * * *, or never", t.Value)
	}
	out.Verify = spec
	return out
}

// besideStore reports whether a secret is a file in the database's folder.
func (c *checker) besideStore(t strict.Text) bool {
	m := reference.FindStringSubmatch(t.Value)
	if m == nil || m[1] != "FILE" {
		return false
	}
	db, err := store.Path(c.file.Store.Value)
	if err != nil {
		return false
	}
	a, err := filepath.Abs(filepath.Dir(Beside(c.path, m[2])))
	b, err2 := filepath.Abs(filepath.Dir(db))
	return err == nil && err2 == nil && a == b
}

// An auditState is what the last verification has found.
type auditState struct {
	fault atomic.Pointer[error] // nil: nothing
	at    atomic.Int64          // when it was done to its end, in Unix seconds; 0: never by this process
}

func (s *auditState) altered() error {
	if err := s.fault.Load(); err != nil {
		return *err
	}
	return nil
}

// verifyRecords proves all records, and holds them against the heads that Slack
// shows.
func (a *App) verifyRecords(ctx context.Context) {
	began := time.Now()
	err := a.store.VerifyAll(ctx)
	unheld := a.bot.CheckHead(ctx) // which logs it
	var found store.Findings
	switch {
	case ctx.Err() != nil:
		return
	case errors.As(err, &found):
		for _, line := range found {
			a.opts.Log.Error("a record is not what was written", "what", line)
		}
		err = fmt.Errorf("the records are not what was written: %w", err)
		a.audit.fault.Store(&err)
	case err != nil:
		a.opts.Log.Error("the records can't be verified", "err", err)
		return
	default:
		a.audit.fault.Store(nil)
	}
	a.audit.at.Store(time.Now().Unix())
	if err == nil && unheld == nil {
		head, err := signedHead(ctx, a.store, a.cfg.Audit.Key)
		a.opts.Log.Info("the records are what was written", "head", head, "took", time.Since(began), "err", err)
	}
}

// holds says why the store does not hold the newest head that counts.
func (a *App) holds(ctx context.Context, heads []string) error {
	head := signer{a.store.ID(), a.cfg.Audit.Key}.counts(heads)
	if head == "" {
		a.opts.Log.Warn("none of the heads that Slack shows is signed by the key of the config")
		return nil
	}
	return a.store.Holds(ctx, head)
}

// Verified is what VerifyStore says besides what is wrong.
type Verified struct {
	Head     string            // the present one, signed if there is a key; "" if something is wrong
	Archives []store.Archiving // also then
}

// VerifyStore proves all records in the store of a config, also while the bot
// runs, and that they hold some heads, HEAD or HEAD.SIGNATURE. What is wrong is
// store.Findings.
func VerifyStore(ctx context.Context, cfg Config, heads []string) (v Verified, err error) {
	s, done, err := store.OpenBeside(ctx, cfg.Store)
	if err != nil {
		return v, err
	}
	defer func() { err = errors.Join(err, done()) }()
	var found store.Findings
	if err := s.VerifyAll(ctx); err != nil && !errors.As(err, &found) {
		return v, err
	}
	if v.Archives, err = store.Archives(ctx, s); err != nil {
		return v, err
	}
	keys := signer{s.ID(), cfg.Audit.Key}
	for _, text := range heads {
		known, _, err := keys.open(text)
		if err == nil {
			err = s.Holds(ctx, known)
		}
		if errors.Is(err, store.ErrNoHead) && found == nil {
			return v, err // which says nothing of the records
		}
		if err != nil {
			found = append(found, err.Error())
		}
	}
	if found != nil {
		return v, found
	}
	v.Head, err = signedHead(ctx, s, cfg.Audit.Key)
	return v, err
}

// Altered reports whether an error of VerifyStore says that the records are not what
// was written.
func Altered(err error) bool {
	_, ok := errors.AsType[store.Findings](err)
	return ok
}
