import { type Static, Type } from "typebox";
import type { ScheduledChargeTerms } from "../../operations/add-contract-parts.ts";
import { CustomFieldsField, IdField, ObjectField, TextField } from "./fields.ts";
import { ChargeScheduleField, fromSchedule } from "./schedule-fields.ts";

/** A scheduled charge of a contract to create. */
export const ScheduledChargeField = () =>
  ObjectField(
    {
      product_id: IdField(),
      name: Type.Optional(TextField({ max: 1024 })),
      schedule: ChargeScheduleField(),
      custom_fields: Type.Optional(CustomFieldsField()),
    },
    { unsupported: { netsuite_sales_order_id: null } },
  );

/** A scheduled charge as operations take it. */
export const fromScheduledCharge = (
  charge: Static<ReturnType<typeof ScheduledChargeField>>,
): ScheduledChargeTerms => ({
  productId: charge.product_id,
  name: charge.name ?? null,
  schedule: fromSchedule(charge.schedule),
  customFields: charge.custom_fields,
});
