package language

import (
	"fmt"
	"maps"
	"slices"

	"github.com/stationmaster/stationmaster/deployer"
)

// parameter is one that was filled or computed.
func (f *facts) parameter(p deployer.Param, v deployer.Value) (deployer.Value, error) {
	switch p.Type {
	case deployer.TypeTime, deployer.TypeCond:
		if v.Text == "" {
			return v, nil
		}
		got, err := f.compute(v.Text)
		if err != nil {
			return v, err
		}
		return as(p.Type, got)
	case deployer.TypeText, deployer.TypeURL, deployer.TypePattern:
		return f.text(p, v)
	case deployer.TypeList, deployer.TypeTexts, deployer.TypeRunner, deployer.TypeItems, deployer.TypeChecks, deployer.TypeChoices:
		return f.several(p, v)
	}
	return v, nil
}

// text is a single text.
func (f *facts) text(p deployer.Param, v deployer.Value) (deployer.Value, error) {
	var err error
	switch {
	case p.Escape == deployer.EscapeShell:
		var pieces []piece
		if pieces, err = f.pieces(v.Text, true, true); err == nil {
			v.Text, v.Texts, err = asShell(pieces)
		}
	default:
		v.Text, err = f.escaped(p, v.Text)
	}
	return v, err
}

// escaped is a text for where its Param says that it stands.
func (f *facts) escaped(p deployer.Param, text string) (string, error) {
	switch {
	case len(holes(text, false)) == 0:
		return text, nil
	case p.Type == deployer.TypePattern:
		return f.fill(text, asPattern)
	case p.Type == deployer.TypeURL || p.Escape == deployer.EscapeURL:
		return f.url(text)
	}
	return f.fill(text, escapes[p.Escape])
}

// url is a URL.
func (f *facts) url(text string) (string, error) {
	if len(holes(text, false)) == 0 {
		return text, nil
	}
	pieces, err := f.pieces(text, false, true)
	if err != nil {
		return "", err
	}
	return asURL(pieces)
}

// several are the texts of a list, of texts by name, of items or of rows.
func (f *facts) several(p deployer.Param, v deployer.Value) (deployer.Value, error) {
	var err error
	put := func(p deployer.Param, text string) string {
		filled, wrong := f.escaped(p, text)
		if wrong != nil && err == nil {
			err = wrong
		}
		return filled
	}
	plainText := deployer.Param{Type: deployer.TypeText}
	v.List, v.Texts, v.Items, v.Rows = slices.Clone(v.List), maps.Clone(v.Texts), slices.Clone(v.Items), slices.Clone(v.Rows)
	single := deployer.Param{Type: deployer.TypeText, Escape: p.Escape}
	for i, text := range v.List {
		v.List[i] = put(single, text)
	}
	for _, name := range slices.Sorted(maps.Keys(v.Texts)) {
		v.Texts[name] = put(single, v.Texts[name])
	}
	for i, it := range v.Items {
		v.Items[i].Title = put(plainText, it.Title)
		v.Items[i].Link = put(deployer.Param{Type: deployer.TypeURL}, it.Link)
	}
	for i, row := range v.Rows {
		row = maps.Clone(row)
		for _, name := range slices.Sorted(maps.Keys(row)) {
			in := plainText
			if name == "query" {
				in.Escape = p.Escape
			}
			row[name] = put(in, row[name])
		}
		v.Rows[i] = row
	}
	if err != nil {
		return v, fmt.Errorf("a value can't be filled in: %w", err)
	}
	return v, nil
}
