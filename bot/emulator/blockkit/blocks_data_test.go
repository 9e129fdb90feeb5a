package blockkit_test

import (
	"fmt"
	"testing"
)

func TestTableLimitsAreSlacks(t *testing.T) {
	text := func(s string) o { return o{"type": "raw_text", "text": s} }
	table := func(rows ...any) o { return o{"type": "table", "rows": rows} }
	data := o{"type": "data_table", "caption": "c", "rows": l{l{text("h")}, l{text("x")}}}
	row := func(int) any { return l{text("x")} }
	hold(t, []limit{
		{"cells together", table(l{text(xs(10_000))}), table(l{text(xs(5000)), text(xs(5001))}), "must be less than 10001 characters [json-pointer:/blocks/0/rows]"},
		{"cell", table(l{rich(part("rich_text_section", o{"type": "text", "text": "x"})), o{"type": "raw_number", "value": 1.5, "text": "1.5"}}),
			table(l{text("")}), "must be more than 0 characters [json-pointer:/blocks/0/rows/0/0/text]"},
		{"cell type", table(l{text("x")}), table(l{words("mrkdwn", 1)}), "unsupported type: mrkdwn [json-pointer:/blocks/0/rows/0/0/type]"},
		{"columns", with(table(l{text("x")}), "column_settings", l{nil, o{"align": "right", "is_wrapped": true}}),
			with(table(l{text("x")}), "column_settings", l{o{"align": "top"}}), "value must be one of: left, center, right [json-pointer:/blocks/0/column_settings/0/align]"},
		{"column settings", with(table(l{text("x")}), "column_settings", many(20, func(int) any { return nil })),
			with(table(l{text("x")}), "column_settings", many(21, func(int) any { return nil })), "no more than 20 items allowed [json-pointer:/blocks/0/column_settings]"},
		{"data rows", with(data, "rows", many(101, row)), with(data, "rows", many(102, row)), "no more than 101 items allowed [json-pointer:/blocks/0/rows]"},
		{"data without rows", data, with(data, "rows", many(1, row)), "no less than 2 items allowed [json-pointer:/blocks/0/rows]"},
		{"data columns", data, with(data, "rows", l{l{text("a"), text("b")}, l{text("x")}}),
			"must have the same number of cells as the first row [json-pointer:/blocks/0/rows/1]"},
		{"data header", data, with(data, "rows", l{l{rich()}, l{text("x")}}), "unsupported type: rich_text [json-pointer:/blocks/0/rows/0/0/type]"},
		{"data page", with(data, "page_size", 100), with(data, "page_size", 101), "must be less than or equal to 100 [json-pointer:/blocks/0/page_size]"},
		{"data caption", data, o{"type": "data_table", "rows": data["rows"]}, "missing required field: caption [json-pointer:/blocks/0]"},
		{"data header column", with(data, "row_header_column_index", 0), with(data, "row_header_column_index", -1),
			"must be greater than or equal to 0 [json-pointer:/blocks/0/row_header_column_index]"},
		{"data action", with(data, "rows", l{l{text("h")}, l{o{"type": "action_cell", "element": push(1), "fallback": text("x")}}}),
			with(data, "rows", l{l{text("h")}, l{o{"type": "action_cell", "element": menu(1)}}}), "unsupported type: static_select [json-pointer:/blocks/0/rows/1/0/element/type]"},
	})
}

func TestChartLimitsAreSlacks(t *testing.T) {
	show := func(chart o) o { return o{"type": "data_visualization", "title": "t", "chart": chart} }
	pie := func(n int) o {
		return o{"type": "pie", "segments": many(n, func(i int) any { return o{"label": fmt.Sprint(i), "value": 1} })}
	}
	points := func(labels ...any) l {
		return many(len(labels), func(i int) any { return o{"label": labels[i], "value": -1.5} })
	}
	line := func(names ...string) o {
		return o{"type": "line", "axis_config": o{"categories": l{"a", "b"}},
			"series": many(len(names), func(i int) any { return o{"name": names[i], "data": points("a", "b")} })}
	}
	hold(t, []limit{
		{"title", with(show(pie(1)), "title", xs(50)), with(show(pie(1)), "title", xs(51)), "must be less than 51 characters [json-pointer:/blocks/0/title]"},
		{"segments", show(pie(6)), show(pie(7)), "no more than 6 items allowed [json-pointer:/blocks/0/chart/segments]"},
		{"segment", show(pie(1)), show(o{"type": "pie", "segments": l{o{"label": "a", "value": 0}}}), "must be greater than 0 [json-pointer:/blocks/0/chart/segments/0/value]"},
		{"chart type", show(pie(1)), show(with(pie(1), "type", "donut")), "unsupported type: donut [json-pointer:/blocks/0/chart/type]"},
		{"series", show(line("1", "2", "3", "4", "5", "6")), show(line("1", "2", "3", "4", "5", "6", "7")), "no more than 6 items allowed [json-pointer:/blocks/0/chart/series]"},
		{"series name", show(with(line("a"), "type", "bar")), show(line("a", "a")), "must be unique among the series [json-pointer:/blocks/0/chart/series/1/name]"},
		{"points", show(with(line("a"), "type", "area")), show(with(line("a"), "series", l{o{"name": "a", "data": points("a")}})),
			"must have one point for every category [json-pointer:/blocks/0/chart/series/0/data]"},
		{"label", show(line("a")), show(with(line("a"), "series", l{o{"name": "a", "data": points("a", "c")}})),
			"must match one of the categories, each once [json-pointer:/blocks/0/chart/series/0/data/1/label]"},
		{"axis", show(with(line("a"), "axis_config", o{"categories": l{"a", "b"}, "x_label": xs(50)})),
			show(with(line("a"), "axis_config", o{"categories": l{"a", "b"}, "x_label": xs(51)})), "must be less than 51 characters [json-pointer:/blocks/0/chart/axis_config/x_label]"},
	})
}
