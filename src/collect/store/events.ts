import type { Selectable } from "kysely";
import { CURRENT_VERSION } from "../api-version.ts";
import type { EventData, EventsTable } from "../db/foundation-tables.ts";
import { missing } from "../errors.ts";
import type { Scope } from "../scope.ts";
import { listPage, type Page, type PageQuery } from "./page.ts";

export type EventRow = Selectable<EventsTable>;

export interface EventInsert {
  readonly id: string;
  readonly type: string;
  readonly objectId: string;
  readonly data: EventData;
}

/** Adds an event as of the scope's moment. */
export async function insertEvent(scope: Scope, event: EventInsert): Promise<void> {
  await scope.tx
    .insertInto("events")
    .values({
      id: event.id,
      account_id: scope.accountId,
      livemode: scope.livemode,
      created_at: scope.nowAt,
      type: event.type,
      api_version: CURRENT_VERSION,
      data: JSON.stringify(event.data),
      request_id: scope.request?.id ?? null,
      idempotency_key: scope.request?.idempotencyKey ?? null,
      object_id: event.objectId,
    })
    .execute();
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
