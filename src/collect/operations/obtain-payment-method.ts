import { instant } from "../../domain/time.ts";
import type { BillingDetails } from "../db/foundation-tables.ts";
import { findTestCard, type TestCard } from "../domain/test-cards.ts";
import { declined, refused } from "../errors.ts";
import { newId } from "../ids.ts";
import type { Scope } from "../scope.ts";
import {
  findPaymentMethod,
  insertPaymentMethod,
  lockPaymentMethod,
  type PaymentMethodRow,
} from "../store/payment-methods.ts";

const NO_DETAILS: BillingDetails = {
  address: null,
  email: null,
  name: null,
  phone: null,
  tax_id: null,
};

export interface CardTerms {
  readonly card: TestCard;
  readonly expMonth?: number;
  readonly expYear?: number;
  readonly billingDetails?: BillingDetails;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly allowRedisplay?: "always" | "limited" | "unspecified";
}

/** Keeps a test card as a new payment method of nobody. Throws 400 in live mode, which has no card processor. */
export async function createFromTestCard(
  scope: Scope,
  terms: CardTerms,
): Promise<PaymentMethodRow> {
  if (scope.livemode) {
    throw refused(
      "invalid_argument",
      "Test cards do not exist in live mode; record payments with paid_out_of_band",
    );
  }
  return insertPaymentMethod(scope, {
    id: newId("pm"),
    customer: null,
    test_card: terms.card.name,
    billing_details: JSON.stringify(terms.billingDetails ?? NO_DETAILS),
    exp_month: terms.expMonth ?? 12,
    exp_year: terms.expYear ?? instant(scope.nowAt).toZonedDateTimeISO("UTC").year + 1,
    metadata: JSON.stringify(terms.metadata ?? {}),
    allow_redisplay: terms.allowRedisplay ?? "unspecified",
  });
}

/** Canonical ids have a kind in the middle ("pm_card_visa"), ids of objects do not ("pm_1Q0Xc..."). */
const CANONICAL = /^pm_[A-Za-z]+_\w+$/;

/** Why a canonical id that is no test card of ours names nothing here. */
function unsupportedCanonical(id: string, param: string) {
  const reason = id.startsWith("pm_card_")
    ? "is no test card that this server knows"
    : "is no card, and only cards can be charged on this server; record other payments with paid_out_of_band";
  return refused("invalid_argument", `The test payment method ${id} ${reason}.`, param);
}

/**
 * The payment method that an id of a request means, locked: an existing one, or a new one when it is
 * the canonical id of a test card ("pm_card_visa"). Throws 404 naming `param`, or 400 for Stripe's
 * other canonical ids (bank debits among them).
 */
export async function obtainPaymentMethod(
  scope: Scope,
  id: string,
  param = "id",
): Promise<PaymentMethodRow> {
  const card = findTestCard(id);
  if (card !== undefined && !scope.livemode) return createFromTestCard(scope, { card });
  if (CANONICAL.test(id) && !scope.livemode) throw unsupportedCanonical(id, param);
  return lockPaymentMethod(scope, id, param);
}

/**
 * The payment method that a request names for a customer's invoices, which must be attached to them.
 * A canonical id is refused like any other method of nobody's: each use of it makes a new one, so the
 * caller must attach it and name the id of that reply.
 */
export async function requireAttached(
  scope: Scope,
  customer: string,
  id: string,
  param: string,
): Promise<PaymentMethodRow> {
  const method = await findPaymentMethod(scope, id);
  if (method?.customer === customer) return method;
  const hint = CANONICAL.test(id)
    ? ` ${id} makes a new payment method at each use: attach it first, then name the id of that reply.`
    : "";
  throw refused(
    "resource_missing",
    `The customer does not have a payment method with the ID ${id}. The payment method must be attached to the customer.${hint}`,
    param,
  );
}

/** 402 for a card that may not even be kept. */
export function assertAttachable(card: TestCard): void {
  if (card.attaches || card.charge.outcome !== "declines") return;
  const { code, declineCode, message } = card.charge;
  throw declined(code, message, { declineCode });
}
