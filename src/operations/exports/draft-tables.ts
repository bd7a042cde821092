import type { StoredCustomFields } from "../../db/tables/invoices.ts";
import { toText } from "../../domain/decimal.ts";
import type { InvoiceLine } from "../../domain/invoices/line.ts";
import { COMMIT_WORDS, PRODUCT_WORDS } from "../../domain/invoices/line-words.ts";
import type { Column } from "../../platform/tabular/column.ts";
import { listDrafts } from "../../store/draft-invoices.ts";
import { INVOICE, LINE_ITEM } from "../../store/exports/invoice-tables.ts";
import type { OperationContext } from "../context.ts";
import { detailInvoices, type InvoiceDetail } from "../read-invoices.ts";
import { type Cells, decimalCell, inOrder, instantCell, jsonCell } from "./cells.ts";
import { customerWiseTable } from "./customer-wise-table.ts";
import type { ExportTable } from "./export-table.ts";
import { lineItemId } from "./line-item-id.ts";

/** What only an issued invoice has. */
const ISSUED_ONLY: ReadonlySet<string> = new Set([
  "issued_at",
  "finalized_at",
  "voided_at",
  "imported",
  "billed_total",
  "credited_total",
  "billing_provider",
  "billing_provider_invoice_id",
  "billing_provider_invoice_created_at",
  "billing_provider_invoice_external_status",
  "billing_provider_invoice_due_date",
  "billing_provider_invoice_total",
  "billing_provider_invoice_subtotal",
  "billing_provider_invoice_tax",
  "billing_provider_invoice_taxable",
  "billing_provider_invoice_url",
  "billing_provider_invoice_pdf_url",
  "billing_provider_payment_id",
  "billing_provider_error",
]);

const isTrueUp = ({ type, commit }: InvoiceLine): boolean =>
  type === "commit_purchase" && commit !== null;

function labelOf({ record, lines }: InvoiceDetail): string {
  if (record.type === "USAGE") return "CONTRACT_USAGE";
  return lines.some(isTrueUp) ? "CONTRACT_TRUEUP" : "CONTRACT_SCHEDULED";
}

function toInvoiceCells(draft: InvoiceDetail): Cells {
  const { record, customFields } = draft;
  const { approval, hold, lock } = record.review;
  return {
    id: record.id,
    customer_id: record.customerId,
    contract_id: record.contractId,
    type: record.type,
    invoice_label: labelOf(draft),
    status: record.status,
    credit_type_id: record.creditTypeId,
    start_timestamp: record.startAt,
    end_timestamp: record.endAt,
    subtotal: toText(draft.subtotal),
    total: toText(draft.total),
    net_payment_terms_days: draft.netPaymentTermsDays,
    billable_status: draft.billableStatus,
    approved_at: approval?.at ?? null,
    approved_by: approval?.by ?? null,
    hold_reason: hold?.reason ?? null,
    held_at: hold?.at ?? null,
    held_by: hold?.by ?? null,
    locked_at: lock?.at ?? null,
    locked_by: lock?.by ?? null,
    regenerated_from_invoice_id: record.regeneratedFrom,
    corrected_invoice_id: record.correctedInvoiceId,
    custom_fields: jsonCell(customFields.invoice?.[record.id] ?? {}),
    customer_custom_fields: jsonCell(customFields.customer?.[record.customerId] ?? {}),
    contract_custom_fields: jsonCell(customFields.contract?.[record.contractId] ?? {}),
    created_at: record.createdAt,
  };
}

/** The values that what a line names has; nothing where it names none. */
const fieldsOf = (fields: StoredCustomFields, entity: string, id: string | null): string | null =>
  id === null ? null : jsonCell(fields[entity]?.[id] ?? {});

function toLineCells({ record, customFields: fields }: InvoiceDetail, line: InvoiceLine): Cells {
  const isOffset = line.type === "applied_commit_or_credit";
  // A line that buys a commit names that one, and no other.
  const commit = line.purchasedCommitId === null ? line.commit : null;
  const commitId = line.purchasedCommitId ?? commit?.commitId ?? null;
  const commitEntity = commit?.type === "CREDIT" ? "contract_credit" : "commit";
  const subscriptionId = line.subscription?.id ?? null;
  return {
    id: lineItemId(record.id, line.lineKey),
    invoice_id: record.id,
    name: line.name,
    type: line.type,
    quantity: isOffset ? "1" : decimalCell(line.quantity),
    unit_price: isOffset ? null : decimalCell(line.unitPrice),
    total: toText(line.total),
    credit_type_id: line.creditTypeId,
    product_id: line.productId,
    product_type: line.productType && PRODUCT_WORDS[line.productType],
    product_tags: jsonCell(line.productTags),
    product_custom_fields: fieldsOf(fields, "contract_product", line.productId),
    starting_at: instantCell(line.startingAt),
    ending_before: instantCell(line.endingBefore),
    pricing_group_values: jsonCell(line.pricingGroupValues),
    presentation_group_values: jsonCell(line.presentationGroupValues),
    tier_level: line.tier?.level ?? null,
    tier_starting_at: decimalCell(line.tier?.startingAt ?? null),
    tier_size: decimalCell(line.tier?.size ?? null),
    commit_id: commitId,
    commit_segment_id: commit?.segmentId ?? null,
    commit_type: commit && COMMIT_WORDS[commit.type],
    applied_commit_or_credit_type: commit?.type ?? null,
    commit_custom_fields: fieldsOf(fields, commitEntity, commitId),
    scheduled_charge_id: line.scheduledChargeId,
    scheduled_charge_custom_fields: fieldsOf(fields, "scheduled_charge", line.scheduledChargeId),
    subscription_id: subscriptionId,
    subscription_custom_fields: fieldsOf(fields, "subscription", subscriptionId),
    is_prorated: line.subscription?.isProrated ?? null,
  };
}

/** The customer's drafts as the API shows them now. */
const readDrafts = async (ctx: OperationContext, customerId: string): Promise<InvoiceDetail[]> =>
  detailInvoices(ctx, customerId, await listDrafts(ctx.db, customerId));

const plain = (columns: readonly Column[]): Column[] =>
  columns.map(({ name, type }) => ({ name, type }));

const INVOICE_COLUMNS = plain(INVOICE.columns).filter(({ name }) => !ISSUED_ONLY.has(name));
const LINE_COLUMNS = plain(LINE_ITEM.columns);

export const draftInvoiceTable: ExportTable = customerWiseTable({
  name: "draft_invoice",
  key: "id",
  columns: INVOICE_COLUMNS,
  having: "drafts",
  async rowsOf(ctx, customerId) {
    const drafts = await readDrafts(ctx, customerId);
    return drafts.map((draft) => inOrder(INVOICE_COLUMNS, toInvoiceCells(draft)));
  },
});

export const draftLineItemTable: ExportTable = customerWiseTable({
  name: "draft_line_item",
  key: "id",
  columns: LINE_COLUMNS,
  having: "drafts",
  async rowsOf(ctx, customerId) {
    const drafts = await readDrafts(ctx, customerId);
    return drafts.flatMap((draft) =>
      draft.lines.map((line) => inOrder(LINE_COLUMNS, toLineCells(draft, line))),
    );
  },
});
