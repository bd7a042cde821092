import { type Kysely, sql } from "kysely";
import { type Instant, instant, isBefore, Temporal } from "../../domain/time.ts";
import type { AnyClockName, ClockName } from "../jobs/job-table.ts";

/** What time it is in an environment. PRODUCTION is real time; the sandbox's can be set. */
export interface Clock {
  now(name: AnyClockName): Promise<Instant>;
}

export interface ClockState {
  readonly now: Instant;
  readonly frozen: boolean;
  /** True once the sandbox held a contract or subscription: from then on it only goes forwards. */
  readonly pinned: boolean;
  /** Where a running advance is going. */
  readonly advanceTargetAt: string | undefined;
}

interface ClockRow {
  frozen_at: string | null;
  offset_ms: bigint;
  pinned: boolean;
  advance_target_at: string | null;
}

const NS_PER_MS = 1_000_000n;

/** What a clock shows by its row. */
export const shownBy = (
  { frozen_at: frozenAt, offset_ms: offsetMs }: Pick<ClockRow, "frozen_at" | "offset_ms">,
  realNow: Instant = Temporal.Now.instant(),
): Instant =>
  frozenAt === null ? realNow.add({ milliseconds: Number(offsetMs) }) : instant(frozenAt);

/**
 * How far a clock that shall run on from `shown` is ahead of the machine's time, in whole
 * milliseconds. Rounded up: read at the same instant or later, the clock never shows less than it
 * already did.
 */
export function offsetMs(shown: Instant, realNow: Instant): bigint {
  const ahead = shown.epochNanoseconds - realNow.epochNanoseconds;
  const down = ahead / NS_PER_MS;
  return down * NS_PER_MS < ahead ? down + 1n : down;
}

export const laterOf = (a: Instant, b: Instant): Instant => (isBefore(a, b) ? b : a);

/** Reads the state of a clock; `realNow` is the machine's own time. */
export async function readClock<Tables>(
  db: Kysely<Tables>,
  name: AnyClockName,
  realNow: Instant = Temporal.Now.instant(),
): Promise<ClockState> {
  const { rows } = await sql<ClockRow>`select frozen_at, offset_ms, pinned, advance_target_at
    from clocks where name = ${name}`.execute(db);
  const row = rows[0];
  if (row === undefined) throw new Error(`No clock named ${name}`);
  return {
    now: shownBy(row, realNow),
    frozen: row.frozen_at !== null,
    pinned: row.pinned,
    advanceTargetAt: row.advance_target_at ?? undefined,
  };
}

/** The clock of each environment, read from the database at each call so that processes agree. */
export function databaseClock<Tables>(db: Kysely<Tables>): Clock {
  return {
    async now(name) {
      if (name === "PRODUCTION") return Temporal.Now.instant();
      return (await readClock(db, name)).now;
    },
  };
}

/** Marks the sandbox as holding a contract or subscription; to be called where one is created. */
export async function pinClock<Tables>(db: Kysely<Tables>, name: ClockName): Promise<void> {
  await sql`update clocks set pinned = true where name = ${name} and not pinned`.execute(db);
}
