import type { CoreDb, CoreTransaction } from "../db/database.ts";

/** A final invoice that no route took. */
export interface UnroutedInvoice {
  readonly invoiceId: string;
  readonly customerId: string;
  readonly contractId: string;
  readonly creditTypeId: string;
  /** Exact decimal text in the wire's unit. */
  readonly total: string | null;
  readonly startAt: string | null;
  readonly endAt: string | null;
  readonly issuedAt: string | null;
  readonly notedAt: string;
  readonly position: bigint;
}

/** Notes that no route took an invoice; doing it again changes nothing. */
export async function noteUnrouted(
  tx: CoreTransaction,
  invoice: { readonly invoiceId: string; readonly environmentId: string; readonly notedAt: string },
): Promise<void> {
  await tx
    .insertInto("unrouted_invoices")
    .values({
      invoice_id: invoice.invoiceId,
      environment_id: invoice.environmentId,
      noted_at: invoice.notedAt,
    })
    .onConflict((conflict) => conflict.column("invoice_id").doNothing())
    // In this form many of a billing run go as one statement.
    .returning("invoice_id")
    .execute();
}

/** A route took it after all. */
export async function forgetUnrouted(tx: CoreTransaction, invoiceId: string): Promise<void> {
  await tx.deleteFrom("unrouted_invoices").where("invoice_id", "=", invoiceId).execute();
}

/** Those that are still final, oldest first; one row more than asked, to tell whether more follow. */
export async function listUnrouted(
  db: CoreDb,
  environmentId: string,
  { after, limit }: { readonly after: bigint | undefined; readonly limit: number },
): Promise<UnroutedInvoice[]> {
  let query = db
    .selectFrom("unrouted_invoices as unrouted")
    .innerJoin("invoices", "invoices.id", "unrouted.invoice_id")
    .where("unrouted.environment_id", "=", environmentId)
    .where("invoices.status", "=", "FINALIZED")
    .select([
      "unrouted.invoice_id as invoiceId",
      "invoices.customer_id as customerId",
      "invoices.contract_id as contractId",
      "invoices.credit_type_id as creditTypeId",
      "invoices.total",
      "invoices.start_at as startAt",
      "invoices.end_at as endAt",
      "invoices.issued_at as issuedAt",
      "unrouted.noted_at as notedAt",
      "unrouted.position",
    ])
    .orderBy("unrouted.position")
    .limit(limit + 1);
  if (after !== undefined) query = query.where("unrouted.position", ">", after as never);
  return query.execute();
}

/** Whether an invoice is written down as one that no route took. */
export async function isUnrouted(db: CoreDb, invoiceId: string): Promise<boolean> {
  const row = await db
    .selectFrom("unrouted_invoices")
    .select("invoice_id")
    .where("invoice_id", "=", invoiceId)
    .executeTakeFirst();
  return row !== undefined;
}
