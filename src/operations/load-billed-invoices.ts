import type { CoreDb } from "../db/database.ts";
import { mixesUnits } from "../domain/invoices/billed-usage.ts";
import type { DrawDown } from "../domain/invoices/invoice.ts";
import type { BilledInvoice } from "../domain/rating/late-usage.ts";
import { instant } from "../domain/time.ts";
import { assert } from "../errors.ts";
import { listIssuedNotes } from "../store/credit-notes.ts";
import type { FrozenInvoice } from "../store/invoices.ts";
import { listInvoicesOpenToLateUsage } from "../store/late-usage-invoices.ts";
import { listCorrectionsOf, loadBilledUsage } from "../store/usage-corrections.ts";
import { periodOf } from "./period-of.ts";
import type { Policies } from "./review-need.ts";

/** A final usage invoice with what it and its corrections bill of its usage. */
export async function toBilledInvoice(db: CoreDb, invoice: FrozenInvoice): Promise<BilledInvoice> {
  const { id: invoiceId, contractId, generation, creditTypeId } = invoice;
  return {
    invoiceId,
    contractId,
    generation,
    creditTypeId,
    period: periodOf(invoice),
    billed: await loadBilledUsage(db, invoice),
    returned: await loadReturned(db, invoice),
  };
}

/** What people's credit notes gave back of what an invoice and its corrections took. */
async function loadReturned(db: CoreDb, { id, endAt }: FrozenInvoice): Promise<DrawDown[]> {
  const corrections = await listCorrectionsOf(db, id);
  const carriers = corrections.flatMap(({ carrierInvoiceId }) => carrierInvoiceId ?? []);
  const notes = await listIssuedNotes(db, [id, ...carriers]);
  assert(endAt !== null, `usage invoice ${id} has a period`);
  const at = instant(endAt);
  return notes
    .filter(({ correctionId }) => correctionId === null)
    .flatMap(({ lines }) => lines)
    .flatMap(({ lineKey, returned }) =>
      returned === null || !isUsageKey(lineKey) ? [] : [{ ...returned, at }],
    );
}

/** Of a subscription's lines late usage changes nothing, so what they took is no part of it. */
const isUsageKey = (lineKey: string | null): boolean =>
  lineKey !== null && !lineKey.startsWith("subscription/");

/** Why an invoice's usage cannot be rated by itself; undefined: it can. */
export const whyNotCorrected = ({ content }: FrozenInvoice): string | undefined =>
  mixesUnits(content.lines)
    ? "its subscriptions and its usage are priced in the same pricing unit"
    : undefined;

/**
 * The final invoices of these contracts whose late usage goes on the next invoice. Contracts with
 * another policy have none.
 */
export async function loadCarried(
  db: CoreDb,
  contractIds: readonly string[],
  policies: Policies,
): Promise<BilledInvoice[]> {
  const carrying = contractIds.filter((id) => policies.get(id)?.lateUsage === "next_invoice");
  if (carrying.length === 0) return [];
  const carried: BilledInvoice[] = [];
  for (const invoice of await listInvoicesOpenToLateUsage(db, carrying)) {
    if (whyNotCorrected(invoice) === undefined) carried.push(await toBilledInvoice(db, invoice));
  }
  return carried;
}
