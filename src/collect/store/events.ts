import { type Selectable, sql } from "kysely";
import { CURRENT_VERSION } from "../api-version.ts";
import type { EventData, EventsTable } from "../db/foundation-tables.ts";
import { missing } from "../errors.ts";
import type { Scope } from "../scope.ts";
import { listPage, type Page, type PageQuery } from "./page.ts";

export type EventRow = Selectable<EventsTable>;

export interface EventInsert {
  readonly id: string;
  readonly type: string;
  /** ISO instant on the clock of the work that it tells of. */
  readonly createdAt: string;
  readonly objectId: string;
  readonly data: EventData;
}

/** Adds events in one statement. */
export async function insertEvents(scope: Scope, events: readonly EventInsert[]): Promise<void> {
  if (events.length === 0) return;
  const of = (value: (event: EventInsert) => string): string[] => events.map(value);
  await sql`insert into collect.events (id, account_id, livemode, created_at, type, api_version,
      data, request_id, idempotency_key, object_id)
    select id, ${scope.accountId}, ${scope.livemode}, created_at, type, ${CURRENT_VERSION},
      data::json, ${scope.request?.id ?? null}, ${scope.request?.idempotencyKey ?? null}, object_id
    from unnest(${of(({ id }) => id)}::text[], ${of(({ createdAt }) => createdAt)}::timestamptz[],
      ${of(({ type }) => type)}::text[], ${of(({ data }) => JSON.stringify(data))}::text[],
      ${of(({ objectId }) => objectId)}::text[]) as event (id, created_at, type, data, object_id)`.execute(
    scope.tx,
  );
}

/** Throws 404 when there is no such event in this account and mode. */
export async function getEvent(scope: Scope, id: string): Promise<EventRow> {
  const row = await scope.tx
    .selectFrom("events")
    .selectAll()
    .where("account_id", "=", scope.accountId)
    .where("livemode", "=", scope.livemode)
    .where("id", "=", id)
    .executeTakeFirst();
  if (row === undefined) throw missing("event", id);
  return row;
}

/** Those that exist, by id. */
export async function mapEvents(
  scope: Scope,
  ids: readonly string[],
): Promise<ReadonlyMap<string, EventRow>> {
  const rows = await scope.tx
    .selectFrom("events")
    .selectAll()
    .where("account_id", "=", scope.accountId)
    .where("livemode", "=", scope.livemode)
    .where("id", "=", sql<string>`any(${ids})`)
    .execute();
  return new Map(rows.map((row) => [row.id, row]));
}

export interface EventFilter {
  /** Empty = every type. A `*` at the end matches any rest: "invoice.*". */
  readonly types: readonly string[];
  /** true: delivered everywhere; false: something is undelivered; undefined: either. */
  readonly delivered: boolean | undefined;
}

/** Newest first. */
export async function listEvents(
  scope: Scope,
  page: PageQuery,
  filter: EventFilter,
): Promise<Page<EventRow>> {
  let query = scope.tx.selectFrom("events").selectAll();
  if (filter.types.length > 0) {
    const patterns = filter.types.map((type) =>
      type.replace(/[\\%_]/g, "\\$&").replace(/\*$/, "%"),
    );
    query = query.where((where) =>
      where.or(patterns.map((pattern) => where("type", "like", pattern))),
    );
  }
  if (filter.delivered !== undefined) {
    const wanted = filter.delivered;
    query = query.where(({ exists, not, selectFrom }) => {
      const undelivered = exists(
        selectFrom("webhook_deliveries")
          .select("webhook_deliveries.id")
          .whereRef("webhook_deliveries.event_id", "=", "events.id")
          .where("webhook_deliveries.state", "<>", "delivered"),
      );
      return wanted ? not(undelivered) : undelivered;
    });
  }
  return listPage(scope, "events", "event", query, page);
}
