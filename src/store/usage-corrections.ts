import type { Selectable } from "kysely";
import type { CoreDb, CoreTransaction } from "../db/database.ts";
import type { StoredDrawDown, UsageCorrectionsTable } from "../db/tables/corrections.ts";
import { type Decimal, dec, toText } from "../domain/decimal.ts";
import {
  type BilledUsage,
  drawDownsOf,
  isLateKey,
  isMetered,
} from "../domain/invoices/billed-usage.ts";
import { toPlain } from "../domain/invoices/canonical.ts";
import type { DrawDown } from "../domain/invoices/invoice.ts";
import type { LateUsagePolicy } from "../domain/invoices/policies.ts";
import { instant } from "../domain/time.ts";
import { assert } from "../errors.ts";
import { fromStoredUsageInput, listFrozenUsageInputs } from "./frozen-usage-inputs.ts";
import { fromStoredLine, toStoredLines } from "./invoice-lines.ts";
import type { FrozenInvoice } from "./invoices.ts";

/** A correction of what an invoice billed of its period's usage. Instants are canonical text. */
export interface UsageCorrection {
  readonly id: string;
  readonly invoiceId: string;
  /** From 1. */
  readonly sequence: number;
  readonly policy: Exclude<LateUsagePolicy, "report">;
  /** The invoice that bills the difference; null: credit notes give it back. */
  readonly carrierInvoiceId: string | null;
  /** The difference. */
  readonly total: Decimal;
  readonly createdAt: string;
  /** Since when it does not count any more, because its invoice or credit note is void. */
  readonly voidedAt: string | null;
}

const COLUMNS = [
  "id",
  "invoice_id",
  "sequence",
  "policy",
  "carrier_invoice_id",
  "total",
  "created_at",
  "voided_at",
] as const;

const fromRow = (
  row: Pick<Selectable<UsageCorrectionsTable>, (typeof COLUMNS)[number]>,
): UsageCorrection => ({
  id: row.id,
  invoiceId: row.invoice_id,
  sequence: row.sequence,
  policy: row.policy,
  carrierInvoiceId: row.carrier_invoice_id,
  total: dec(row.total),
  createdAt: row.created_at,
  voidedAt: row.voided_at,
});

/** Every correction of an invoice in the order in which they were made, void ones as well. */
export async function listCorrectionsOf(db: CoreDb, invoiceId: string): Promise<UsageCorrection[]> {
  const rows = await db
    .selectFrom("usage_corrections")
    .select(COLUMNS)
    .where("invoice_id", "=", invoiceId)
    .orderBy("sequence")
    .execute();
  return rows.map(fromRow);
}

/** The corrections that an invoice bills, of other invoices. */
export async function listCorrectionsOn(
  db: CoreDb,
  carrierInvoiceId: string,
): Promise<UsageCorrection[]> {
  const rows = await db
    .selectFrom("usage_corrections")
    .select(COLUMNS)
    .where("carrier_invoice_id", "=", carrierInvoiceId)
    .where("voided_at", "is", null)
    .execute();
  return rows.map(fromRow);
}

/** What an invoice and its corrections bill of its period's usage now. */
export async function loadBilledUsage(db: CoreDb, invoice: FrozenInvoice): Promise<BilledUsage> {
  const row = await db
    .selectFrom("usage_corrections")
    .select(["billed_lines", "draw_downs", "usage_inputs"])
    .where("invoice_id", "=", invoice.id)
    .where("voided_at", "is", null)
    .orderBy("sequence", "desc")
    .limit(1)
    .executeTakeFirst();
  if (row !== undefined) {
    return {
      lines: row.billed_lines.map(fromStoredLine),
      drawDowns: row.draw_downs.map(fromStoredDrawDown),
      usageInputs: row.usage_inputs.map(fromStoredUsageInput),
    };
  }
  assert(invoice.endAt !== null, `usage invoice ${invoice.id} has a period`);
  // It may carry corrections of others, which are not of its own period.
  const lines = invoice.content.lines.filter((line) => isMetered(line) && !isLateKey(line.lineKey));
  return {
    lines,
    drawDowns: drawDownsOf(lines, instant(invoice.endAt)),
    usageInputs: await listFrozenUsageInputs(db, invoice.id),
  };
}

const fromStoredDrawDown = (stored: StoredDrawDown): DrawDown => ({
  ...stored,
  amount: dec(stored.amount),
  at: instant(stored.at),
});

/** What corrected invoices and their corrections take for usage, by invoice; others are left out. */
export async function listCorrectedDrawDowns(
  db: CoreDb,
  invoiceIds: readonly string[],
): Promise<ReadonlyMap<string, DrawDown[]>> {
  if (invoiceIds.length === 0) return new Map();
  const rows = await db
    .selectFrom("usage_corrections")
    .distinctOn("invoice_id")
    .select(["invoice_id", "draw_downs"])
    .where("invoice_id", "in", [...invoiceIds])
    .where("voided_at", "is", null)
    .orderBy("invoice_id")
    .orderBy("sequence", "desc")
    .execute();
  return new Map(rows.map((row) => [row.invoice_id, row.draw_downs.map(fromStoredDrawDown)]));
}

export interface NewCorrection extends Omit<UsageCorrection, "voidedAt"> {
  readonly environmentId: string;
  readonly billed: BilledUsage;
}

/** Keeps a correction with what is billed since then. A second one of the same number fails. */
export async function insertCorrection(
  tx: CoreTransaction,
  correction: NewCorrection,
): Promise<void> {
  const { billed } = correction;
  await tx
    .insertInto("usage_corrections")
    .values({
      id: correction.id,
      environment_id: correction.environmentId,
      invoice_id: correction.invoiceId,
      sequence: correction.sequence,
      policy: correction.policy,
      carrier_invoice_id: correction.carrierInvoiceId,
      total: toText(correction.total),
      billed_lines: JSON.stringify(toStoredLines(billed.lines)),
      draw_downs: JSON.stringify(toPlain(billed.drawDowns)),
      usage_inputs: JSON.stringify(toPlain(billed.usageInputs)),
      created_at: correction.createdAt,
      voided_at: null,
    })
    .execute();
}

/** The corrections do not count any more: what they billed is billed anew, or not at all. */
export async function voidCorrections(
  tx: CoreTransaction,
  ids: readonly string[],
  at: string,
): Promise<void> {
  if (ids.length === 0) return;
  await tx
    .updateTable("usage_corrections")
    .set({ voided_at: at })
    .where("id", "in", [...ids])
    .execute();
}

/** What true-ups have billed of a customer's segments; those of which nothing is billed are left out. */
export async function listTrueUps(
  db: CoreDb,
  customerId: string,
): Promise<ReadonlyMap<string, DrawDown>> {
  const rows = await db
    .selectFrom("commit_ledger_entries as entry")
    .innerJoin("commits", "commits.id", "entry.commit_id")
    .select((eb) => [
      "entry.commit_id",
      "entry.segment_id",
      eb.fn.sum<string>("entry.amount").as("amount"),
      eb.fn.max("entry.entered_at").as("at"),
    ])
    .where("commits.customer_id", "=", customerId)
    .where("entry.type", "=", "POSTPAID_COMMIT_TRUEUP")
    .groupBy(["entry.commit_id", "entry.segment_id"])
    .execute();
  return new Map(
    rows
      .map(
        (row): DrawDown => ({
          commitId: row.commit_id,
          segmentId: row.segment_id,
          commitType: "POSTPAID",
          amount: dec(row.amount).neg(),
          at: instant(row.at),
        }),
      )
      .filter(({ amount }) => !amount.eq(dec("0")))
      .map((trueUp) => [trueUp.segmentId, trueUp]),
  );
}
