/** Every type of message that is sent to webhook endpoints. */
export const WEBHOOK_TYPES = ["invoice.finalized", "invoice.billing_provider_error"] as const;

export type WebhookType = (typeof WEBHOOK_TYPES)[number];
