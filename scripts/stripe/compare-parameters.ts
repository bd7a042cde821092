import type { Node } from "../../src/collect/http/schema-node.ts";
import type { StripeParameter } from "./stripe-endpoints.ts";

type Parameters = Readonly<Record<string, StripeParameter>>;

/** What Collect takes of the parameters of one endpoint; names are whole: "lines[][price_data]". */
export interface Comparison {
  readonly supported: string[];
  /** Refused with `parameter_unknown`. */
  readonly refused: string[];
  /** Values that the API knows for a supported parameter and Collect refuses. */
  readonly refusedValues: [name: string, value: string][];
  /** Taken by Collect for clients of older versions; the package has no word of them. */
  readonly older: string[];
}

/** All forms that a value may have: of a list, those of its items. */
function formsOf(node: Node): readonly Node[] {
  const forms = (node.anyOf ?? [node]).filter(({ type }) => type !== "null");
  return forms.flatMap((form) => (form.items === undefined ? [form] : formsOf(form.items)));
}

/** Hashes that Collect reads as one value: any key of metadata, the bounds of a range. */
const WHOLE: readonly (string | undefined)[] = ["metadata", "range"];

function compareValue(
  into: Comparison,
  name: string,
  parameter: StripeParameter,
  node: Node,
): void {
  const forms = formsOf(node);
  const values = forms.flatMap((form) => form.enum ?? []);
  const hash = forms.find(({ properties }) => properties !== undefined);
  const typed = forms.some(({ format }) => format === "typed-choice");
  const members = typed ? { type: parameter.members?.type ?? {} } : (parameter.members ?? {});
  const known = (typed ? members.type : parameter)?.values ?? [];
  if (values.length > 0) {
    const where = typed ? `${name}[type]` : name;
    for (const value of known.filter((each) => !values.includes(each))) {
      into.refusedValues.push([where, value]);
    }
  }
  if (typed || forms.some(({ format }) => WHOLE.includes(format))) return;
  compareMembers(into, name, members, hash?.properties ?? {});
}

function compareMembers(
  into: Comparison,
  parent: string,
  parameters: Parameters,
  properties: Readonly<Record<string, Node>>,
): void {
  const inside = (name: string): string => (parent === "" ? name : `${parent}[${name}]`);
  for (const [name, parameter] of Object.entries(parameters)) {
    // Every endpoint knows `expand`.
    if (parent === "" && name === "expand") continue;
    const node = Object.hasOwn(properties, name) ? properties[name] : undefined;
    const whole = `${inside(name)}${parameter.isList === true ? "[]" : ""}`;
    (node === undefined ? into.refused : into.supported).push(whole);
    if (node !== undefined) compareValue(into, whole, parameter, node);
  }
  for (const name of Object.keys(properties)) {
    if (!Object.hasOwn(parameters, name)) into.older.push(inside(name));
  }
}

/** Holds the package's parameters of one endpoint against those that Collect declares. */
export function compareParameters(parameters: Parameters, schema: Node): Comparison {
  const into: Comparison = { supported: [], refused: [], refusedValues: [], older: [] };
  compareMembers(into, "", parameters, schema.properties ?? {});
  return into;
}
