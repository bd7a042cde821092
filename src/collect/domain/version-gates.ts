/** How invoices made by the API behave when the request does not say. */
export interface InvoiceDefaults {
  readonly autoAdvance: boolean;
  readonly pendingItems: "include" | "exclude";
}

/** From here on one-off invoices do not advance by themselves. */
const STATUS_VERSION = "2018-11-08";
/** From here on one-off invoices leave pending items alone. */
const EXCLUDE_VERSION = "2022-08-01";

/**
 * Defaults of `POST /v1/invoices` at a Stripe API version ("2022-08-01", "2025-03-31.basil"). Versions
 * compare as text because they start with an ISO date.
 */
export const invoiceDefaults = (apiVersion: string): InvoiceDefaults => ({
  autoAdvance: apiVersion < STATUS_VERSION,
  pendingItems: apiVersion < EXCLUDE_VERSION ? "include" : "exclude",
});
