import { randomUUID } from "node:crypto";
import { type Kysely, sql } from "kysely";
import {
  type Instant,
  instant,
  instantText,
  isAfter,
  isBefore,
  Temporal,
} from "../../domain/time.ts";
import { conflict, invalid } from "../../errors.ts";
import { inTransaction } from "../database/database.ts";
import { isOwnerGone, sessionOwner } from "../database/session-owner.ts";
import type { AnyClockName, ClockName, TestClockName } from "../jobs/job-table.ts";
import { laterOf, offsetMs, readClock } from "./clock.ts";

/** A part of the product with work of its own that falls due: the core, Collect. */
export interface DueWork {
  nextDueAt(clock: AnyClockName): Promise<string | undefined>;
  drain(clock: AnyClockName): Promise<void>;
}

const LEASE_SECONDS = 30;
const RENEW_MS = 8000;
const NAME: ClockName = "SANDBOX";

/** True while a living process works on an advance. One whose process is gone is anybody's. */
const isLed = sql<boolean>`(coalesce(advance_lease_until >= clock_timestamp(), false)
  and not ${isOwnerGone("advance_owner")})`;

/** Stops the sandbox's clock where it is and writes down where it shall go. */
async function beginAdvance<Tables>(
  db: Kysely<Tables>,
  target: Instant,
  leader: string,
): Promise<void> {
  await inTransaction(db, async (tx) => {
    const { rows } = await sql<{ led: boolean }>`
      select ${isLed} as led from clocks where name = ${NAME} for update`.execute(tx);
    const state = await readClock(tx, NAME);
    if (state.advanceTargetAt !== undefined && rows[0]?.led) {
      throw conflict(`The clock is already on its way to ${state.advanceTargetAt}`);
    }
    const floor =
      state.advanceTargetAt === undefined
        ? state.now
        : laterOf(state.now, instant(state.advanceTargetAt));
    if (isBefore(target, floor) && state.pinned) {
      throw invalid(
        `now must not be before ${instantText(floor)}: the sandbox holds contracts or subscriptions, so its clock only goes forwards`,
        "now",
      );
    }
    const start = isBefore(target, state.now) ? target : state.now;
    await sql`update clocks set frozen_at = ${instantText(start)}::timestamptz, offset_ms = 0,
      advance_target_at = ${instantText(target)}::timestamptz, advance_leader = ${leader}::uuid,
      advance_lease_until = clock_timestamp() + make_interval(secs => ${LEASE_SECONDS}::int),
      advance_owner = ${sessionOwner}
      where name = ${NAME}`.execute(tx);
  });
}

async function renewLease<Tables>(db: Kysely<Tables>, leader: string): Promise<void> {
  const { numAffectedRows } = await sql`update clocks set
    advance_lease_until = clock_timestamp() + make_interval(secs => ${LEASE_SECONDS}::int)
    where name = ${NAME} and advance_leader = ${leader}::uuid`.execute(db);
  if (numAffectedRows !== 1n) throw conflict("Another process has taken over the clock's advance");
}

const earliest = async (
  parts: readonly DueWork[],
  name: AnyClockName,
): Promise<Instant | undefined> => {
  const due = await Promise.all(parts.map((part) => part.nextDueAt(name)));
  const instants = due.filter((at) => at !== undefined).map(instant);
  return instants.reduce<Instant | undefined>(
    (first, at) => (first === undefined || isBefore(at, first) ? at : first),
    undefined,
  );
};

/** Runs all that is due up to `step`; work of one part may bring new work to another. */
async function settle(parts: readonly DueWork[], name: AnyClockName, step: Instant): Promise<void> {
  for (;;) {
    for (const part of parts) await part.drain(name);
    const next = await earliest(parts, name);
    if (next === undefined || isAfter(next, step)) return;
  }
}

interface Walk {
  readonly name: AnyClockName;
  readonly target: Instant;
  moveTo(step: Instant): Promise<unknown>;
}

/** Moves from due time to due time until the target is reached and nothing is left to do. */
async function walk<Tables>(
  db: Kysely<Tables>,
  parts: readonly DueWork[],
  { name, target, moveTo }: Walk,
): Promise<void> {
  for (;;) {
    const { now } = await readClock(db, name);
    const next = await earliest(parts, name);
    const last = next === undefined || isAfter(next, target);
    const step = last ? target : laterOf(now, next);
    await moveTo(step);
    if (last) return;
    await settle(parts, name, step);
  }
}

/**
 * Takes a test clock to where its row says that it shall go, through everything that falls due until
 * then. It may be called again, and by several at once: nobody moves past work that is not done.
 */
export async function walkTestClock<Tables>(
  db: Kysely<Tables>,
  parts: readonly DueWork[],
  name: TestClockName,
): Promise<void> {
  const { advanceTargetAt } = await readClock(db, name);
  if (advanceTargetAt === undefined) return;
  await walk(db, parts, {
    name,
    target: instant(advanceTargetAt),
    moveTo: (step) =>
      sql`update clocks
      set frozen_at = greatest(frozen_at, ${instantText(step)}::timestamptz)
      where name = ${name}`.execute(db),
  });
}

/**
 * Sets the sandbox's time to `target` and answers when everything that falls due up to then has
 * happened, in order of its due time. The advance is a durable row: after a kill another process
 * (or the same instant sent again) finishes it. A second advance meanwhile is a conflict.
 */
export async function advanceClock<Tables>(
  db: Kysely<Tables>,
  parts: readonly DueWork[],
  target: Instant,
): Promise<void> {
  const leader = randomUUID();
  await beginAdvance(db, target, leader);
  const renewal = setInterval(() => {
    renewLease(db, leader).catch(() => clearInterval(renewal));
  }, RENEW_MS);
  try {
    await walk(db, parts, {
      name: NAME,
      target,
      moveTo: (step) =>
        sql`update clocks set frozen_at = ${instantText(step)}::timestamptz
        where name = ${NAME} and advance_leader = ${leader}::uuid`.execute(db),
    });
    await sql`update clocks set advance_target_at = null, advance_leader = null,
      advance_lease_until = null where name = ${NAME} and advance_leader = ${leader}::uuid`.execute(
      db,
    );
  } catch (error) {
    await sql`update clocks set advance_lease_until = null
      where name = ${NAME} and advance_leader = ${leader}::uuid`.execute(db);
    throw error;
  } finally {
    clearInterval(renewal);
  }
}

/** Finishes an advance whose process is gone, if there is one. */
async function resumeAdvance<Tables>(db: Kysely<Tables>, parts: readonly DueWork[]): Promise<void> {
  const { rows } = await sql<{ target: string }>`select advance_target_at as target
    from clocks where name = ${NAME} and advance_target_at is not null and not ${isLed}`.execute(
    db,
  );
  const target = rows[0]?.target;
  if (target !== undefined) await advanceClock(db, parts, instant(target));
}

const WATCH_MS = 2000;

/**
 * Watches for an advance that its process left behind, now and from time to time, and finishes it.
 * `stop` ends the watching.
 */
export function watchAdvance<Tables>(
  db: Kysely<Tables>,
  parts: readonly DueWork[],
  onError: (error: unknown) => void,
): { stop(): void } {
  let resuming = false;
  const look = () => {
    if (resuming) return;
    resuming = true;
    resumeAdvance(db, parts)
      .catch(onError)
      .finally(() => {
        resuming = false;
      });
  };
  const timer = setInterval(look, WATCH_MS);
  timer.unref();
  look();
  return { stop: () => clearInterval(timer) };
}

/** Lets the sandbox's time run on from where it stands. */
export async function releaseClock<Tables>(db: Kysely<Tables>): Promise<void> {
  await inTransaction(db, async (tx) => {
    await sql`select 1 from clocks where name = ${NAME} for update`.execute(tx);
    const realNow = Temporal.Now.instant();
    const state = await readClock(tx, NAME, realNow);
    if (state.advanceTargetAt !== undefined) {
      throw conflict(`The clock is on its way to ${state.advanceTargetAt}`);
    }
    await sql`update clocks set offset_ms = ${offsetMs(state.now, realNow)}::bigint, frozen_at = null
      where name = ${NAME}`.execute(tx);
  });
}
