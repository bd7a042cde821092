import type { Owner } from "../in-scope.ts";

/**
 * Does `work` for what belongs to each account and mode, one after the other, and answers in the order
 * of the parts. All parts are on one clock, at one moment.
 */
export async function forEachOwner<Part extends Owner, Result>(
  parts: readonly Part[],
  work: (owner: Owner, parts: readonly Part[]) => Promise<readonly Result[]>,
): Promise<Result[]> {
  const groups = Map.groupBy(parts, ({ accountId, livemode }) => `${accountId} ${livemode}`);
  const results = new Map<Part, Result>();
  for (const group of groups.values()) {
    const [first] = group;
    if (first === undefined) continue;
    const { accountId, livemode, clock, nowAt } = first;
    const done = await work({ accountId, livemode, clock, nowAt }, group);
    for (const [index, part] of group.entries()) results.set(part, done[index] as Result);
  }
  return parts.map((part) => results.get(part) as Result);
}
