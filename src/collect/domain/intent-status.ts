import { type CollectError, refused } from "../errors.ts";

export type IntentStatus =
  | "requires_payment_method"
  | "requires_confirmation"
  | "requires_action"
  | "succeeded"
  | "canceled";

const OPEN: readonly IntentStatus[] = [
  "requires_payment_method",
  "requires_confirmation",
  "requires_action",
];

/** 400 as Stripe words it (Stripe docs: How PaymentIntents work, "Lifecycle"). */
export const unexpectedState = (message: string): CollectError =>
  refused("payment_intent_unexpected_state", message);

/** Throws 400 when a payment intent has ended and takes this call no more. */
export function assertOpen(action: "confirm" | "cancel", status: IntentStatus): void {
  if (OPEN.includes(status)) return;
  throw unexpectedState(
    `You cannot ${action} this PaymentIntent because it has a status of ${status}. Only a PaymentIntent with one of the following statuses may be ${action}ed: ${OPEN.join(", ")}.`,
  );
}
