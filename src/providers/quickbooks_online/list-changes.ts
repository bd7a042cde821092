import { type Instant, instant, isAfter, later, Temporal } from "../../domain/time.ts";
import type { EventPage, ListedEvent } from "../account.ts";
import type { ProviderConnection } from "../provider-connection.ts";
import { callCompany, type QuickBooksParts } from "./client.ts";
import { toReadFailure } from "./faults.ts";
import { PAGE, queryCompany, quoted } from "./query.ts";
import { subjectOf } from "./webhooks.ts";

/** Intuit docs, "Change data capture": 30 days back, and so many objects in one answer. */
const DAYS_BACK = Temporal.Duration.from({ hours: 24 * 29 });
const MOST = 1000;
/** What of a company can be about us. */
const ENTITIES = ["Invoice", "CreditMemo", "Payment"] as const;
/** A company that was not read yet: what came before it was connected is not about us. */
const FIRST_LOOK = Temporal.Duration.from({ hours: 2 });

type Fields = Readonly<Record<string, unknown>>;
const fieldsOf = (value: unknown): Fields => (value ?? {}) as Fields;
const listOf = (value: unknown): readonly Fields[] => (Array.isArray(value) ? value : []);

const instantOf = (value: unknown): Instant | undefined => {
  try {
    return typeof value === "string" ? instant(value) : undefined;
  } catch {
    return undefined;
  }
};

/** The event that something was changed then; undefined: it cannot be told apart from others. */
function toListed(entity: string, changed: Fields): ListedEvent | undefined {
  const createdAt = instantOf(fieldsOf(changed.MetaData).LastUpdatedTime);
  const id = String(changed.Id ?? "");
  if (createdAt === undefined || id === "") return undefined;
  const isDeleted = changed.status === "Deleted";
  const name = entity.toLowerCase();
  const kind = isDeleted ? "deleted" : "changed";
  return {
    eventId: `cdc:${name}:${id}:${kind}:${createdAt.toString()}`,
    type: `${name}.${kind}`,
    externalId: undefined,
    invoiceId: undefined,
    ...subjectOf({ entity: name, id }),
    createdAt,
    payload: JSON.stringify({ entity, Id: id, kind, LastUpdatedTime: createdAt.toString() }),
  };
}

/** What one answer of the change feed tells. Pure. */
export function readChangeFeed(body: Fields): readonly ListedEvent[] {
  const responses = listOf(body.CDCResponse).flatMap(({ QueryResponse: all }) => listOf(all));
  return responses
    .flatMap((response) =>
      ENTITIES.flatMap((entity) =>
        listOf(response[entity]).map((changed) => toListed(entity, changed)),
      ),
    )
    .filter((event) => event !== undefined);
}

async function ask(
  parts: QuickBooksParts,
  connection: ProviderConnection,
  entities: readonly string[],
  since: Instant,
): Promise<EventPage> {
  const answer = await callCompany(parts, connection, {
    method: "GET",
    path: "/cdc",
    query: { entities: entities.join(","), changedSince: since.toString() },
  });
  if (answer.outcome === "failed") throw toReadFailure(answer.fault);
  // The time of the answer is the company's: nothing that changed before it is missing.
  return { events: readChangeFeed(answer.body), readUntil: instantOf(answer.body.time) };
}

/**
 * What changed of one kind, past what an answer of the change feed holds: it has no further page, and queries
 * have. They do not tell of deletions. By id, so that what changes meanwhile moves no other thing out of sight.
 */
async function* queryChanges(
  parts: QuickBooksParts,
  connection: ProviderConnection,
  entity: string,
  since: Instant,
): AsyncGenerator<readonly ListedEvent[]> {
  for (let start = 1; ; start += PAGE) {
    const rest = `where MetaData.LastUpdatedTime >= ${quoted(since.toString())} orderby Id startposition ${start} maxresults ${PAGE}`;
    const rows = await queryCompany(parts, connection, entity, rest);
    yield rows.flatMap((row) => toListed(entity, row) ?? []);
    if (rows.length < PAGE) return;
  }
}

/** The same of every kind: what is read counts once all of it was. */
async function* queryAll(
  parts: QuickBooksParts,
  connection: ProviderConnection,
  since: Instant,
): AsyncGenerator<EventPage> {
  for (const entity of ENTITIES) {
    for await (const events of queryChanges(parts, connection, entity, since)) {
      yield { events, readUntil: since };
    }
  }
}

/**
 * What changed in the company since then. The change feed goes back 30 days: what is older, because nobody could look
 * for so long, is read by queries, which know no deletions. Where one answer is full each kind is asked for by
 * itself; one that is full even so is read by queries as well. Throws ProviderReadError.
 */
export async function* listChanges(
  parts: QuickBooksParts,
  connection: ProviderConnection,
  { since }: { readonly since: Instant | undefined },
): AsyncGenerator<EventPage> {
  const now = Temporal.Now.instant();
  const oldest = now.subtract(DAYS_BACK);
  const wanted = since ?? now.subtract(FIRST_LOOK);
  if (isAfter(oldest, wanted)) yield* queryAll(parts, connection, wanted);
  const from = later(oldest, wanted);
  const all = await ask(parts, connection, ENTITIES, from);
  if (all.events.length < MOST) {
    yield all;
    return;
  }
  for (const entity of ENTITIES) {
    const page = await ask(parts, connection, [entity], from);
    if (page.events.length < MOST) {
      yield page;
      continue;
    }
    // Until all of it is read, what was read counts up to where it began.
    yield { ...page, readUntil: from };
    for await (const events of queryChanges(parts, connection, entity, from)) {
      yield { events, readUntil: from };
    }
    yield { events: [], readUntil: page.readUntil };
  }
}
