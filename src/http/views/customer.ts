import type { CustomerDetail } from "../../operations/load-customers.ts";
import type { BillingConfiguration } from "../../store/billing-configurations.ts";

/** A stripe configuration in the older form, which customers of that form expect to read back. */
export const toBillingConfigView = ({ configuration }: BillingConfiguration) => ({
  billing_provider_customer_id: configuration.stripe_customer_id,
  stripe_collection_method: configuration.stripe_collection_method,
});

function echoBillingConfig({ billingConfigurations }: CustomerDetail) {
  const stripe = billingConfigurations.find((row) => row.billingProvider === "stripe");
  if (stripe === undefined) return {};
  return { billing_config: { billing_provider_type: "stripe", ...toBillingConfigView(stripe) } };
}

/** What creating and renaming answer. */
export const toCustomerView = (customer: CustomerDetail) => ({
  id: customer.id,
  external_id: customer.ingestAliases[0] ?? customer.id,
  ingest_aliases: customer.ingestAliases,
  name: customer.name,
  custom_fields: customer.customFields,
  ...echoBillingConfig(customer),
});

/** What reading answers. */
export const toCustomerDetailView = (customer: CustomerDetail) => ({
  ...toCustomerView(customer),
  customer_config: { salesforce_account_id: customer.salesforceAccountId },
  created_at: customer.createdAt,
  updated_at: customer.updatedAt,
  archived_at: customer.archivedAt,
});
