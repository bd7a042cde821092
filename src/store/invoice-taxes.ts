import type { CoreDb, CoreTransaction } from "../db/database.ts";
import type { StatedTax } from "../domain/invoices/stated-tax.ts";

/** What was stated for an invoice, and when. */
export interface InvoiceTaxes {
  readonly taxes: readonly StatedTax[];
  readonly statedAt: string;
}

/** The tax that was stated for the invoice, perhaps that there is none; undefined: nothing was stated. */
export async function findInvoiceTaxes(
  db: CoreDb,
  invoiceId: string,
): Promise<InvoiceTaxes | undefined> {
  const row = await db
    .selectFrom("invoice_taxes")
    .select(["taxes", "stated_at"])
    .where("invoice_id", "=", invoiceId)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  return {
    taxes: row.taxes.map(({ name, percentage, amount_minor: minor }) => ({
      name,
      percentage,
      amountMinor: BigInt(minor),
    })),
    statedAt: row.stated_at,
  };
}

/** States the tax of an invoice in the place of what was stated before. */
export async function upsertInvoiceTaxes(
  tx: CoreTransaction,
  invoiceId: string,
  { taxes, statedAt, statedBy }: InvoiceTaxes & { readonly statedBy: string },
): Promise<void> {
  const stored = taxes.map(({ name, percentage, amountMinor }) => ({
    name,
    percentage,
    amount_minor: amountMinor.toString(),
  }));
  const values = { taxes: JSON.stringify(stored), stated_at: statedAt, stated_by: statedBy };
  await tx
    .insertInto("invoice_taxes")
    .values({ invoice_id: invoiceId, ...values })
    .onConflict((clash) => clash.column("invoice_id").doUpdateSet(values))
    .execute();
}

/** Takes back what was stated. */
export async function deleteInvoiceTaxes(tx: CoreTransaction, invoiceId: string): Promise<void> {
  await tx.deleteFrom("invoice_taxes").where("invoice_id", "=", invoiceId).execute();
}
