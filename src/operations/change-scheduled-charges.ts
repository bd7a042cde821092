import { instantText } from "../domain/time.ts";
import { notFound } from "../errors.ts";
import { archiveCharge, changeChargeItems } from "../store/charge-changes.ts";
import { listInvoicedItems } from "../store/draft-invoices.ts";
import { listScheduledCharges } from "../store/scheduled-charges.ts";
import { listVoidedItems } from "../store/void-invoice.ts";
import type { ChangeScope } from "./edit-contract.ts";
import { namingPart } from "./naming-part.ts";
import { type DatedPrice, planItems, type ScheduleEdit } from "./plan-schedule-edits.ts";

export interface ChargeUpdate {
  readonly chargeId: string;
  readonly items: ScheduleEdit<DatedPrice>;
}

/** Changes dates and amounts of the contract's charges; what is invoiced stays. */
export async function updateCharges(
  scope: ChangeScope,
  updates: readonly ChargeUpdate[],
): Promise<void> {
  const { tx, contract } = scope;
  const invoicedItemIds = await listInvoicedItems(tx, [contract.id]);
  const voidedItemIds = await listVoidedItems(tx, [contract.id]);
  for (const [n, { chargeId, items }] of updates.entries()) {
    // Read anew each time: two updates may be of one charge.
    const invoiceItems = (await findCharge(scope, chargeId)).items;
    await namingPart(`update_scheduled_charges[${n}]`, async () => {
      const planned = planItems({ invoiceItems, invoicedItemIds, voidedItemIds }, items);
      await changeChargeItems(tx, chargeId, planned.change);
    });
  }
}

/** Lets charges bill nothing any more; what finalized invoices bill of them stays there. */
export async function archiveCharges(scope: ChangeScope, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    await findCharge(scope, id);
    await archiveCharge(scope.tx, id, instantText(scope.ctx.now));
  }
}

async function findCharge({ tx, contract }: ChangeScope, id: string) {
  const charges = (await listScheduledCharges(tx, [contract.id])).get(contract.id) ?? [];
  const charge = charges.find((other) => other.id === id);
  if (charge === undefined) throw notFound("scheduled charge", id);
  return charge;
}
