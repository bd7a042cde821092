import type Stripe from "stripe";
import { instantText, Temporal } from "../domain/time.ts";

/** A rendered object as it goes over the wire; `object` names its kind. */
export interface WireObject {
  readonly object: string;
}

/** A type of the `stripe` package as it looks in JSON: decimals are texts there. */
export type Wire<T> = T extends Stripe.Decimal
  ? string
  : T extends readonly (infer Item)[]
    ? Wire<Item>[]
    : T extends object
      ? { [Key in keyof T]: Wire<T[Key]> }
      : T;

/**
 * Unix seconds of an instant in the database's canonical text ("2024-01-01T00:00:00.5Z"); fractions of
 * a second are cut off. A page of 100 invoices with their lines has thousands of these, and the
 * engine's own parser reads that form many times faster than Temporal does.
 */
export function toUnix(at: string): number {
  const milliseconds = Date.parse(at);
  if (!Number.isFinite(milliseconds)) throw new RangeError(`Not an instant: ${at}`);
  return Math.floor(milliseconds / 1000);
}

/** Null stays null. */
export const toUnixOrNull = (at: string | null): number | null => (at === null ? null : toUnix(at));

/** The ISO instant of Unix seconds. */
export const fromUnix = (seconds: number): string =>
  instantText(Temporal.Instant.fromEpochMilliseconds(seconds * 1000));

/** Minor units as a JSON number; amounts have at most 12 digits, far inside what a double holds. */
export function toWireAmount(amountMinor: bigint): number {
  const value = Number(amountMinor);
  if (!Number.isSafeInteger(value)) throw new Error(`Amount out of range: ${amountMinor}`);
  return value;
}
