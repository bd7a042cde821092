import { assert } from "../../errors.ts";
import { type ChargeOutcome, findTestCard } from "../domain/test-cards.ts";
import { newId } from "../ids.ts";
import type { Scope } from "../scope.ts";
import { type ChargeRow, insertCharge } from "../store/charges.ts";
import type { PaymentIntentRow } from "../store/payment-intents.ts";
import type { PaymentMethodRow } from "../store/payment-methods.ts";

/** Why no money came, in the words of Stripe's errors. */
export interface ChargeFailure {
  readonly code: string;
  readonly declineCode?: string;
  readonly message: string;
}

/** Asks the test processor. It answers at once and on this machine, so it may sit in a transaction. */
export function askProcessor(method: PaymentMethodRow): ChargeOutcome {
  const card = findTestCard(method.test_card);
  assert(card !== undefined, `payment method ${method.id} has a test card`);
  return card.charge;
}

/** Why an outcome is no success when nobody is there to approve it; undefined when it is one. */
export function failureOf(outcome: ChargeOutcome): ChargeFailure | undefined {
  if (outcome.outcome === "succeeds") return undefined;
  if (outcome.outcome === "declines") return outcome;
  return {
    code: "authentication_required",
    declineCode: "authentication_required",
    message: "Your card was declined. This transaction requires authentication.",
  };
}

/** Records one attempt to take a payment's money, with its outcome. */
export const recordCharge = (
  scope: Scope,
  intent: PaymentIntentRow,
  method: PaymentMethodRow,
  failure: ChargeFailure | undefined,
): Promise<ChargeRow> =>
  insertCharge(scope, {
    id: newId("ch"),
    customer: intent.customer,
    payment_intent: intent.id,
    payment_method: method.id,
    amount_minor: intent.amount_minor,
    currency: intent.currency,
    status: failure === undefined ? "succeeded" : "failed",
    description: intent.description,
    failure_code: failure?.code ?? null,
    decline_code: failure?.declineCode ?? null,
    failure_message: failure?.message ?? null,
  });
