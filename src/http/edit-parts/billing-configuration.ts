import { Type } from "typebox";
import { BILLING_PROVIDERS, DELIVERY_METHODS } from "../../domain/billing-provider.ts";
import { scheduleBillingConfiguration } from "../../operations/schedule-billing-configuration.ts";
import { EnumField, IdField, ObjectField } from "../schemas/fields.ts";
import { NullableField } from "../schemas/nullable-field.ts";
import { editPart } from "./edit-part.ts";

const UpdateField = ObjectField({
  billing_provider_configuration: ObjectField({
    billing_provider_configuration_id: Type.Optional(NullableField(IdField())),
    billing_provider: Type.Optional(EnumField(BILLING_PROVIDERS)),
    delivery_method: Type.Optional(EnumField(DELIVERY_METHODS)),
  }),
  schedule: ObjectField({
    effective_at: EnumField(["START_OF_CURRENT_PERIOD", "START_OF_NEXT_PERIOD"]),
  }),
});

/** Where the contract's invoices go from a period on. */
export const billingConfigurationPart = editPart({
  fields: {
    add_billing_provider_configuration_update: Type.Optional(NullableField(UpdateField)),
  },
  toChange: ({ add_billing_provider_configuration_update: update }) => {
    if (update == null) return undefined;
    const { billing_provider_configuration: configuration, schedule } = update;
    const choice = {
      id: configuration.billing_provider_configuration_id ?? undefined,
      billingProvider: configuration.billing_provider,
      deliveryMethod: configuration.delivery_method,
    };
    return {
      apply: (scope) => scheduleBillingConfiguration(scope, choice, schedule.effective_at),
      record: () => ({ add_billing_provider_configuration_update: update }),
    };
  },
});
