import { type Kysely, type RawBuilder, sql } from "kysely";

/** Slots of a rate that several processes share. Times are real, and told as milliseconds from now on. */
export interface SharedSlots {
  /**
   * Takes the next `count` slots of the key and answers when the first begins. They are the caller's from
   * then on: slots that nobody uses pass by, and hold up nobody.
   */
  reserve(key: string, perSecond: number, count: number): Promise<number>;
  /** No slot of the key begins for so long; a shorter pause never ends a longer one. */
  pause(key: string, ms: number): Promise<void>;
  /** For how long the key is paused still; 0: it is not. */
  pausedFor(key: string): Promise<number>;
}

const inMs = (ms: number) => sql`make_interval(secs => ${ms / 1000}::float8)`;

/** By the database's clock, so that those of the processes need not agree; null counts as now. */
const msUntil = (instant: RawBuilder<unknown>) =>
  sql<number>`greatest(0, extract(epoch from ${instant} - clock_timestamp())::float8 * 1000)`;

/**
 * Slots in the database of these processes. Reserving is one statement on the key's row, which holds it
 * for as long as the statement takes and commits by itself: nobody waits for a process that has died.
 */
export const sharedSlots = <Tables>(db: Kysely<Tables>): SharedSlots => ({
  async reserve(key, perSecond, count) {
    const width = inMs((count * 1000) / perSecond);
    const { rows } = await sql<{ wait_ms: number }>`
      insert into call_rates as rate (key, free_at) values (${key}, clock_timestamp() + ${width})
      on conflict (key) do update set free_at = greatest(rate.free_at, clock_timestamp()) + ${width}
      returning ${msUntil(sql`(rate.free_at - ${width})`)} as wait_ms`.execute(db);
    return rows[0]?.wait_ms ?? 0;
  },
  async pause(key, ms) {
    const until = sql`clock_timestamp() + ${inMs(ms)}`;
    await sql`
      insert into call_rates as rate (key, free_at, paused_until) values (${key}, ${until}, ${until})
      on conflict (key) do update set
        free_at = greatest(rate.free_at, excluded.free_at),
        paused_until = greatest(rate.paused_until, excluded.paused_until)`.execute(db);
  },
  async pausedFor(key) {
    const { rows } = await sql<{ wait_ms: number }>`
      select ${msUntil(sql`paused_until`)} as wait_ms from call_rates where key = ${key}`.execute(
      db,
    );
    return rows[0]?.wait_ms ?? 0;
  },
});
