import { type Decimal, dec, ONE, ZERO } from "../../domain/decimal.ts";
import { refused } from "../errors.ts";
import { assertLineAmount } from "./invoice-limits.ts";
import { lineAmount } from "./line-amount.ts";

/** How an item's amount is said: as a whole, or as unit price and quantity. Decimals as text. */
export interface ItemTerms {
  readonly amount?: bigint | undefined;
  /** Minor units, fractions allowed; from the request or from a price. */
  readonly unitAmount?: string | undefined;
  readonly quantity?: string | undefined;
}

export interface PricedItem {
  readonly amountMinor: bigint;
  /** null when the amount was given as a whole. */
  readonly unitAmount: Decimal | null;
  readonly quantity: Decimal;
}

const UNIT_AMOUNT_LIMIT = dec("1e12");

/**
 * Computes an item's amount in minor units. An amount given as a whole stands as it is, with quantity
 * 1; otherwise it is unit price times quantity, rounded once. Throws 400 when neither or both are
 * given, or when the amount is too large. `paramOf` names a member as the caller wrote it.
 */
export function priceItem(
  terms: ItemTerms,
  currency: string,
  paramOf: (name: string) => string,
): PricedItem {
  const quantity = dec(terms.quantity ?? "1");
  if (quantity.lt(ZERO)) {
    throw refused(
      "parameter_invalid_integer",
      "A quantity cannot be negative; give a negative amount for a credit.",
      paramOf("quantity"),
    );
  }
  if (terms.amount !== undefined) {
    if (terms.unitAmount !== undefined || !quantity.eq(ONE)) {
      throw refused(
        "parameters_exclusive",
        "An amount is the whole of the line: it cannot be combined with a price, a unit amount or a quantity.",
        paramOf("amount"),
      );
    }
    assertLineAmount(terms.amount, currency, paramOf("amount"));
    return { amountMinor: terms.amount, unitAmount: null, quantity: ONE };
  }
  if (terms.unitAmount === undefined) {
    throw refused(
      "parameter_missing",
      "You must pass one of amount, pricing, price_data or unit_amount_decimal.",
      paramOf("amount"),
    );
  }
  const unitAmount = dec(terms.unitAmount);
  if (unitAmount.abs().gte(UNIT_AMOUNT_LIMIT)) {
    throw refused(
      "amount_too_large",
      "A unit amount can have at most 12 digits before the point.",
      paramOf("unit_amount_decimal"),
    );
  }
  const amountMinor = lineAmount(unitAmount, quantity);
  assertLineAmount(amountMinor, currency, paramOf("quantity"));
  return { amountMinor, unitAmount, quantity };
}

/** What an item's update leaves unsaid stays as it was. */
export function mergeTerms(current: PricedItem, update: ItemTerms): ItemTerms {
  if (update.amount !== undefined) return update;
  if (update.unitAmount === undefined && current.unitAmount === null) {
    return { amount: current.amountMinor, quantity: update.quantity };
  }
  return {
    unitAmount: update.unitAmount ?? current.unitAmount?.toFixed(),
    quantity: update.quantity ?? current.quantity.toFixed(),
  };
}
