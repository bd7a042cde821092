import { isDeepStrictEqual } from "node:util";
import { type TOptional, type TUnknown, Type } from "typebox";
import { invalid } from "../../errors.ts";

/** Fields that a full replace may send back as it read them, and that nobody can set. */
export const readOnlyFields = <const Name extends string>(
  names: readonly Name[],
): Record<Name, TOptional<TUnknown>> =>
  Object.fromEntries(names.map((name) => [name, Type.Optional(Type.Unknown())])) as Record<
    Name,
    TOptional<TUnknown>
  >;

/** Throws invalid, naming the first of these fields that was sent and is not what it is now. */
export function checkReadOnly(
  sent: Readonly<Record<string, unknown>>,
  present: Readonly<Record<string, unknown>>,
  names: readonly string[],
): void {
  const changed = names.find(
    (name) => sent[name] !== undefined && !isDeepStrictEqual(sent[name], present[name]),
  );
  if (changed === undefined) return;
  throw invalid(`${changed} is read-only: leave it out, or send it back as it is`, changed);
}
