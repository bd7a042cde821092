import { Type } from "typebox";
import {
  BILLING_PROVIDERS,
  type BillingProvider,
  DELIVERY_METHODS,
} from "../../domain/billing-provider.ts";
import { invalid } from "../../errors.ts";
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

/**
 * The configuration that the older form gives. It knows payers at stripe alone: what another provider asks for has
 * no field in it. Throws invalid, naming `field`.
 */
export function fromBillingConfig(
  provider: BillingProvider,
  older: {
    readonly billing_provider_customer_id: string;
    readonly stripe_collection_method?: string;
  },
  field: string,
): Readonly<Record<string, unknown>> {
  if (provider !== "stripe") {
    throw invalid(
      `${field} ${provider} is not supported in this form: use customer_billing_provider_configurations or POST /v1/setCustomerBillingProviderConfigurations`,
      field,
    );
  }
  return {
    stripe_customer_id: older.billing_provider_customer_id,
    stripe_collection_method: older.stripe_collection_method,
  };
}

export const unsupportedBillingConfigFields = {
  aws_customer_account_id: null,
  aws_customer_id: null,
  aws_is_subscription_product: null,
  aws_product_code: null,
  aws_region: null,
};
