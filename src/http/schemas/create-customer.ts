import { Type } from "typebox";
import { BILLING_PROVIDERS, DIRECT } from "../../domain/billing-provider.ts";
import { invalid } from "../../errors.ts";
import type { RouteRequest } from "../../operations/add-billing-configurations.ts";
import type { CustomerRequest } from "../../operations/create-customer.ts";
import {
  billingConfigFields,
  configurationFields,
  fromBillingConfig,
  unsupportedBillingConfigFields,
  unsupportedConfigurationFields,
} from "./billing-configuration.ts";
import { CustomFieldsField, EnumField, ObjectField, TextField } from "./fields.ts";

const MAX_ALIASES = 2000;

/** Longer than what is kept: a name is cut, not refused (operations/customer-name.ts). */
export const NameField = () => TextField({ max: 10_000 });
export const AliasField = () => TextField({ max: 128 });
export const AliasesField = () => Type.Array(AliasField(), { maxItems: MAX_ALIASES });

/** The body that creates a customer. */
export const CreateCustomer = ObjectField(
  {
    name: NameField(),
    ingest_aliases: Type.Optional(AliasesField()),
    external_id: Type.Optional(AliasField()),
    custom_fields: Type.Optional(CustomFieldsField()),
    billing_config: Type.Optional(
      ObjectField(
        { billing_provider_type: EnumField(BILLING_PROVIDERS), ...billingConfigFields },
        { unsupported: unsupportedBillingConfigFields },
      ),
    ),
    customer_billing_provider_configurations: Type.Optional(
      Type.Array(
        ObjectField(configurationFields, { unsupported: unsupportedConfigurationFields }),
        {
          maxItems: 100,
        },
      ),
    ),
  },
  { unsupported: { customer_revenue_system_configurations: [] } },
);
export type CreateCustomerBody = Type.Static<typeof CreateCustomer>;

/** A customer to create as operations take it. */
export const fromCreateCustomer = (body: CreateCustomerBody): CustomerRequest => ({
  name: body.name,
  ingestAliases: toAliases(body),
  customFields: body.custom_fields,
  routes: toRoutes(body),
});

/** Both ways of saying where the customer's invoices go; one request uses one of them. */
function toRoutes(body: CreateCustomerBody): RouteRequest[] {
  const rows = body.customer_billing_provider_configurations ?? [];
  const { billing_config: older } = body;
  if (older !== undefined && rows.length > 0) {
    throw invalid(
      "Give billing_config or customer_billing_provider_configurations, not both",
      "billing_config",
    );
  }
  if (older !== undefined) {
    return [
      {
        billingProvider: older.billing_provider_type,
        deliveryMethod: DIRECT,
        configuration: fromBillingConfig(
          older.billing_provider_type,
          older,
          "billing_config.billing_provider_type",
        ),
      },
    ];
  }
  return rows.map((row) => ({
    billingProvider: row.billing_provider,
    deliveryMethod: row.delivery_method,
    deliveryMethodId: row.delivery_method_id,
    configuration: row.configuration,
  }));
}

/** `external_id` is the older name of the first alias. */
function toAliases({ external_id: first, ingest_aliases: aliases = [] }: CreateCustomerBody) {
  return first === undefined ? aliases : [first, ...aliases.filter((alias) => alias !== first)];
}
