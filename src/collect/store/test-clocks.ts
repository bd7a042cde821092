import { type Kysely, type Selectable, sql } from "kysely";
import type { TestClockName } from "../../platform/jobs/job-table.ts";
import type { CollectDatabase } from "../db/tables.ts";
import type { TestClocksTable } from "../db/test-clock-tables.ts";
import { missing } from "../errors.ts";
import type { Scope } from "../scope.ts";
import { type NewObject, ownership } from "./ownership.ts";
import { listPage, type Page, type PageQuery } from "./page.ts";

type Facts = Selectable<TestClocksTable>;

/** A test clock with the time that it shows. */
export interface TestClockRow extends Facts {
  readonly id: TestClockName;
  /** ISO instant at which it stands. */
  readonly frozen_at: string;
  /** Where it is on its way to; null: nowhere. */
  readonly advance_target_at: string | null;
}

interface Hands {
  readonly name: string;
  readonly frozen_at: string;
  readonly advance_target_at: string | null;
}

/** Clocks with their times, in the order given. */
async function withTimes(scope: Scope, rows: readonly Facts[]): Promise<TestClockRow[]> {
  if (rows.length === 0) return [];
  const ids = rows.map(({ id }) => id);
  const { rows: hands } = await sql<Hands>`select name, frozen_at, advance_target_at
    from public.clocks where name = any(${ids}::text[])`.execute(scope.tx);
  const byName = new Map(hands.map((hand) => [hand.name, hand]));
  return rows.flatMap((row) => {
    const hand = byName.get(row.id);
    if (hand === undefined) return [];
    const { frozen_at, advance_target_at } = hand;
    return [{ ...row, id: row.id as TestClockName, frozen_at, advance_target_at }];
  });
}

const ofScope = (scope: Scope) =>
  scope.tx
    .selectFrom("test_clocks")
    .selectAll()
    .where("account_id", "=", scope.accountId)
    .where("livemode", "=", scope.livemode);

/** Throws 404. */
export async function getTestClock(scope: Scope, id: string): Promise<TestClockRow> {
  const row = await ofScope(scope).where("id", "=", id).executeTakeFirst();
  const [clock] = row === undefined ? [] : await withTimes(scope, [row]);
  if (clock === undefined) throw missing("test_clock", id);
  return clock;
}

/** Locks a clock, so that what it is told comes one after the other. Throws 404. */
export async function lockTestClock(scope: Scope, id: string): Promise<TestClockRow> {
  await ofScope(scope).where("id", "=", id).forUpdate().execute();
  return getTestClock(scope, id);
}

/** Those that exist, in no particular order. */
export async function listTestClocksByIds(
  scope: Scope,
  ids: readonly string[],
): Promise<TestClockRow[]> {
  if (ids.length === 0) return [];
  return withTimes(scope, await ofScope(scope).where("id", "in", ids).execute());
}

/** Newest first. */
export async function listTestClocks(scope: Scope, page: PageQuery): Promise<Page<TestClockRow>> {
  const query = scope.tx.selectFrom("test_clocks").selectAll();
  const { rows, hasMore } = await listPage(scope, "test_clocks", "test_clock", query, page);
  return { rows: await withTimes(scope, rows), hasMore };
}

/** Adds a clock that stands at an instant. */
export async function insertTestClock(
  scope: Scope,
  clock: NewObject<TestClocksTable>,
  frozenAt: string,
): Promise<TestClockRow> {
  await sql`insert into public.clocks (name, frozen_at, pinned)
    values (${clock.id}, ${frozenAt}::timestamptz, true)`.execute(scope.tx);
  await scope.tx
    .insertInto("test_clocks")
    .values({ ...clock, ...ownership(scope) })
    .execute();
  return getTestClock(scope, clock.id);
}

/** Sends a locked clock on its way; null: it has arrived. */
export async function setTarget(
  scope: Scope,
  id: TestClockName,
  targetAt: string | null,
  hasFailed = false,
): Promise<TestClockRow> {
  await sql`update public.clocks set advance_target_at = ${targetAt}::timestamptz
    where name = ${id}`.execute(scope.tx);
  await scope.tx
    .updateTable("test_clocks")
    .set({ has_failed: hasFailed })
    .where("id", "=", id)
    .execute();
  return getTestClock(scope, id);
}

/** Takes a locked clock away with all that was to happen on it. */
export async function deleteClockAndJobs(scope: Scope, id: TestClockName): Promise<void> {
  await sql`delete from collect.jobs where clock = ${id}`.execute(scope.tx);
  await scope.tx.deleteFrom("test_clocks").where("id", "=", id).execute();
  await sql`delete from public.clocks where name = ${id}`.execute(scope.tx);
}

/** Customers on a clock that are not deleted. */
export async function listCustomersOnClock(scope: Scope, id: TestClockName): Promise<string[]> {
  const rows = await scope.tx
    .selectFrom("customers")
    .select("id")
    .where("test_clock", "=", id)
    .where("deleted", "=", false)
    .orderBy("id")
    .execute();
  return rows.map((row) => row.id);
}

/**
 * The test clock that objects are on, by any of their ids: a clock itself, a customer, or what belongs
 * to one. undefined: they are on the environment's own.
 */
export async function findClockOf(
  db: Kysely<CollectDatabase>,
  accountId: string,
  ids: readonly string[],
): Promise<{ readonly name: TestClockName; readonly isMoving: boolean } | undefined> {
  if (ids.length === 0) return undefined;
  const wanted = sql`any(${[...ids]}::text[])`;
  const { rows } = await sql<{ name: TestClockName; is_moving: boolean }>`
    select clock.name, clock.advance_target_at is not null as is_moving
    from collect.test_clocks test join public.clocks clock on clock.name = test.id
    where test.account_id = ${accountId} and (test.id = ${wanted} or test.id in (
      select test_clock from collect.customers where test_clock is not null and id in (
        select id from collect.customers where id = ${wanted}
        union all select customer from collect.subscriptions where id = ${wanted}
        union all select subscription.customer from collect.subscription_items item
          join collect.subscriptions subscription on subscription.id = item.subscription
          where item.id = ${wanted}
        union all select customer from collect.invoices where id = ${wanted}
        union all select customer from collect.invoice_items where id = ${wanted}
        union all select customer from collect.payment_intents where id = ${wanted}
        union all select customer from collect.payment_methods where id = ${wanted}
        union all select customer from collect.charges where id = ${wanted}
        union all select customer from collect.refunds where id = ${wanted}
        union all select customer from collect.credit_notes where id = ${wanted})))
    limit 1`.execute(db);
  return rows[0] && { name: rows[0].name, isMoving: rows[0].is_moving };
}
