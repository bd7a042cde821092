import { type Static, Type } from "typebox";
import { addChargesTo } from "../../operations/add-to-contract.ts";
import { archiveCharges, updateCharges } from "../../operations/change-scheduled-charges.ts";
import type { ContractChange } from "../../operations/edit-contract.ts";
import { fromItemEdits, InvoiceScheduleEditField } from "../schemas/edit-commit.ts";
import { IdField, ObjectField } from "../schemas/fields.ts";
import { fromScheduledCharge, ScheduledChargeField } from "../schemas/scheduled-charge-fields.ts";
import { toChargeView } from "../views/contract.ts";
import { editPart, many, pick, RemovalField, toUpdateRecord } from "./edit-part.ts";

/** New scheduled charges. `field` is what the request calls them. */
export const toAddCharges = (
  charges: readonly Static<ReturnType<typeof ScheduledChargeField>>[],
  field: string,
): ContractChange<string[]> | undefined =>
  charges.length === 0
    ? undefined
    : {
        apply: (scope) => addChargesTo(scope, charges.map(fromScheduledCharge), field),
        record: (ids, after) => ({
          add_scheduled_charges: pick(after.charges, ids, ({ charge }) => charge.id).map(
            toChargeView,
          ),
        }),
      };

export const addChargesPart = editPart({
  fields: { add_scheduled_charges: many(ScheduledChargeField()) },
  toChange: ({ add_scheduled_charges: charges = [] }) =>
    toAddCharges(charges, "add_scheduled_charges"),
});

const ChargeUpdateField = ObjectField(
  {
    scheduled_charge_id: IdField(),
    invoice_schedule: Type.Optional(InvoiceScheduleEditField()),
  },
  { unsupported: { netsuite_sales_order_id: null } },
);

/** Other dates and amounts of scheduled charges. */
export const updateChargesPart = editPart({
  fields: { update_scheduled_charges: many(ChargeUpdateField) },
  toChange: ({ update_scheduled_charges: updates = [] }) =>
    updates.length === 0
      ? undefined
      : {
          apply: (scope) => updateCharges(scope, updates.map(fromChargeUpdate)),
          record: () => ({
            update_scheduled_charges: updates.map((update) =>
              toUpdateRecord(update, "scheduled_charge_id"),
            ),
          }),
        },
});

const fromChargeUpdate = (update: Static<typeof ChargeUpdateField>) => ({
  chargeId: update.scheduled_charge_id,
  items: fromItemEdits(update.invoice_schedule),
});

/** Scheduled charges that bill nothing any more. */
export const archiveChargesPart = editPart({
  fields: { archive_scheduled_charges: many(RemovalField) },
  toChange: ({ archive_scheduled_charges: charges = [] }) =>
    charges.length === 0
      ? undefined
      : {
          apply: (scope) =>
            archiveCharges(
              scope,
              charges.map(({ id }) => id),
            ),
          record: () => ({ archive_scheduled_charges: charges }),
        },
});
