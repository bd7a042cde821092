/** What custom fields can be attached to, in the words of the wire. */
export const CUSTOM_FIELD_ENTITIES = [
  "alert",
  "billable_metric",
  "charge",
  "commit",
  "contract_credit",
  "contract_product",
  "contract",
  "customer",
  "discount",
  "invoice",
  "professional_service",
  "product",
  "rate_card",
  "scheduled_charge",
  "subscription",
  "package_commit",
  "package_credit",
  "package_subscription",
  "package_scheduled_charge",
] as const;

export type CustomFieldEntity = (typeof CUSTOM_FIELD_ENTITIES)[number];

/** Key to value, as set on one entity. */
export type CustomFields = Readonly<Record<string, string>>;
