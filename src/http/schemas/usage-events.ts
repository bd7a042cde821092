import { toCustomerReference } from "../../domain/metering/customer-reference.ts";
import { readEventTime } from "../../domain/metering/event-time.ts";
import type { UsageEvent } from "../../domain/metering/usage-event.ts";
import { invalid } from "../../errors.ts";

const MAX_EVENTS = 100;
const MAX_TRANSACTION_ID = 128;
const MAX_NAME = 256;
const MAX_PROPERTIES = 65_536;

const FIELDS = new Set(["transaction_id", "customer_id", "event_type", "timestamp", "properties"]);

export interface ReadEvents {
  readonly events: UsageEvent[];
  /** Unknown fields that the caller asked to ignore: "[3].colour". */
  readonly ignored: string[];
}

/**
 * Reads the body of an ingest request, an array of 1 to 100 events. Written out by hand because a
 * schema validator takes as long as all the rest of the request. Throws invalid, naming the place
 * (`[3].timestamp`), when one event is wrong: then none is taken.
 */
export function readUsageEvents(body: unknown, ignoreUnknown: boolean): ReadEvents {
  if (!Array.isArray(body)) throw invalid("the body must be an array of 1 to 100 events");
  if (body.length < 1 || body.length > MAX_EVENTS) {
    throw invalid(`the body must hold 1 to ${MAX_EVENTS} events, not ${body.length}`);
  }
  const ignored: string[] = [];
  const events = body.map((value: unknown, index) => {
    const event = readObject(value, `[${index}]`);
    for (const name of Object.keys(event)) {
      if (FIELDS.has(name)) continue;
      const field = `[${index}].${name}`;
      if (!ignoreUnknown) throw invalid(`unknown field ${field}`, field);
      ignored.push(field);
    }
    return readEvent(event, index);
  });
  return { events, ignored };
}

function readEvent(event: Readonly<Record<string, unknown>>, index: number): UsageEvent {
  const transactionId = readText(event, "transaction_id", index, MAX_TRANSACTION_ID);
  const customerRef = toCustomerReference(readText(event, "customer_id", index, MAX_NAME));
  const eventType = readText(event, "event_type", index, MAX_NAME);
  const at = typeof event.timestamp === "string" ? readEventTime(event.timestamp) : undefined;
  if (at === undefined) {
    const field = `[${index}].timestamp`;
    const problem = event.timestamp === undefined ? "is required" : "must be an RFC 3339 instant";
    throw invalid(`${field} ${problem}, such as 2024-01-31T00:00:00Z`, field);
  }
  const properties = readProperties(event.properties, index);
  const propertiesText = toPropertiesText(properties, index);
  return { transactionId, customerRef, eventType, at, properties, propertiesText };
}

function readObject(value: unknown, field: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalid(`${field} must be an object`, field);
  }
  return value as Readonly<Record<string, unknown>>;
}

function readText(
  event: Readonly<Record<string, unknown>>,
  name: string,
  index: number,
  maxLength: number,
): string {
  const value = event[name];
  if (
    typeof value === "string" &&
    value !== "" &&
    value.length <= maxLength &&
    !value.includes("\0")
  ) {
    return value;
  }
  const field = `[${index}].${name}`;
  if (value === undefined) throw invalid(`${field} is required`, field);
  throw invalid(`${field} must be text of 1 to ${maxLength} characters without NUL`, field);
}

const NO_PROPERTIES: UsageEvent["properties"] = {};

const readProperties = (value: unknown, index: number): UsageEvent["properties"] =>
  value === undefined || value === null
    ? NO_PROPERTIES
    : readObject(value, `[${index}].properties`);

function toPropertiesText(properties: UsageEvent["properties"], index: number): string {
  const text = JSON.stringify(properties);
  const field = `[${index}].properties`;
  if (text.length > MAX_PROPERTIES) {
    throw invalid(`${field} must be at most ${MAX_PROPERTIES} characters of JSON`, field);
  }
  // Group values are kept as jsonb, which has no NUL.
  if (text.includes("\\u0000")) throw invalid(`${field} must not contain \\u0000`, field);
  return text;
}
