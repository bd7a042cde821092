import type { Scope } from "../scope.ts";
import type { WireObject } from "../wire.ts";

/** Loads rendered objects by id, several at once; ids that do not exist are left out. */
export type LoadObjects = (
  scope: Scope,
  ids: readonly string[],
) => Promise<ReadonlyMap<string, WireObject>>;

/**
 * What expand.ts needs to know about a kind of object. Keys are dotted paths inside the rendered
 * object; values are names of other resources.
 */
export interface Resource {
  /** The `object` member: "invoice". */
  readonly object: string;
  readonly load: LoadObjects;
  /** Properties that hold an id, or null: { customer: "customer", "pricing.price_details.price": "price" }. */
  readonly references?: Readonly<Record<string, string>>;
  /** Objects or arrays of objects that are always rendered inside: { "lines.data": "line_item" }. */
  readonly parts?: Readonly<Record<string, string>>;
  /** Properties left out unless asked for: { payments: ... }. `load` answers by the owner's id. */
  readonly includables?: Readonly<Record<string, Includable>>;
}

export interface Includable {
  /** What it is: one object, or a list of them. */
  readonly returns: string | { readonly listOf: string };
  readonly load: LoadObjects;
}
