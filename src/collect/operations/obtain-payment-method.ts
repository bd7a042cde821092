import { instant } from "../../domain/time.ts";
import type { BillingDetails } from "../db/foundation-tables.ts";
import { findTestCard, type TestCard } from "../domain/test-cards.ts";
import { declined, refused } from "../errors.ts";
import { newId } from "../ids.ts";
import type { Scope } from "../scope.ts";
import {
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

/**
 * The payment method that an id of a request means, locked: an existing one, or a new one when it is
 * the canonical id of a test card ("pm_card_visa"). Throws 404 naming `param`.
 */
export async function obtainPaymentMethod(
  scope: Scope,
  id: string,
  param = "id",
): Promise<PaymentMethodRow> {
  const card = findTestCard(id);
  if (card !== undefined && !scope.livemode) return createFromTestCard(scope, { card });
  return lockPaymentMethod(scope, id, param);
}

/** 402 for a card that may not even be kept. */
export function assertAttachable(card: TestCard): void {
  if (card.attaches || card.charge.outcome !== "declines") return;
  const { code, declineCode, message } = card.charge;
  throw declined(code, message, { declineCode });
}
