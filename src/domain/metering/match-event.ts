import { type Decimal, dec, isDecimal, toText } from "../decimal.ts";
import type { EventTypeFilter, MeteredEvent, Metric, PropertyFilter } from "./metric.ts";

/** Whether the event passes the metric's event type filter and every property filter. */
export const matchEvent = (metric: Metric, event: MeteredEvent): boolean =>
  matchesType(metric.eventTypeFilter, event.eventType) &&
  metric.propertyFilters.every((filter) => matchesProperty(filter, event));

function matchesType(filter: EventTypeFilter | null, eventType: string): boolean {
  if (filter === null) return true;
  if (filter.inValues !== undefined && !filter.inValues.includes(eventType)) return false;
  return !filter.notInValues?.includes(eventType);
}

/** An absent property fails `exists: true` and `inValues`, and passes everything else. */
function matchesProperty(filter: PropertyFilter, event: MeteredEvent): boolean {
  const text = propertyText(event, filter.name);
  if (filter.exists !== undefined && filter.exists !== (text !== undefined)) return false;
  if (text === undefined) return filter.inValues === undefined;
  if (filter.inValues !== undefined && !filter.inValues.includes(text)) return false;
  return !filter.notInValues?.includes(text);
}

/**
 * The text that filters, group keys and distinct counts compare: strings as they are, "true" or
 * "false", numbers in plain notation without trailing zeros (1.50 is "1.5", 1e3 is "1000").
 * undefined when the property is missing, null or nested: such a property counts as absent.
 */
export function propertyText(event: MeteredEvent, name: string): string | undefined {
  const value = ownProperty(event, name);
  if (typeof value === "string") return value;
  if (typeof value === "boolean") return String(value);
  // Most numbers are whole and small, and their text needs no decimal arithmetic.
  if (Number.isSafeInteger(value)) return String(value);
  const number = numberOf(value);
  return number === undefined ? undefined : toText(number);
}

/** A decimal written in plain or exponent notation, without spaces, signs allowed. */
const NUMBER_TEXT = /^[+-]?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d{1,3})?$/;
/** Wider than any real usage, narrow enough that sums stay cheap. */
const MAX_TEXT_LENGTH = 100;
const MAX_INTEGER_DIGITS = 40;
const MAX_DECIMALS = 40;

/**
 * The number a SUM, MAX or LATEST metric reads from an event. Strings keep every digit. undefined
 * when there is none to count: absent, boolean, not a number, or beyond 40 digits either side of
 * the point.
 */
export function propertyNumber(event: MeteredEvent, name: string): Decimal | undefined {
  const value = ownProperty(event, name);
  if (typeof value !== "string") return numberOf(value);
  if (value.length > MAX_TEXT_LENGTH || !NUMBER_TEXT.test(value)) return undefined;
  return withinRange(dec(value.startsWith("+") ? value.slice(1) : value));
}

function numberOf(value: unknown): Decimal | undefined {
  if (typeof value === "number") {
    return Number.isFinite(value) ? withinRange(dec(String(value))) : undefined;
  }
  return isDecimal(value) ? withinRange(value) : undefined;
}

/** `e` is the decimal exponent of the first digit, `c` holds the digits. */
function withinRange(value: Decimal): Decimal | undefined {
  const decimals = value.c.length - 1 - value.e;
  return value.e < MAX_INTEGER_DIGITS && decimals <= MAX_DECIMALS ? value : undefined;
}

/** Names come from outside: "constructor" must not find Object's. */
const ownProperty = (event: MeteredEvent, name: string): unknown =>
  Object.hasOwn(event.properties, name) ? event.properties[name] : undefined;
