import type { Selectable } from "kysely";
import type { CoreDb } from "../db/database.ts";
import type { InvoicesTable, StoredCustomFields } from "../db/tables/invoices.ts";
import { type Conventions, DEFAULT_CONVENTIONS } from "../domain/conventions.ts";
import { type Decimal, dec } from "../domain/decimal.ts";
import type { BillableStatus } from "../domain/invoices/billable-status.ts";
import type { InvoiceStatus, InvoiceType } from "../domain/invoices/invoice.ts";
import type { InvoiceLine } from "../domain/invoices/line.ts";
import { notFound } from "../errors.ts";
import { fromStoredLine } from "./invoice-lines.ts";

/** What was frozen when an invoice was finalized. Amounts are exact, in the wire unit. */
export interface FrozenContent {
  readonly lines: readonly InvoiceLine[];
  readonly subtotal: Decimal;
  readonly total: Decimal;
  /** What it was made with; the defaults when it is older than the choice. */
  readonly conventions: Conventions;
  /** By entity ("customer", "contract", "contract_product", ...), id and key. */
  readonly customFields: StoredCustomFields;
  /** SHA-256 over everything that was frozen. */
  readonly hash: string;
}

/** What people decided about an invoice; null where nobody did. */
export interface InvoiceReview {
  /** An issue date in place of the one that follows from the terms. */
  readonly issueMovedAt: string | null;
  readonly approval: { readonly at: string; readonly by: string; readonly hash: string } | null;
  readonly hold: { readonly at: string; readonly by: string; readonly reason: string } | null;
  readonly lock: { readonly at: string; readonly by: string } | null;
}

/** An invoice as it is stored. Instants are canonical text. */
export interface InvoiceRecord {
  readonly id: string;
  readonly environmentId: string;
  readonly customerId: string;
  readonly contractId: string;
  readonly type: InvoiceType;
  readonly status: InvoiceStatus;
  readonly creditTypeId: string;
  /** Billing period; null for SCHEDULED. */
  readonly startAt: string | null;
  readonly endAt: string | null;
  /** null while it is a draft. */
  readonly issuedAt: string | null;
  /** USAGE: null until the period has ended. SCHEDULED: the scheduled instant. */
  readonly finalizeDueAt: string | null;
  readonly finalizedAt: string | null;
  readonly voidedAt: string | null;
  /** As it was at finalization; null for a draft, which follows its contract. */
  readonly netPaymentTermsDays: number | null;
  readonly generation: number;
  readonly createdAt: string;
  readonly position: bigint;
  /** The void invoice whose place it took; null: none. */
  readonly regeneratedFrom: string | null;
  /** The invoice whose late usage it bills; null: it is none of those. */
  readonly correctedInvoiceId: string | null;
  /** Until when late usage of its period may be billed; null: it is not looked for. */
  readonly lateUsageUntil: string | null;
  /** Issued elsewhere, and taken in. */
  readonly imported: boolean;
  readonly billableStatus: BillableStatus;
  /** What the customer was billed for an imported invoice; null: not told. */
  readonly billedTotal: Decimal | null;
  readonly review: InvoiceReview;
  /** null while it is a draft: drafts are computed when they are read. */
  readonly content: FrozenContent | null;
}

/** A finalized or void invoice. */
export type FrozenInvoice = InvoiceRecord & { readonly content: FrozenContent };

/** Every column that a record needs; traces and inputs stay behind, they are large. */
export const INVOICE_COLUMNS = [
  "id",
  "environment_id",
  "customer_id",
  "contract_id",
  "type",
  "status",
  "credit_type_id",
  "start_at",
  "end_at",
  "issued_at",
  "finalize_due_at",
  "finalized_at",
  "voided_at",
  "net_payment_terms_days",
  "generation",
  "created_at",
  "position",
  "lines",
  "subtotal",
  "total",
  "custom_fields",
  "conventions",
  "content_hash",
  "regenerated_from_invoice_id",
  "corrected_invoice_id",
  "late_usage_until",
  "imported",
  "billable_status",
  "billed_total",
  "issue_moved_at",
  "approved_at",
  "approved_by",
  "approved_hash",
  "held_at",
  "held_by",
  "hold_reason",
  "locked_at",
  "locked_by",
] as const;

export type InvoiceRow = Pick<Selectable<InvoicesTable>, (typeof INVOICE_COLUMNS)[number]>;

/** A row as the rest of the product knows it. */
export const toInvoiceRecord = (row: InvoiceRow): InvoiceRecord => ({
  id: row.id,
  environmentId: row.environment_id,
  customerId: row.customer_id,
  contractId: row.contract_id,
  type: row.type,
  status: row.status,
  creditTypeId: row.credit_type_id,
  startAt: row.start_at,
  endAt: row.end_at,
  issuedAt: row.issued_at,
  finalizeDueAt: row.finalize_due_at,
  finalizedAt: row.finalized_at,
  voidedAt: row.voided_at,
  netPaymentTermsDays: row.net_payment_terms_days,
  generation: row.generation,
  createdAt: row.created_at,
  position: row.position,
  regeneratedFrom: row.regenerated_from_invoice_id,
  correctedInvoiceId: row.corrected_invoice_id,
  lateUsageUntil: row.late_usage_until,
  imported: row.imported,
  billableStatus: row.billable_status,
  billedTotal: row.billed_total === null ? null : dec(row.billed_total),
  review: toReview(row),
  content: toContent(row),
});

const toReview = (row: InvoiceRow): InvoiceReview => ({
  issueMovedAt: row.issue_moved_at,
  approval:
    row.approved_at === null || row.approved_by === null || row.approved_hash === null
      ? null
      : { at: row.approved_at, by: row.approved_by, hash: row.approved_hash },
  hold:
    row.held_at === null || row.held_by === null || row.hold_reason === null
      ? null
      : { at: row.held_at, by: row.held_by, reason: row.hold_reason },
  lock:
    row.locked_at === null || row.locked_by === null
      ? null
      : { at: row.locked_at, by: row.locked_by },
});

function toContent(row: InvoiceRow): FrozenContent | null {
  const { lines, subtotal, total, content_hash: hash } = row;
  if (lines === null || subtotal === null || total === null || hash === null) return null;
  return {
    lines: lines.map(fromStoredLine),
    subtotal: dec(subtotal),
    total: dec(total),
    conventions: row.conventions ?? DEFAULT_CONVENTIONS,
    customFields: row.custom_fields ?? {},
    hash,
  };
}

/** When a draft is due to be finalized; null while its period runs. */
export const dueTimeOf = ({ finalizeDueAt, review }: InvoiceRecord): string | null =>
  review.issueMovedAt ?? finalizeDueAt;

/** Whether the invoice is finalized or void, and so has its content. */
export const isFrozen = (invoice: InvoiceRecord): invoice is FrozenInvoice =>
  invoice.content !== null;

/** An invoice of the environment, or undefined. */
export async function findInvoice(
  db: CoreDb,
  environmentId: string,
  id: string,
): Promise<InvoiceRecord | undefined> {
  const row = await db
    .selectFrom("invoices")
    .select(INVOICE_COLUMNS)
    .where("environment_id", "=", environmentId)
    .where("id", "=", id)
    .executeTakeFirst();
  return row === undefined ? undefined : toInvoiceRecord(row);
}

/** As findInvoice. Throws not found. */
export async function getInvoice(
  db: CoreDb,
  environmentId: string,
  id: string,
): Promise<InvoiceRecord> {
  const invoice = await findInvoice(db, environmentId, id);
  if (invoice === undefined) throw notFound("invoice", id);
  return invoice;
}
