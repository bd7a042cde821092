import { ALERT_TYPES, type AlertType } from "../alerts/alert.ts";

/** The message that an alert of a type sends. */
export const alertWebhook = <Type extends AlertType>(type: Type) => `alerts.${type}` as const;

import { LIFECYCLE_TYPES } from "../notifications/lifecycle-types.ts";

/** Every type of message that is sent to webhook endpoints. */
export const WEBHOOK_TYPES = [
  "invoice.finalized",
  "invoice.billing_provider_error",
  "credit_note.issued",
  "credit_note.voided",
  "payment_gate.payment_status",
  "payment_gate.payment_pending_action_required",
  "payment_gate.threshold_reached",
  "payment_gate.external_initiate",
  "integration.issue",
  ...ALERT_TYPES.map(alertWebhook),
  ...LIFECYCLE_TYPES,
] as const;

export type WebhookType = (typeof WEBHOOK_TYPES)[number];
