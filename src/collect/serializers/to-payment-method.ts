import { createHash } from "node:crypto";
import type Stripe from "stripe";
import { findTestCard, lastFour } from "../domain/test-cards.ts";
import type { PaymentMethodRow } from "../store/payment-methods.ts";
import { toUnix, type Wire } from "../wire.ts";

/** The same for every use of one card number, and says nothing about it. */
const fingerprint = (number: string): string =>
  createHash("sha256").update(`card ${number}`).digest("base64url").slice(0, 16);

/** A payment method as Stripe's API shows it. */
export function toPaymentMethod(row: PaymentMethodRow): Wire<Stripe.PaymentMethod> {
  const card = findTestCard(row.test_card);
  if (card === undefined) throw new Error(`Unknown test card ${row.test_card}`);
  return {
    id: row.id,
    object: "payment_method",
    allow_redisplay: row.allow_redisplay,
    billing_details: { ...row.billing_details },
    card: {
      brand: card.brand,
      checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: "pass" },
      country: "US",
      display_brand: card.brand === "amex" ? "american_express" : card.brand,
      exp_month: row.exp_month,
      exp_year: row.exp_year,
      fingerprint: fingerprint(card.number),
      funding: card.name.endsWith("_debit") ? "debit" : "credit",
      generated_from: null,
      last4: lastFour(card),
      networks: { available: [card.brand], preferred: null },
      regulated_status: "unregulated",
      three_d_secure_usage: { supported: true },
      wallet: null,
    },
    created: toUnix(row.created_at),
    customer: row.customer,
    customer_account: null,
    livemode: row.livemode,
    metadata: row.metadata,
    type: "card",
  };
}
