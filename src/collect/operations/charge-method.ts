import { assert } from "../../errors.ts";
import { processorOf } from "../domain/processor.ts";
import type { ChargeOutcome } from "../domain/test-cards.ts";
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

/** Asks the processor of the scope's mode. It answers on this machine, so it may sit in a transaction. */
export function askProcessor(scope: Scope, method: PaymentMethodRow): ChargeOutcome {
  const outcome = processorOf(scope).charge(method.test_card);
  assert(outcome !== undefined, `payment method ${method.id} can be charged`);
  return outcome;
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
