import { minus, ZERO } from "../../domain/decimal.ts";
import type { InvoiceDetail } from "../../operations/read-invoices.ts";
import { toColumns } from "../../store/conventions.ts";
import { toCreditTypeView } from "./credit-type.ts";
import { toExternalInvoiceView } from "./external-invoice-view.ts";
import { fieldsOf, toInvoiceLineView } from "./invoice-line-view.ts";
import { toReviewView } from "./invoice-review-view.ts";

export interface InvoiceViewOptions {
  readonly skipZeroQuantityLines: boolean;
  readonly withListPrices: boolean;
}

/** An invoice as the wire shows it. Amounts stay exact decimals in the unit of their credit type. */
export function toInvoiceView(
  invoice: InvoiceDetail,
  { skipZeroQuantityLines, withListPrices }: InvoiceViewOptions,
) {
  const { record, customFields, netPaymentTermsDays } = invoice;
  const lines = skipZeroQuantityLines
    ? invoice.lines.filter(({ quantity }) => quantity === null || !quantity.eq(ZERO))
    : invoice.lines;
  return {
    id: record.id,
    customer_id: record.customerId,
    contract_id: record.contractId,
    type: record.type,
    status: record.status,
    credit_type: toCreditTypeView(record.creditTypeId),
    ...(record.startAt === null ? {} : { start_timestamp: record.startAt }),
    ...(record.endAt === null ? {} : { end_timestamp: record.endAt }),
    ...(record.issuedAt === null ? {} : { issued_at: record.issuedAt }),
    subtotal: invoice.subtotal,
    total: invoice.total,
    line_items: lines.map((line) =>
      toInvoiceLineView(line, { fields: customFields, units: invoice.units, withListPrices }),
    ),
    ...(netPaymentTermsDays === null ? {} : { net_payment_terms_days: netPaymentTermsDays }),
    billable_status: invoice.billableStatus,
    ...toReviewView(invoice),
    ...(record.regeneratedFrom === null
      ? {}
      : { regenerated_from_invoice_id: record.regeneratedFrom }),
    ...(record.correctedInvoiceId === null
      ? {}
      : { corrected_invoice_id: record.correctedInvoiceId }),
    ...(invoice.credited.eq(ZERO) ? {} : { credited_total: invoice.credited }),
    ...(record.imported ? { imported: true } : {}),
    ...(record.billedTotal === null
      ? {}
      : {
          billed_total: record.billedTotal,
          difference: minus(invoice.total, record.billedTotal),
        }),
    conventions: toColumns(invoice.conventions),
    external_invoice: toExternalInvoiceView(invoice.external, record.creditTypeId),
    custom_fields: fieldsOf(customFields, "invoice", record.id),
    customer_custom_fields: fieldsOf(customFields, "customer", record.customerId),
    contract_custom_fields: fieldsOf(customFields, "contract", record.contractId),
  };
}
