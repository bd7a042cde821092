import { instant, Temporal } from "../../domain/time.ts";
import { mergeMetadata } from "../domain/metadata.ts";
import { findTestCardByNumber, findTestCardByToken, type TestCard } from "../domain/test-cards.ts";
import { declined, refused } from "../errors.ts";
import type { Scope } from "../scope.ts";
import type { PaymentMethodRow } from "../store/payment-methods.ts";
import { type DetailsTerms, mergeDetails } from "./change-payment-method.ts";
import { createFromTestCard } from "./obtain-payment-method.ts";

export interface NewPaymentMethod {
  readonly number: string | undefined;
  readonly token: string | undefined;
  readonly expMonth: number | undefined;
  readonly expYear: number | undefined;
  readonly billingDetails: DetailsTerms;
  readonly metadata: Readonly<Record<string, string>> | null | undefined;
  readonly allowRedisplay: "always" | "limited" | "unspecified" | undefined;
}

/** The test card that a request describes. Real card numbers are refused, and appear in no message. */
function findCard({ number, token }: NewPaymentMethod): TestCard {
  if (number !== undefined && token !== undefined) {
    throw refused("parameters_exclusive", "Give either card[number] or card[token]", "card[token]");
  }
  if (token !== undefined) {
    const card = findTestCardByToken(token);
    if (card === undefined) throw refused("resource_missing", "No such token", "card[token]");
    return card;
  }
  if (number === undefined) {
    throw refused("parameter_missing", "Missing required param: card[number].", "card[number]");
  }
  const card = findTestCardByNumber(number);
  if (card !== undefined) return card;
  if (!/^[\d -]{12,32}$/.test(number)) {
    throw declined("invalid_number", "The card number is not a valid credit card number.", {
      param: "number",
    });
  }
  throw declined("card_declined", "Your card was declined. Only test cards can be used here.", {
    declineCode: "test_mode_live_card",
  });
}

/** Throws 402 for an expiry date that has passed; a card is good to the end of its month. */
function assertNotExpired(scope: Scope, month: number, year: number): void {
  const end = Temporal.PlainYearMonth.from({ year, month }).add({ months: 1 });
  const today = instant(scope.nowAt).toZonedDateTimeISO("UTC").toPlainDate();
  if (Temporal.PlainDate.compare(end.toPlainDate({ day: 1 }), today) <= 0) {
    throw declined("invalid_expiry_year", "Your card's expiration year is invalid.", {
      param: "exp_year",
    });
  }
}

/** Makes a payment method of nobody out of a test card's number or token. */
export async function createPaymentMethod(
  scope: Scope,
  terms: NewPaymentMethod,
): Promise<PaymentMethodRow> {
  const card = findCard(terms);
  const { expMonth, expYear } = terms;
  if (terms.number !== undefined && (expMonth === undefined || expYear === undefined)) {
    const missing = expMonth === undefined ? "card[exp_month]" : "card[exp_year]";
    throw refused("parameter_missing", `Missing required param: ${missing}.`, missing);
  }
  if (expMonth !== undefined && expYear !== undefined) assertNotExpired(scope, expMonth, expYear);
  return createFromTestCard(scope, {
    card,
    ...(expMonth === undefined ? {} : { expMonth }),
    ...(expYear === undefined ? {} : { expYear }),
    billingDetails: mergeDetails(undefined, terms.billingDetails),
    metadata: mergeMetadata({}, terms.metadata),
    ...(terms.allowRedisplay === undefined ? {} : { allowRedisplay: terms.allowRedisplay }),
  });
}
