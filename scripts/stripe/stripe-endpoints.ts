import { readdirSync, readFileSync } from "node:fs";
import { type Checker, SignatureKind, type Type, TypeFlags } from "typescript/unstable/sync";
import { RESOURCES, type StripePackage } from "./open-package.ts";

/** A parameter of one of the package's methods: a value, one of some texts, or a hash of more. */
export interface StripeParameter {
  readonly values?: readonly string[];
  readonly members?: Readonly<Record<string, StripeParameter>>;
  readonly isList?: true;
}

export interface StripeEndpoint {
  /** "POST /v1/invoices/:/pay": parts that name an object are empty. */
  readonly route: string;
  /** Reads the parameters; of an endpoint without any there are none. */
  readonly parameters: () => Readonly<Record<string, StripeParameter>>;
}

const CALL = /^ {4}(\w+)\([^)]*\) \{\s+return this\._makeRequest\('(\w+)', [`']([^`']+)[`']/gm;

/** "/v1/invoices/${encodeURIComponent(id)}/pay" or "/v1/invoices/:invoice/pay" -> "/v1/invoices/:/pay" */
export const toRoute = (method: string, path: string): string =>
  `${method} ${path.replace(/\$\{[^}]*\}|:\w+/g, ":")}`;

const isNothing = (type: Type): boolean =>
  (type.flags & (TypeFlags.Undefined | TypeFlags.Null | TypeFlags.Void)) !== 0;

/** One parameter from its type; hashes are read no deeper than `depth`. */
function readParameter(checker: Checker, type: Type, depth: number): StripeParameter {
  const forms = (type.isUnionType() ? (type.getTypes() ?? []) : [type]).filter(
    // An empty text unsets a parameter: it is no value of it.
    (form) => !isNothing(form) && !(form.isStringLiteralType() && form.value === ""),
  );
  const lists = forms.filter((form) => checker.isArrayType(form) && form.isTypeReference());
  const [list] = lists;
  if (list?.isTypeReference()) {
    const [item] = checker.getTypeArguments(list);
    if (item !== undefined) return { ...readParameter(checker, item, depth), isList: true };
  }
  const texts = forms
    .filter((form) => form.isStringLiteralType())
    .map((form) => String(form.value));
  const hashes = forms.filter(
    (form) => form.isObjectType() && checker.getIndexInfosOfType(form).length === 0,
  );
  const members = depth === 0 ? {} : readMembers(checker, hashes, depth - 1);
  if (Object.keys(members).length > 0) return { members };
  // What is left is `OtherString`, which keeps an enum open for values of tomorrow.
  const closed = forms.every((form) => form.isStringLiteralType() || form.isIntersectionType());
  return texts.length > 0 && closed ? { values: texts.toSorted() } : {};
}

function readMembers(
  checker: Checker,
  hashes: readonly Type[],
  depth: number,
): Record<string, StripeParameter> {
  const members: Record<string, StripeParameter> = {};
  for (const symbol of hashes.flatMap((type) => checker.getPropertiesOfType(type))) {
    const type = checker.getTypeOfSymbol(symbol);
    if (type !== undefined) members[symbol.name] ??= readParameter(checker, type, depth);
  }
  return members;
}

const DEPTH = 5;

/** Every endpoint of the package whose path begins with one of `prefixes` ("/v1/invoices"). */
export function stripeEndpoints(
  { checker, exportsOf }: StripePackage,
  prefixes: readonly string[],
): StripeEndpoint[] {
  const files = readdirSync(RESOURCES, { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".js"),
  );
  return files.flatMap((file) => {
    const calls = [...readFileSync(`${RESOURCES}/${file}`, "utf8").matchAll(CALL)].filter(
      ([, , , path = ""]) =>
        prefixes.some((prefix) => path === prefix || path.startsWith(`${prefix}/`)),
    );
    if (calls.length === 0) return [];
    const exported = exportsOf(file.replace(/\.js$/, ""));
    const resource = [...exported].find(([name]) => name.endsWith("Resource"))?.[1];
    if (resource === undefined) throw new Error(`No resource in ${file}`);
    const type = checker.getDeclaredTypeOfSymbol(resource);
    return calls.map(([, name = "", method = "", path = ""]) => ({
      route: toRoute(method, path),
      parameters: () => readMethod(checker, type, name),
    }));
  });
}

function readMethod(
  checker: Checker,
  resource: Type,
  name: string,
): Readonly<Record<string, StripeParameter>> {
  const method = checker.getPropertyOfType(resource, name);
  const type = method === undefined ? undefined : checker.getTypeOfSymbol(method);
  const [signature] =
    type === undefined ? [] : checker.getSignaturesOfType(type, SignatureKind.Call);
  const symbol = signature?.getParameters().find((each) => each.name === "params");
  const params = symbol === undefined ? undefined : checker.getTypeOfSymbol(symbol);
  if (params === undefined) return {};
  return readParameter(checker, params, DEPTH).members ?? {};
}
