"""Writes versions.ts: how each operator of ai.onnx changed from version to version, from the schemas of the onnx package.

Run with `python scripts/opset_versions.py > src/core/actions/opset/versions.ts`, then `npm run format`.
"""

from onnx import defs

# The newest operator set that the onnxruntime of package.json runs (src/core/model/opset.ts).
NEWEST = 26

HEAD = """// Written by scripts/opset_versions.py from the schemas of the onnx package: change that, and run it.

/** What is different from one version of an operator to the next. */
export interface Version {
  readonly since: number;
  /** Attributes that it no longer has. */
  readonly gone?: readonly string[];
  /** Attributes that it has now and had not, all of them optional. */
  readonly added?: readonly string[];
  /** More inputs may be given than before, up to this number. */
  readonly inputs?: number;
  /** Element types that are allowed now and were not. */
  readonly types?: readonly string[];
  /** What else changed, so that a node of the version before may not be one of this version. */
  readonly changed?: string;
}

/** Versions of the operators of ai.onnx, oldest first. */
export const VERSIONS: { readonly [op: string]: readonly Version[] } = {"""

NAMES = {"float": "float32", "double": "float64"}


def types_of(schema):
    allowed = set()
    for constraint in schema.type_constraints:
        allowed |= set(constraint.allowed_type_strs)
    for parameter in list(schema.inputs) + list(schema.outputs):
        if "(" in parameter.type_str:
            allowed.add(parameter.type_str)
    return {name[7:-1] for name in allowed if name.startswith("tensor(")}


def change(before, after):
    facts, why = {}, []
    if after.deprecated:
        why.append("it is no longer there")
    options = lambda parameter: str(parameter.option).rsplit(".", 1)[-1]
    for i, old in enumerate(before.inputs):
        new = after.inputs[i] if i < len(after.inputs) else None
        if new is None:
            why.append(f"input {old.name} is gone")
        elif options(old) != options(new) and options(new) == "Single":
            why.append(f"input {new.name} must be given")
    for new in after.inputs[len(before.inputs):]:
        if options(new) != "Optional":
            why.append(f"input {new.name} must be given")
    if len(after.inputs) > len(before.inputs):
        facts["inputs"] = len(after.inputs)
    for old in before.outputs[len(after.outputs):]:
        why.append(f"output {old.name} is gone")
    gone = [name for name in before.attributes if name not in after.attributes]
    added = [name for name in after.attributes if name not in before.attributes]
    for name, new in after.attributes.items():
        old = before.attributes.get(name)
        if old is None:
            if new.required:
                why.append(f"attribute {name} must be given")
        elif old.type != new.type:
            why.append(f"attribute {name} is of another type")
        elif new.required and not old.required:
            why.append(f"attribute {name} must be given")
        elif old.default_value.SerializeToString() != new.default_value.SerializeToString():
            why.append(f"the default of {name} is another")
    if gone:
        facts["gone"] = sorted(gone)
    if added:
        facts["added"] = sorted(added)
    wider = sorted(NAMES.get(name, name) for name in types_of(after) - types_of(before))
    if wider:
        facts["types"] = wider
    if why:
        facts["changed"] = ", ".join(why)
    return facts


def written(value):
    if isinstance(value, list):
        return "[" + ", ".join(f'"{item}"' for item in value) + "]"
    return str(value) if isinstance(value, int) else f'"{value}"'


operators = {}
for schema in defs.get_all_schemas_with_history():
    if schema.domain == "" and schema.since_version <= NEWEST:
        operators.setdefault(schema.name, []).append(schema)

print(HEAD)
for name in sorted(operators):
    versions = sorted(operators[name], key=lambda schema: schema.since_version)
    print(f"  {name}: [")
    for before, after in zip([None, *versions], versions):
        facts = {} if before is None else change(before, after)
        fields = [f"since: {after.since_version}", *(f"{key}: {written(value)}" for key, value in facts.items())]
        print("    { " + ", ".join(fields) + " },")
    print("  ],")
print("};")
