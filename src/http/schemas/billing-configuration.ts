import { Type } from "typebox";
import { BILLING_PROVIDERS, DELIVERY_METHODS } from "../../domain/billing-provider.ts";
import { EnumField, IdField, TextField } from "./fields.ts";

/** The fields of one `customer_billing_provider_configurations` row. */
export const configurationFields = {
  billing_provider: EnumField(BILLING_PROVIDERS),
  delivery_method: Type.Optional(EnumField(DELIVERY_METHODS)),
  delivery_method_id: Type.Optional(IdField()),
  configuration: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
};

/** Known and not done: taxes are worked out by the provider or not at all. */
export const unsupportedConfigurationFields = { tax_provider: null };

/** What the older `billing_config` form says about the payer. */
export const billingConfigFields = {
  billing_provider_customer_id: TextField({ max: 255 }),
  stripe_collection_method: Type.Optional(TextField({ max: 64 })),
};

export const unsupportedBillingConfigFields = {
  aws_customer_account_id: null,
  aws_customer_id: null,
  aws_is_subscription_product: null,
  aws_product_code: null,
  aws_region: null,
};
