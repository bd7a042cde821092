import { type Decimal, toText } from "../../domain/decimal.ts";
import type { InvoiceLine } from "../../domain/invoices/line.ts";
import { type Instant, instantText } from "../../domain/time.ts";
import type { Cell, Column, Row } from "../../platform/tabular/column.ts";
import { listDrafts } from "../../store/draft-invoices.ts";
import { INVOICE, LINE_ITEM } from "../../store/exports/invoice-tables.ts";
import type { OperationContext } from "../context.ts";
import { detailInvoices, type InvoiceDetail } from "../read-invoices.ts";
import { customerWiseTable } from "./customer-wise-table.ts";
import type { ExportTable } from "./export-table.ts";
import { lineItemId } from "./line-item-id.ts";

type Cells = Readonly<Record<string, Cell>>;

/** What only an issued invoice has. */
const ISSUED_ONLY: ReadonlySet<string> = new Set([
  "issued_at",
  "finalized_at",
  "voided_at",
  "imported",
  "billing_provider",
  "billing_provider_invoice_id",
  "billing_provider_invoice_created_at",
  "billing_provider_invoice_external_status",
  "billing_provider_error",
]);

const decimal = (value: Decimal | null): string | null => value && toText(value);
const at = (value: Instant | null): string | null => value && instantText(value);
const json = (value: unknown): string | null =>
  value === null || value === undefined ? null : JSON.stringify(value);

const isTrueUp = ({ type, commit }: InvoiceLine): boolean =>
  type === "commit_purchase" && commit !== null;

function labelOf({ record, lines }: InvoiceDetail): string {
  if (record.type === "USAGE") return "CONTRACT_USAGE";
  return lines.some(isTrueUp) ? "CONTRACT_TRUEUP" : "CONTRACT_SCHEDULED";
}

function toInvoiceCells(draft: InvoiceDetail): Cells {
  const { record, customFields } = draft;
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
    regenerated_from_invoice_id: record.regeneratedFrom,
    corrected_invoice_id: record.correctedInvoiceId,
    custom_fields: json(customFields.invoice?.[record.id] ?? {}),
    customer_custom_fields: json(customFields.customer?.[record.customerId] ?? {}),
    contract_custom_fields: json(customFields.contract?.[record.contractId] ?? {}),
    created_at: record.createdAt,
  };
}

function toLineCells(invoiceId: string, line: InvoiceLine): Cells {
  const isOffset = line.type === "applied_commit_or_credit";
  return {
    id: lineItemId(invoiceId, line.lineKey),
    invoice_id: invoiceId,
    name: line.name,
    type: line.type,
    quantity: isOffset ? "1" : decimal(line.quantity),
    unit_price: isOffset ? null : decimal(line.unitPrice),
    total: toText(line.total),
    credit_type_id: line.creditTypeId,
    product_id: line.productId,
    product_type: line.productType,
    product_tags: json(line.productTags),
    starting_at: at(line.startingAt),
    ending_before: at(line.endingBefore),
    pricing_group_values: json(line.pricingGroupValues),
    presentation_group_values: json(line.presentationGroupValues),
    tier_level: line.tier?.level ?? null,
    tier_starting_at: decimal(line.tier?.startingAt ?? null),
    tier_size: decimal(line.tier?.size ?? null),
    commit_id: line.purchasedCommitId ?? line.commit?.commitId ?? null,
    commit_segment_id: line.commit?.segmentId ?? null,
    commit_type: line.commit?.type ?? null,
    scheduled_charge_id: line.scheduledChargeId,
    subscription_id: line.subscription?.id ?? null,
    is_prorated: line.subscription?.isProrated ?? null,
  };
}

const inOrder = (columns: readonly Column[], cells: Cells): Row =>
  columns.map(({ name }) => cells[name] ?? null);

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
    return drafts.flatMap(({ record, lines }) =>
      lines.map((line) => inOrder(LINE_COLUMNS, toLineCells(record.id, line))),
    );
  },
});
