import { type TSchema, Type } from "typebox";
import { invalid } from "../../errors.ts";

/** Fields of a reply that a replacement may send back, so that what was read can be sent changed. */
export const readOnlyFields = <const Name extends string>(names: readonly Name[]) =>
  Object.fromEntries(
    names.map((name) => [name, Type.Optional(Type.Unknown())] satisfies [string, TSchema]),
  ) as Record<Name, ReturnType<typeof Type.Optional<ReturnType<typeof Type.Unknown>>>>;

/**
 * A read-only field that is sent back must say what it says now; null stands for nothing. Throws
 * invalid, naming the field.
 */
export function refuseChanged(
  present: Readonly<Record<string, unknown>>,
  sent: Readonly<Record<string, unknown>>,
  names: readonly string[],
): void {
  for (const name of names) {
    const value = sent[name];
    if (value === undefined || value === null) continue;
    if (JSON.stringify(value) === JSON.stringify(present[name])) continue;
    throw invalid(`${name} is read-only: leave it out, or send it back as it is`, name);
  }
}
