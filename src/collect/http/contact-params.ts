import { hash, optional, text, unsettable } from "./params.ts";

/** Postal addresses as customers and payment methods take them. */
export const addressParams = () =>
  hash({
    city: optional(unsettable(text())),
    country: optional(unsettable(text())),
    line1: optional(unsettable(text())),
    line2: optional(unsettable(text())),
    postal_code: optional(unsettable(text())),
    state: optional(unsettable(text())),
  });

export interface AddressParams {
  readonly city?: string | null | undefined;
  readonly country?: string | null | undefined;
  readonly line1?: string | null | undefined;
  readonly line2?: string | null | undefined;
  readonly postal_code?: string | null | undefined;
  readonly state?: string | null | undefined;
}

/** A whole address: what was not given is null. */
export const toAddress = (given: AddressParams) => ({
  city: given.city ?? null,
  country: given.country ?? null,
  line1: given.line1 ?? null,
  line2: given.line2 ?? null,
  postal_code: given.postal_code ?? null,
  state: given.state ?? null,
});

/** Undefined stays undefined and null stays null; anything else is mapped. */
export function mapGiven<T, U>(
  value: T | null | undefined,
  map: (value: T) => U,
): U | null | undefined {
  if (value === undefined) return undefined;
  return value === null ? null : map(value);
}
