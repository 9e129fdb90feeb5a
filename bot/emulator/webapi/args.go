package webapi

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/stationmaster/stationmaster/bot/emulator/jsonhttp"
	"github.com/stationmaster/stationmaster/bot/emulator/jsonvalue"
)

// Args are a call's arguments, however they were sent. Values are JSON.
type Args map[string]json.RawMessage

var (
	errJSON       = errors.New("invalid_json")
	errJSONObject = errors.New("json_not_object")
	errFormData   = errors.New("invalid_form_data")
	errPostType   = errors.New("invalid_post_type")
	errNoPostType = errors.New("missing_post_type")
	errCharset    = errors.New("invalid_charset")
	errArgName    = errors.New("invalid_arg_name")
	errArrayArg   = errors.New("invalid_array_arg")
)

// readArgs takes arguments as Slack does: from the query, and from a form, a multipart form or a JSON object.
func readArgs(r *http.Request) (Args, error) {
	a := Args{}
	a.addForm(r.URL.Query())
	if r.Method != http.MethodPost {
		return a, a.named()
	}
	kind, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, jsonhttp.BodyMax))
	if err != nil {
		return a, errFormData
	}
	if c := strings.ToLower(params["charset"]); c != "" && c != "utf-8" && c != "utf8" && c != "iso-8859-1" {
		return a, errCharset
	}
	switch kind {
	case "application/json":
		err = a.AddJSON(body)
	case "multipart/form-data":
		err = a.addMultipart(body, params["boundary"])
	case "application/x-www-form-urlencoded":
		var form url.Values
		if form, err = url.ParseQuery(string(body)); err != nil {
			err = errFormData
		}
		a.addForm(form)
	case "text/plain":
	case "":
		if len(body) > 0 {
			err = errNoPostType
		}
	default:
		err = errPostType
	}
	if err != nil {
		return a, err
	}
	return a, a.named()
}

var argName = regexp.MustCompile(`^[A-Za-z0-9_]{1,255}$`)

// named refuses names that no argument can have.
func (a Args) named() error {
	for name := range a {
		switch {
		case strings.HasSuffix(name, "]"):
			return errArrayArg
		case !argName.MatchString(name):
			return errArgName
		}
	}
	return nil
}

// charsetWarnings are what Slack remarks on a Content-Type: JSON should name its charset and a form should not.
func charsetWarnings(r *http.Request) []string {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || r.Method != http.MethodPost {
		return nil
	}
	_, named := params["charset"]
	form := kind == "application/x-www-form-urlencoded" || kind == "multipart/form-data"
	switch {
	case form && named:
		return []string{"superfluous_charset"}
	case !form && !named:
		return []string{"missing_charset"}
	}
	return nil
}

func (a Args) addForm(v url.Values) {
	for k, vs := range v {
		if len(vs) > 0 {
			a[k] = jsonvalue.Encode(vs[0])
		}
	}
}

// AddJSON takes the members of a JSON object as arguments.
func (a Args) AddJSON(body []byte) error {
	if len(strings.TrimSpace(string(body))) == 0 {
		return nil
	}
	if !json.Valid(body) {
		return errJSON
	}
	var m map[string]json.RawMessage
	if err := json.Unmarshal(body, &m); err != nil {
		return errJSONObject
	}
	for k, v := range m {
		if string(v) != "null" && k != "token" { // with JSON, tokens go into the header
			a[k] = v
		}
	}
	return nil
}

func (a Args) addMultipart(body []byte, boundary string) error {
	if boundary == "" {
		return errFormData
	}
	req := &http.Request{Method: http.MethodPost, Body: io.NopCloser(strings.NewReader(string(body))),
		Header: http.Header{"Content-Type": {"multipart/form-data; boundary=" + boundary}}}
	if err := req.ParseMultipartForm(jsonhttp.BodyMax); err != nil {
		return errFormData
	}
	a.addForm(req.MultipartForm.Value)
	return nil
}

func (a Args) has(name string) bool { _, ok := a[name]; return ok }

// Str is an argument as text: a JSON string's content, any other value's JSON.
func (a Args) Str(name string) string {
	v, ok := a[name]
	if !ok {
		return ""
	}
	var s string
	if json.Unmarshal(v, &s) == nil {
		return s
	}
	return string(v)
}

func (a Args) bool(name string) bool {
	switch a.Str(name) {
	case "1", "true", "True":
		return true
	}
	return false
}

// integer is an argument as a number, or def where there is none.
func (a Args) integer(name string, def int) (int, bool) {
	s := a.Str(name)
	if s == "" {
		return def, true
	}
	n, err := strconv.Atoi(s)
	return n, err == nil
}

// json is an argument that holds JSON, sent as such or as text; nil when it was not sent.
// Text that is no JSON comes back with ok false.
func (a Args) json(name string) (v json.RawMessage, ok bool) {
	v, sent := a[name]
	if !sent {
		return nil, true
	}
	var s string
	if json.Unmarshal(v, &s) == nil {
		if s == "" {
			return nil, true
		}
		v = json.RawMessage(s)
	}
	return v, json.Valid(v)
}

// list is an argument that holds several words, as a JSON array or separated by commas.
func (a Args) list(name string) []string {
	s := a.Str(name)
	var l []string
	if json.Unmarshal([]byte(s), &l) == nil {
		return l
	}
	for w := range strings.SplitSeq(s, ",") {
		if w = strings.TrimSpace(w); w != "" {
			l = append(l, w)
		}
	}
	return l
}

// decode reads JSON that may be missing.
func decode(v json.RawMessage, into any) error {
	if v == nil {
		return nil
	}
	return json.Unmarshal(v, into)
}
