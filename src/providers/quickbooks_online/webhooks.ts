import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { ProviderConnection } from "../provider-connection.ts";
import type { VerifiedEvent } from "../verified-event.ts";
import { toExternalId } from "./sales-document.ts";

type Fields = Readonly<Record<string, unknown>>;

/** One thing that changed in a company, whichever shape told it. */
interface Change {
  readonly eventId: string;
  readonly type: string;
  readonly realmId: string;
  /** In lower case. */
  readonly entity: string;
  readonly id: string;
  readonly told: unknown;
}

/** A type of the newer shape: `qbo.invoice.updated.v1`. */
const TYPE = /^qbo\.([a-z_]{1,40})\.([a-z_]{1,40})\.v\d+$/i;
/** Events of one delivery: Intuit sends a hundred at most. */
const MOST = 1000;
const ID = /^[\w-]{1,64}$/;

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const listOf = (value: unknown): readonly Fields[] =>
  Array.isArray(value) ? value.filter(isFields) : [];

const textOf = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;

const idOf = (value: unknown): string => (typeof value === "string" && ID.test(value) ? value : "");

/** CloudEvents: one object for each event, under an id of its own. */
function fromCloudEvent(event: Fields): Change[] {
  const [, entity, kind] = TYPE.exec(textOf(event.type) ?? "") ?? [];
  const eventId = textOf(event.id);
  const id = idOf(event.intuitentityid);
  if (entity === undefined || kind === undefined || id === "") return [];
  if (eventId === undefined || eventId.length > 200) return [];
  return [
    {
      eventId,
      type: `${entity}.${kind}`.toLowerCase(),
      realmId: textOf(event.intuitaccountid) ?? "",
      entity: entity.toLowerCase(),
      id,
      told: event,
    },
  ];
}

/** The older shape has no ids: an event is what it tells, so that one that is sent again is the same. */
const fromOldShape = (body: Fields): Change[] =>
  listOf(body.eventNotifications).flatMap(({ realmId, dataChangeEvent }) =>
    listOf(isFields(dataChangeEvent) ? dataChangeEvent.entities : undefined).flatMap((entity) => {
      const [name, kind] = [textOf(entity.name), textOf(entity.operation)];
      const id = idOf(entity.id);
      if (name === undefined || kind === undefined || id === "") return [];
      const parts = [realmId, name, id, kind, entity.lastUpdated];
      const digest = createHash("sha256").update(JSON.stringify(parts)).digest("hex");
      return [
        {
          eventId: digest.slice(0, 40),
          type: `${name}.${kind}`.toLowerCase(),
          realmId: textOf(realmId) ?? "",
          entity: name.toLowerCase(),
          id,
          told: { realmId, ...entity },
        },
      ];
    }),
  );

function parse(rawBody: Buffer): unknown {
  try {
    return JSON.parse(rawBody.toString("utf8"));
  } catch {
    return undefined;
  }
}

/** What a delivery tells, in either shape, of whichever companies. Pure. */
export function readChanges(rawBody: Buffer): readonly Change[] {
  const body = parse(rawBody);
  const all = Array.isArray(body)
    ? listOf(body).flatMap(fromCloudEvent)
    : isFields(body)
      ? fromOldShape(body)
      : [];
  return all.slice(0, MOST);
}

/** The document that a change is about, or the thing whose documents have to be found out. */
export function subjectOf({ entity, id }: Pick<Change, "entity" | "id">) {
  if (entity === "invoice") return { externalId: toExternalId({ kind: "Invoice", id }) };
  if (entity === "creditmemo") return { externalId: toExternalId({ kind: "CreditMemo", id }) };
  return entity === "payment" ? { related: `payment-${id}` } : {};
}

/** Whether the header is base64 of HMAC-SHA256 over the raw body, under the app's verifier token. */
export function isSignedBy(token: unknown, rawBody: Buffer, header: unknown): boolean {
  if (typeof token !== "string" || token === "" || typeof header !== "string") return false;
  const expected = createHmac("sha256", token).update(rawBody).digest();
  const given = Buffer.from(header, "base64");
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/**
 * The events of the connection's own company, or undefined when the app's verifier token did not sign
 * them: without a token nothing is believed (Intuit docs, "Webhooks").
 */
export function verifyQuickBooksWebhook(
  { credential, settings }: ProviderConnection,
  rawBody: Buffer,
  header: unknown,
): readonly VerifiedEvent[] | undefined {
  if (!isSignedBy(credential.webhook_verifier_token, rawBody, header)) return undefined;
  const { realm_id: realmId } = settings;
  return readChanges(rawBody)
    .filter((change) => change.realmId !== "" && change.realmId === realmId)
    .map((change) => ({
      eventId: change.eventId,
      type: change.type,
      externalId: undefined,
      invoiceId: undefined,
      payload: JSON.stringify(change.told),
      ...subjectOf(change),
    }));
}
