import type { CoreDb, CoreTransaction } from "../db/database.ts";
import type { StoredCustomFields } from "../db/tables/invoices.ts";
import type { Conventions } from "../domain/conventions.ts";
import { isPositive, toText, ZERO } from "../domain/decimal.ts";
import type { BillableStatus } from "../domain/invoices/billable-status.ts";
import { contentHash, toPlain } from "../domain/invoices/canonical.ts";
import type { DrawDown, RatedInvoice } from "../domain/invoices/invoice.ts";
import { uuidV5 } from "../domain/invoices/invoice-id.ts";
import type { UsageInput } from "../domain/invoices/usage-inputs.ts";
import type { StatedQuantity } from "../domain/rating/stated-quantity.ts";
import { instantText } from "../domain/time.ts";
import { assert, notFound } from "../errors.ts";
import { toStoredLines, toStoredTraces } from "./invoice-lines.ts";
import { type FrozenInvoice, INVOICE_COLUMNS, isFrozen, toInvoiceRecord } from "./invoices.ts";

/** Everything that becomes unchangeable when an invoice is finalized. */
export interface Freezing {
  readonly rated: RatedInvoice;
  readonly usageInputs: readonly UsageInput[];
  /** Of an imported invoice: the quantities that it states. */
  readonly statedUsage?: readonly StatedQuantity[];
  /** undefined: as it was imported. */
  readonly billableStatus?: BillableStatus;
  readonly customFields: StoredCustomFields;
  /** What it was rated with. */
  readonly conventions: Conventions;
  /** Canonical instants on the environment's clock. */
  readonly issuedAt: string;
  readonly finalizedAt: string;
}

/** Turns the draft into a finalized invoice. Fails when it is no draft: it is done once. */
export async function freezeInvoice(
  tx: CoreTransaction,
  freezing: Freezing,
): Promise<FrozenInvoice> {
  const { rated, usageInputs, customFields, conventions, issuedAt, finalizedAt } = freezing;
  const { statedUsage, billableStatus } = freezing;
  const content: HashedContent = {
    id: rated.id,
    issued_at: issuedAt,
    subtotal: toText(rated.subtotal),
    total: toText(rated.total),
    lines: toStoredLines(rated.lines),
    traces: toStoredTraces(rated.lines),
    usage_inputs: toPlain(usageInputs),
    unpriced: toPlain(rated.unpriced),
    custom_fields: customFields,
    conventions,
    stated_usage: statedUsage === undefined ? undefined : toPlain(statedUsage),
  };
  const {
    lines,
    traces,
    usage_inputs,
    unpriced,
    custom_fields,
    conventions: _,
    stated_usage,
    ...scalars
  } = content;
  const row = await tx
    .updateTable("invoices")
    .set({
      ...scalars,
      status: "FINALIZED",
      finalized_at: finalizedAt,
      lines: JSON.stringify(lines),
      traces: JSON.stringify(traces),
      usage_inputs: JSON.stringify(usage_inputs),
      unpriced: JSON.stringify(unpriced),
      custom_fields: JSON.stringify(custom_fields),
      conventions: JSON.stringify(conventions),
      ...(stated_usage === undefined ? {} : { stated_usage: JSON.stringify(stated_usage) }),
      content_hash: contentHash(content),
      ...(billableStatus === undefined ? {} : { billable_status: billableStatus }),
      net_payment_terms_days: await findPaymentTerms(tx, rated.contractId),
    })
    .where("id", "=", rated.id)
    .where("status", "=", "DRAFT")
    .returning(INVOICE_COLUMNS)
    .executeTakeFirst();
  assert(row !== undefined, `invoice ${rated.id} is still a draft`);
  const invoice = toInvoiceRecord(row);
  assert(isFrozen(invoice), `invoice ${rated.id} has its content`);
  return invoice;
}

/** Days that the contract gives to pay; null: it says nothing. */
async function findPaymentTerms(db: CoreDb, contractId: string): Promise<number | null> {
  const row = await db
    .selectFrom("contracts")
    .select("net_payment_terms_days")
    .where("id", "=", contractId)
    .executeTakeFirst();
  return row?.net_payment_terms_days ?? null;
}

/** The columns that the content hash covers, as they are stored. */
export const HASHED_COLUMNS = [
  "id",
  "issued_at",
  "subtotal",
  "total",
  "lines",
  "traces",
  "usage_inputs",
  "unpriced",
  "custom_fields",
  "conventions",
  "stated_usage",
] as const;

type HashedContent = Record<(typeof HASHED_COLUMNS)[number], unknown> & {
  id: string;
  issued_at: string;
  subtotal: string;
  total: string;
};

/**
 * Whether a finalized invoice is still what was finalized: its columns, read back, have the hash
 * that was stored with them. Throws not found.
 */
export async function isUnchanged(db: CoreDb, invoiceId: string): Promise<boolean> {
  const row = await db
    .selectFrom("invoices")
    .select([...HASHED_COLUMNS, "content_hash"])
    .where("id", "=", invoiceId)
    .executeTakeFirst();
  if (row === undefined) throw notFound("invoice", invoiceId);
  const { content_hash: hash, ...content } = row;
  return hash === contentHash(toHashed(content));
}

/**
 * The columns of a row as the hash covers them: what was finalized before there was a choice has no
 * conventions, and no hash of them; only what was imported states its usage.
 */
export const toHashed = <Content extends { conventions: unknown; stated_usage: unknown }>({
  conventions,
  stated_usage,
  ...content
}: Content) => ({
  ...content,
  conventions: conventions ?? undefined,
  stated_usage: stated_usage ?? undefined,
});

export const DEDUCTION = {
  PREPAID: "PREPAID_COMMIT_AUTOMATED_INVOICE_DEDUCTION",
  POSTPAID: "POSTPAID_COMMIT_AUTOMATED_INVOICE_DEDUCTION",
  CREDIT: "CREDIT_AUTOMATED_INVOICE_DEDUCTION",
} as const satisfies Record<DrawDown["commitType"], string>;

/** A postpaid commit has no entry of its own for what comes back: it is a correction. */
export const GIVEN_BACK = {
  PREPAID: "PREPAID_COMMIT_CREDITED",
  CREDIT: "CREDIT_CREDITED",
  POSTPAID: "POSTPAID_COMMIT_MANUAL",
} as const satisfies Record<DrawDown["commitType"], string>;

/**
 * Posts what the invoice burned and trued up, or gave back of what an earlier one burned: an entry for
 * each segment, with an id that follows.
 */
export async function insertDrawDowns(
  tx: CoreTransaction,
  { id: invoiceId, drawDowns, trueUps }: RatedInvoice,
): Promise<void> {
  const entries = [
    ...drawDowns.map((drawDown) => ({
      drawDown,
      type: (isPositive(drawDown.amount) ? DEDUCTION : GIVEN_BACK)[drawDown.commitType],
      key: "draw-down",
    })),
    ...trueUps
      .filter(({ amount }) => !amount.eq(ZERO))
      .map((drawDown) => ({ drawDown, type: "POSTPAID_COMMIT_TRUEUP", key: "true-up" })),
  ];
  if (entries.length === 0) return;
  await tx
    .insertInto("commit_ledger_entries")
    .values(
      entries.map(({ drawDown, type, key }) => ({
        id: uuidV5(invoiceId, `${key}/${drawDown.segmentId}`),
        commit_id: drawDown.commitId,
        segment_id: drawDown.segmentId,
        type,
        amount: toText(drawDown.amount.neg()),
        entered_at: instantText(drawDown.at),
        invoice_id: invoiceId,
        reason: type === GIVEN_BACK.POSTPAID ? "Late usage" : null,
      })),
    )
    .execute();
}

/** Marks the scheduled items on the invoice as billed; a second invoice cannot bill them again. */
export async function insertInvoicedItems(
  tx: CoreTransaction,
  { id: invoiceId, contractId, lines }: RatedInvoice,
): Promise<void> {
  // A subscription charge that a commit paid in part is on several lines.
  const itemIds = new Set(lines.map((line) => line.scheduleItemId).filter((id) => id !== null));
  if (itemIds.size === 0) return;
  await tx
    .insertInto("invoiced_schedule_items")
    .values(
      [...itemIds].map((itemId) => ({
        schedule_item_id: itemId,
        invoice_id: invoiceId,
        contract_id: contractId,
      })),
    )
    .execute();
}

/**
 * Makes everything that decides what a customer's commits pay take turns. In a transaction of one
 * snapshot it must be the first statement: whoever comes second fails, and sees the first one's
 * result when it runs again.
 */
export async function takeInvoicingTurn(tx: CoreTransaction, customerId: string): Promise<void> {
  await tx
    .updateTable("customers")
    .set((eb) => ({ invoicing_epoch: eb("invoicing_epoch", "+", 1n) }))
    .where("id", "=", customerId)
    .execute();
}

/** As takeInvoicingTurn, of several customers of an environment. Answers those that there are. */
export async function takeInvoicingTurns(
  tx: CoreTransaction,
  environmentId: string,
  customerIds: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = await tx
    .updateTable("customers")
    .set((eb) => ({ invoicing_epoch: eb("invoicing_epoch", "+", 1n) }))
    .where("environment_id", "=", environmentId)
    .where("id", "in", [...customerIds])
    .returning("id")
    .execute();
  return new Set(rows.map(({ id }) => id));
}
