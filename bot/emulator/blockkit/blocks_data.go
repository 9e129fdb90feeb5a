package blockkit

import (
	"math"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/stationmaster/stationmaster/bot/emulator/jsonvalue"
)

// cellsMax is how many characters the cells of one table may have together.
const cellsMax = 10_000

// dataBlocks are tables and charts. They are for messages.
func dataBlocks() map[string]shape {
	column := object(shape{fields: fields{"align": opt(oneOf("left", "center", "right")), "is_wrapped": opt(boolean)}})
	setting := func(r *Report, v any, at string) {
		if v != nil { // null leaves a column as it is
			column(r, v, at)
		}
	}
	message := []string{"message"}
	return map[string]shape{
		"table": {fields: fields{
			"rows":            must(list(1, 100, list(1, 20, cell("raw_text", "raw_number", "rich_text")))),
			"column_settings": opt(list(0, 20, setting)),
		}, also: allCells, surfaces: message},
		"data_table": {fields: fields{
			"rows":    must(list(2, 101, list(1, 20, cell("raw_text", "raw_number", "rich_text", "action_cell")))),
			"caption": must(chars(1, 3000)), "page_size": opt(number(1, 100)),
			"row_header_column_index": opt(number(0, 19)),
		}, also: evenTable, surfaces: message},
		"data_visualization": {fields: fields{"title": must(chars(1, 50)), "chart": must(chart)}, surfaces: message},
	}
}

// cell is one cell of a table; a rich text is a block of its own elsewhere.
func cell(kinds ...string) check {
	return func(r *Report, v any, at string) {
		if slices.Contains(kinds, "rich_text") && jsonvalue.AsString(jsonvalue.AsObject(v)["type"]) == "rich_text" {
			richTextValue(r, v, at)
			return
		}
		elementOf(kinds...)(r, v, at)
	}
}

func dataElements() map[string]shape {
	return map[string]shape{
		"raw_text":   {fields: fields{"text": must(chars(1, math.MaxInt))}},
		"raw_number": {fields: fields{"value": must(anyNumber), "text": opt(chars(1, math.MaxInt))}},
		"action_cell": {fields: fields{"element": must(elementOf("button")),
			"fallback": opt(elementOf("raw_text", "raw_number"))}},
	}
}

func anyNumber(r *Report, v any, at string) {
	if _, ok := v.(float64); !ok {
		r.add(at, "must provide a number")
	}
}

// allCells bounds the text of a whole table.
func allCells(r *Report, o obj, at string) {
	n := 0
	for _, t := range Texts(o["rows"]) {
		n += utf8.RuneCountInString(t)
	}
	if n > cellsMax {
		r.add(at+"/rows", "must be less than %d characters", cellsMax+1)
	}
}

// evenTable wants a header of plain texts and rows of one length.
func evenTable(r *Report, o obj, at string) {
	rows, _ := o["rows"].([]any)
	for i, row := range rows {
		cells, _ := row.([]any)
		first, _ := rows[0].([]any)
		if len(cells) != len(first) {
			r.add(at+"/rows/"+strconv.Itoa(i), "must have the same number of cells as the first row")
		}
	}
	if len(rows) > 0 {
		header, _ := rows[0].([]any)
		for i, c := range header {
			if kind := jsonvalue.AsString(jsonvalue.AsObject(c)["type"]); kind == "rich_text" || kind == "action_cell" {
				r.unsupported(at+"/rows/0/"+strconv.Itoa(i), kind, []string{"raw_text"})
			}
		}
	}
	allCells(r, o, at)
}

// chart is what a data_visualization shows.
func chart(r *Report, v any, at string) {
	segment := object(shape{fields: fields{"label": must(chars(1, 20)), "value": must(positive)}})
	point := object(shape{fields: fields{"label": must(chars(1, 20)), "value": must(anyNumber)}})
	series := object(shape{fields: fields{"name": must(chars(1, 20)), "data": must(list(1, 20, point))}})
	axis := object(shape{fields: fields{"categories": must(list(1, 20, chars(1, 20))), "x_label": opt(chars(0, 50)),
		"y_label": opt(chars(0, 50))}})
	lines := shape{fields: fields{"series": must(list(1, 6, series)), "axis_config": must(axis)}, also: plotted}
	typed(func() map[string]shape {
		return map[string]shape{"pie": {fields: fields{"segments": must(list(1, 6, segment))}},
			"bar": lines, "area": lines, "line": lines}
	}, nil)(r, v, at)
}

func positive(r *Report, v any, at string) {
	if n, ok := v.(float64); !ok || n <= 0 {
		r.add(at, "must be greater than 0")
	}
}

// plotted wants each series to have a name of its own and one point for every category.
func plotted(r *Report, o obj, at string) {
	categories, _ := jsonvalue.AsObject(o["axis_config"])["categories"].([]any)
	series, _ := o["series"].([]any)
	seen := map[string]bool{}
	for i, s := range series {
		here := at + "/series/" + strconv.Itoa(i)
		name := jsonvalue.AsString(jsonvalue.AsObject(s)["name"])
		if seen[name] {
			r.add(here+"/name", "must be unique among the series")
		}
		seen[name] = true
		points, _ := jsonvalue.AsObject(s)["data"].([]any)
		labels := map[string]bool{}
		for j, p := range points {
			label := jsonvalue.AsString(jsonvalue.AsObject(p)["label"])
			if !slices.Contains(categories, any(label)) || labels[label] {
				r.add(here+"/data/"+strconv.Itoa(j)+"/label", "must match one of the categories, each once")
			}
			labels[label] = true
		}
		if len(points) != len(categories) {
			r.add(here+"/data", "must have one point for every category")
		}
	}
}
