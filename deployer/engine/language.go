package engine

import (
	"errors"

	"github.com/stationmaster/stationmaster/deployer"
)

// errLanguageBug is what a deployment gets to know of a panic, which the log tells more
// of: what was asked can't be told, and somebody decides.
var errLanguageBug = errors.New("it meets a bug of this program, which the log tells more of")

// A guardedLanguage is the language for one deployment, whose panics harm no other.
type guardedLanguage struct {
	e  *Engine
	id string
}

// language is what conditions and texts of a deployment are read with; nil: there is none.
func (e *Engine) language(id string) deployer.Language {
	if e.Language == nil {
		return nil
	}
	return guardedLanguage{e, id}
}

// Compute implements deployer.Language.
func (g guardedLanguage) Compute(expression string, as deployer.ParamType, at deployer.Moment) (v deployer.Value, err error) {
	err = g.ask("compute "+expression, func() (err error) { v, err = g.e.Language.Compute(expression, as, at); return err })
	return v, err
}

// With implements deployer.Language.
func (g guardedLanguage) With(at deployer.Moment) (v deployer.Values, err error) {
	err = g.ask("fill in the parameters of "+at.Step, func() (err error) { v, err = g.e.Language.With(at); return err })
	return v, err
}

// Words implements deployer.Language.
func (g guardedLanguage) Words(text string, at deployer.Moment) (v map[string]string, err error) {
	err = g.ask("fill in a text", func() (err error) { v, err = g.e.Language.Words(text, at); return err })
	return v, err
}

func (g guardedLanguage) ask(doing string, work func() error) error {
	err := guard(work)
	if g.e.logBug(doing, g.id, err) {
		return errLanguageBug
	}
	return err
}
