package language

import (
	"slices"
	"strings"

	"cel.dev/cel-go/common/types"

	"github.com/stationmaster/stationmaster/deployer"
)

// plain is a name as CEL sees it: without hyphens, which it would take for a minus.
func plain(name string) string { return strings.ReplaceAll(name, "-", "_") }

// field finds a field of an object, by its name with hyphens or without.
func (n *Names) field(objectName, name string) (field, bool) {
	if id, ok := strings.CutPrefix(objectName, string(objectMark)+objectStep); ok {
		if s := n.steps[plain(id)]; s != nil && s.Kind == nil {
			if f, ok := among(stepFields, name); ok {
				return f, true
			}
			return field{name: name, is: types.DynType}, true // of which kind it is, is wrong already
		}
	}
	if objectName == theValues.TypeName() {
		return n.valueField(name)
	}
	if objectName == theSteps.TypeName() {
		s, ok := n.steps[plain(name)]
		if !ok {
			return field{}, false
		}
		return field{name: s.ID, is: object(objectStep + s.ID)}, true
	}
	return among(n.fieldsOf(objectName), name)
}

func among(fields []field, name string) (field, bool) {
	i := slices.IndexFunc(fields, func(f field) bool { return f.name == name || plain(f.name) == name })
	if i < 0 {
		return field{}, false
	}
	return fields[i], true
}

// fieldsOf are all fields of an object, for those who look for one.
func (n *Names) fieldsOf(objectName string) []field {
	switch objectName {
	case theInputs.TypeName():
		return n.inputs
	case theVars.TypeName():
		return n.vars
	case theValues.TypeName():
		return named(n.valueNames)
	case theSteps.TypeName():
		return named(n.stepNames)
	}
	if id, ok := strings.CutPrefix(objectName, string(objectMark)+objectStep); ok {
		return n.stepFields(plain(id))
	}
	if id, ok := strings.CutPrefix(objectName, string(objectMark)+objectMember); ok {
		out := append([]field{text("name")}, stepFields...)
		return append(out, outputs(n.steps[plain(id)])...)
	}
	return fields[objectName]
}

func named(names []string) []field {
	var out []field
	for _, name := range names {
		out = append(out, field{name: name})
	}
	return out
}

// stepFields are those of a step. What it leaves behind is one where it is done once.
func (n *Names) stepFields(id string) []field {
	if known, ok := n.left[id]; ok {
		return known
	}
	s := n.steps[id]
	out := slices.Clone(stepFields)
	if several(*s) {
		out = append(out, groupFields(s.ID)...)
	}
	if !several(*s) || n.onlyOne(*s) {
		out = append(out, outputs(s)...)
	}
	n.left[id] = out
	return out
}

// several reports whether a step is done for each of several.
func several(s deployer.Step) bool {
	return len(s.Each) > 0 || s.EachOf != "" || s.Kind != nil && s.Kind.Scope != deployer.ScopeOnce
}

// onlyOne reports whether a step is done for each service, of which there is one.
func (n *Names) onlyOne(s deployer.Step) bool {
	return n.procedure.Services == deployer.ServicesOne && len(s.Each) == 0 && (s.EachOf == "" || s.EachOf == deployer.EachService)
}

// outputs are what a step leaves behind by its kind, and by what it says itself.
func outputs(s *deployer.Step) []field {
	if s == nil || s.Kind == nil {
		return nil
	}
	var out []field
	for _, p := range s.Kind.Outputs {
		f := field{name: p.Name, is: paramType(p.Type), options: p.Options, empty: true}
		if p.Type == deployer.TypeChoice {
			for _, row := range choices(*s) {
				f.options = append(f.options, row["id"])
			}
		}
		out = append(out, f)
	}
	for _, p := range s.Kind.Params {
		switch p.Type {
		case deployer.TypeInputs:
			for _, in := range s.With[p.Name].Inputs {
				f := inputField(in)
				f.absent, f.empty = false, true // that it was answered is said by done
				out = append(out, f)
			}
		case deployer.TypeOutputs:
			for name := range s.With[p.Name].Texts {
				out = append(out, text(name))
			}
		}
	}
	return out
}

// choices are those of a step of which one is chosen.
func choices(s deployer.Step) []map[string]string {
	for _, p := range s.Kind.Params {
		if p.Type == deployer.TypeChoices {
			return s.With[p.Name].Rows
		}
	}
	return nil
}

// paramType is the type of an output.
func paramType(t deployer.ParamType) *types.Type {
	switch t {
	case deployer.TypeNumber:
		return types.IntType
	case deployer.TypeFlag, deployer.TypeCond:
		return types.BoolType
	case deployer.TypeDuration:
		return types.DurationType
	case deployer.TypeTime:
		return types.TimestampType
	case deployer.TypeList, deployer.TypeRoles, deployer.TypeChannels, deployer.TypeHolds, deployer.TypeSteps:
		return texts
	}
	return types.StringType
}

// inputField is what an input stands for.
func inputField(in deployer.Input) field {
	f := field{name: in.ID, is: types.StringType, clients: in.Clients}
	surely := in.Default != "" || in.Required && in.When == ""
	switch in.Kind {
	case deployer.InputBoolean:
		f.is = types.BoolType
	case deployer.InputNumber:
		f.is, f.absent = types.IntType, !surely
	case deployer.InputTime:
		f.is, f.absent = types.TimestampType, !surely
	case deployer.InputDuration:
		f.is, f.absent = types.DurationType, !surely
	case deployer.InputPerson:
		f.is, f.absent = aPerson, !surely
	case deployer.InputChoice:
		f.options, f.empty = in.Options, !surely
	}
	if in.Many {
		f.is, f.absent, f.options = types.NewListType(f.is), false, nil
	}
	return f
}
