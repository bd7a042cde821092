import type { CoreTransaction } from "../db/database.ts";
import { getCreditType } from "../domain/credit-type.ts";
import { dec, round } from "../domain/decimal.ts";
import { type StatedTax, toTaxMinor } from "../domain/invoices/stated-tax.ts";
import { instantText } from "../domain/time.ts";
import { conflict, invalid } from "../errors.ts";
import { TAX_MISSING } from "../providers/delivery-step.ts";
import type { IntegrationRun } from "../store/integration-run.ts";
import { listRunSteps } from "../store/integration-run-steps.ts";
import { listDeliveriesOfInvoice, lockRun } from "../store/integration-runs.ts";
import {
  deleteInvoiceTaxes,
  findInvoiceTaxes,
  type InvoiceTaxes,
  upsertInvoiceTaxes,
} from "../store/invoice-taxes.ts";
import { getInvoice, type InvoiceRecord } from "../store/invoices.ts";
import type { OperationContext } from "./context.ts";
import { enqueueDelivery } from "./enqueue-delivery.ts";
import { inTurnOf } from "./in-turn-of.ts";
import { countUndecided, retryRun } from "./retry-run.ts";

/** One kind of tax as it was given: percent and amount in the invoice's wire unit as decimal text. */
export interface GivenTax {
  readonly name: string;
  readonly percentage: string;
  readonly amount: string;
}

/** As many as a provider shows, at most. */
const PERCENT_DECIMALS = 4;

function toStated({ creditTypeId }: InvoiceRecord, given: readonly GivenTax[]): StatedTax[] {
  return given.map(({ name, percentage, amount }, index) => {
    if (!round(dec(percentage), PERCENT_DECIMALS, "toward_zero").eq(dec(percentage))) {
      throw invalid(
        `taxes[${index}].percentage must have at most ${PERCENT_DECIMALS} decimals`,
        `taxes[${index}].percentage`,
      );
    }
    const amountMinor = toTaxMinor(dec(amount), getCreditType(creditTypeId));
    if (amountMinor !== undefined) return { name, percentage, amountMinor };
    throw invalid(
      `taxes[${index}].tax_amount must be a whole number of the currency's smallest unit, and not negative`,
      `taxes[${index}].tax_amount`,
    );
  });
}

/** The deliveries of an invoice that nobody at a provider has seen yet, held. Throws a conflict when one has. */
async function lockUnsent(tx: CoreTransaction, invoice: InvoiceRecord): Promise<IntegrationRun[]> {
  const { id, status, imported } = invoice;
  if (imported) throw conflict(`Invoice ${id} was issued elsewhere`, "invoice_imported");
  if (status !== "FINALIZED") {
    const why = status === "DRAFT" ? "its tax follows from what it says once it is final" : "";
    throw conflict(`Invoice ${id} is ${status}${why && `: ${why}`}`, "invoice_not_final");
  }
  const runs: IntegrationRun[] = [];
  for (const { id: runId } of await listDeliveriesOfInvoice(tx, id)) {
    const run = await lockRun(tx, runId);
    const { length: writes } = await listRunSteps(tx, runId);
    if (writes > 0 || run.status === "SENT") {
      throw conflict(
        `Invoice ${id} is on its way already (run ${runId}, ${run.status}): its tax cannot be changed any more`,
        "delivery_begun",
      );
    }
    runs.push(run);
  }
  return runs;
}

/** Lets deliveries that wait for the tax, or gave up on it, go on. */
async function goOn(
  tx: CoreTransaction,
  ctx: OperationContext,
  { customerId }: InvoiceRecord,
  runs: readonly IntegrationRun[],
): Promise<void> {
  for (const run of runs) {
    const { id, status, errorCode } = run;
    if (status === "QUEUED" || status === "RUNNING") await enqueueDelivery(tx, ctx, id, customerId);
    const gaveUp = status === "FAILED" && errorCode === TAX_MISSING;
    // The tax is stated all the same: whoever decides where the invoice goes retries the run.
    if (gaveUp && (await countUndecided(tx, ctx, run)) === 0) {
      await retryRun({ ...ctx, db: tx }, id);
    }
  }
}

/**
 * States the tax of a final invoice that no provider has seen, in the place of what was stated before; an
 * empty list says that there is none. A delivery that waits for it goes on. Throws AppError: invalid, naming
 * the tax; conflict for a draft, a void or imported one, and one that is on its way; not found.
 */
export const stateTax = (
  ctx: OperationContext,
  id: string,
  given: readonly GivenTax[],
): Promise<InvoiceTaxes> =>
  inTurnOf(ctx, id, async (tx, invoice) => {
    const taxes = toStated(invoice, given);
    const runs = await lockUnsent(tx, invoice);
    const statedAt = instantText(ctx.now);
    await upsertInvoiceTaxes(tx, id, { taxes, statedAt, statedBy: ctx.actor });
    await goOn(tx, ctx, invoice, runs);
    return { taxes, statedAt };
  });

/** Takes back what was stated. Throws as stateTax, and not_found where nothing was. */
export const dropTax = (ctx: OperationContext, id: string): Promise<void> =>
  inTurnOf(ctx, id, async (tx, invoice) => {
    await lockUnsent(tx, invoice);
    await deleteInvoiceTaxes(tx, id);
  });

/** What was stated of the tax, and the invoice's credit type; undefined: nothing. Throws not found. */
export async function readTax(
  ctx: OperationContext,
  id: string,
): Promise<{ readonly creditTypeId: string; readonly stated: InvoiceTaxes | undefined }> {
  const { creditTypeId } = await getInvoice(ctx.db, ctx.environment.id, id);
  return { creditTypeId, stated: await findInvoiceTaxes(ctx.db, id) };
}
