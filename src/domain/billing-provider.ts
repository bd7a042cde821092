/** Where invoices can be sent, in the words of the wire. Which of them work is the registry's to say. */
export const BILLING_PROVIDERS = [
  "aws_marketplace",
  "stripe",
  "netsuite",
  "custom",
  "azure_marketplace",
  "quickbooks_online",
  "workday",
  "gcp_marketplace",
  "metronome",
] as const;

export type BillingProvider = (typeof BILLING_PROVIDERS)[number];

/** How they get there. Only the first is done. */
export const DELIVERY_METHODS = [
  "direct_to_billing_provider",
  "aws_sqs",
  "tackle",
  "aws_sns",
] as const;

export type DeliveryMethod = (typeof DELIVERY_METHODS)[number];

export const DIRECT: DeliveryMethod = "direct_to_billing_provider";
