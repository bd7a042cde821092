/*
 * Reads the declaration files of the `stripe` package, which are regular enough to be read as text:
 * interfaces of one-line properties, in nested namespaces.
 */

/** One property of an interface: what its type may be, by name. */
export interface PropertyShape {
  readonly optional: boolean;
  readonly nullable: boolean;
  /** Full names of interfaces that a value, or an element of the array, may have. */
  readonly shapes: readonly string[];
}

export type InterfaceShape = Readonly<Record<string, PropertyShape>>;

interface RawProperty {
  readonly name: string;
  readonly optional: boolean;
  readonly type: string;
}

const withoutComments = (text: string): string => text.replace(/\/\*[\s\S]*?\*\//g, "");

/** Index just after the bracket that closes the one at `open`. */
function closingIndex(text: string, open: number): number {
  let depth = 0;
  for (let index = open; index < text.length; index += 1) {
    if (text[index] === "{") depth += 1;
    if (text[index] === "}") depth -= 1;
    if (depth === 0) return index + 1;
  }
  throw new Error("Unbalanced brackets");
}

/** Splits the body of an interface at the semicolons that are not inside brackets. */
function splitMembers(body: string): string[] {
  const members: string[] = [];
  let depth = 0;
  let start = 0;
  for (const [index, character] of [...body].entries()) {
    if ("{(<[".includes(character)) depth += 1;
    if (")}]".includes(character) || (character === ">" && body[index - 1] !== "=")) depth -= 1;
    if (character === ";" && depth === 0) {
      members.push(body.slice(start, index).trim());
      start = index + 1;
    }
  }
  return members;
}

function readMembers(body: string): RawProperty[] {
  return splitMembers(body).flatMap((member) => {
    const match = /^(\w+)(\??):\s*([\s\S]+)$/.exec(member);
    if (match === null) return [];
    const [, name = "", optional, type = ""] = match;
    return [{ name, optional: optional === "?", type }];
  });
}

/** All interfaces of a declaration text by full name: "Invoice.StatusTransitions". */
export function readInterfaces(text: string): Map<string, RawProperty[]> {
  const found = new Map<string, RawProperty[]>();
  const visit = (body: string, scope: string): void => {
    const declaration = /(?:^|\s)(interface|namespace)\s+(\w+)[^{;]*\{/g;
    for (let match = declaration.exec(body); match !== null; match = declaration.exec(body)) {
      const [whole, kind, name = ""] = match;
      const open = match.index + whole.length - 1;
      const end = closingIndex(body, open);
      const inner = body.slice(open + 1, end - 1);
      const full = scope === "" ? name : `${scope}.${name}`;
      if (kind === "namespace") visit(inner, full);
      else found.set(full, readMembers(inner));
      declaration.lastIndex = end;
    }
  };
  visit(withoutComments(text), "");
  return found;
}

/** The full name that `reference` has inside the interface `owner`, by the rules of nested scopes. */
function resolve(reference: string, owner: string, known: ReadonlySet<string>): string | undefined {
  const scopes = owner.split(".");
  for (let length = scopes.length; length >= 0; length -= 1) {
    const full = [...scopes.slice(0, length), reference].join(".");
    if (known.has(full)) return full;
  }
  return undefined;
}

/** Interfaces reachable from `roots` without passing into another resource. */
export function collectShapes(
  interfaces: ReadonlyMap<string, readonly RawProperty[]>,
  roots: readonly string[],
): Record<string, InterfaceShape> {
  const known = new Set(interfaces.keys());
  const shapes: Record<string, InterfaceShape> = {};
  const queue = [...roots];
  for (let owner = queue.shift(); owner !== undefined; owner = queue.shift()) {
    if (owner in shapes) continue;
    const from = owner;
    const shape = (interfaces.get(owner) ?? []).map(({ name, optional, type }) => {
      const references = type.match(/[A-Z]\w*(?:\.\w+)*/g) ?? [];
      const full = references.flatMap((reference) => resolve(reference, from, known) ?? []);
      const nullable = /\bnull\b/.test(type);
      return [name, { optional, nullable, shapes: [...new Set(full)] }] as const;
    });
    shapes[owner] = Object.fromEntries(shape);
    for (const [, { shapes: inner }] of shape) {
      // Another resource is checked by its own `object`, where it appears.
      queue.push(...inner.filter((name) => !interfaces.get(name)?.some(isObjectName)));
    }
  }
  return shapes;
}

/** True for `object: 'invoice'`: the property that makes an interface a resource. */
export const isObjectName = (property: RawProperty): boolean =>
  property.name === "object" && /^'[\w.]+'$/.test(property.type);
