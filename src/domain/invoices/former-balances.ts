import type { Commit } from "../commits/commit.ts";
import { giveBack } from "../commits/give-back.ts";
import { type Instant, instant, isAfter } from "../time.ts";
import type { DrawDown } from "./invoice.ts";

/** When a commit was made, and archived; canonical instants. */
export interface CommitLife {
  readonly createdAt: string;
  readonly archivedAt: string | null;
}

/**
 * The commits with the balances that a final invoice had: what it burned itself is given back, what
 * others have burned stays gone. Commits that were made after it, and archived ones of which it burned
 * nothing, are left out.
 */
export function onFormerBalances(
  commits: readonly Commit[],
  burned: readonly DrawDown[],
  finalizedAt: Instant,
  lives: ReadonlyMap<string, CommitLife>,
): Commit[] {
  const segmentIds = new Set(burned.map(({ segmentId }) => segmentId));
  const known = commits.filter(({ id, segments }) => {
    const life = lives.get(id);
    if (life === undefined || isAfter(instant(life.createdAt), finalizedAt)) return false;
    return life.archivedAt === null || segments.some(({ id: own }) => segmentIds.has(own));
  });
  return giveBack(known, burned);
}
