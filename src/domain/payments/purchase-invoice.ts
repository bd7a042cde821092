import { type Decimal, sum } from "../decimal.ts";
import type { RatedInvoice } from "../invoices/invoice.ts";
import { uuidV5 } from "../invoices/invoice-id.ts";
import { type InvoiceLine, NO_LINE_DETAILS } from "../invoices/line.ts";
import { TAX_LINE } from "../invoices/tax-line.ts";
import type { TraceStep } from "../invoices/trace.ts";
import type { ProductType } from "../pricing/product.ts";
import type { Instant } from "../time.ts";
import type { PrecalculatedTax } from "./payment-gate.ts";

/** What is bought at once: a commit, by the one date of its invoice schedule. */
export interface Purchase {
  readonly workflowId: string;
  readonly customerId: string;
  readonly contractId: string;
  readonly creditTypeId: string;
  readonly commitId: string;
  readonly name: string;
  readonly product: {
    readonly id: string;
    readonly type: ProductType;
    readonly tags: readonly string[];
  };
  readonly item: {
    readonly id: string;
    readonly quantity: Decimal;
    readonly unitPrice: Decimal;
    readonly amount: Decimal;
  };
  /** How the amount came about, when a threshold decided it. */
  readonly reason: TraceStep | null;
  readonly tax: PrecalculatedTax | null;
  readonly at: Instant;
}

/** The id of the invoice that a workflow collects. */
export const purchaseInvoiceId = (workflowId: string): string => uuidV5(workflowId, "invoice");

/**
 * The invoice of a purchase that is charged at once: the commit and, when the caller computed one,
 * its tax. It carries nothing else of the contract, so that it can be voided alone. Pure.
 */
export function toPurchaseInvoice(purchase: Purchase): RatedInvoice {
  const lines = [toPurchaseLine(purchase), ...toTaxLines(purchase)];
  const total = sum(lines.map((line) => line.total));
  return {
    id: purchaseInvoiceId(purchase.workflowId),
    type: "SCHEDULED",
    customerId: purchase.customerId,
    contractId: purchase.contractId,
    generation: 0,
    creditTypeId: purchase.creditTypeId,
    period: null,
    dueAt: purchase.at,
    lines,
    subtotal: total,
    total,
    drawDowns: [],
    trueUps: [],
    unpriced: [],
  };
}

const toLine = (
  { creditTypeId, product, name }: Purchase,
  line: Pick<InvoiceLine, "lineKey" | "type" | "total" | "trace"> & Partial<InvoiceLine>,
): InvoiceLine => ({
  ...NO_LINE_DETAILS,
  name,
  creditTypeId,
  quantity: null,
  unitPrice: null,
  productId: product.id,
  productType: product.type,
  productTags: product.tags,
  ...line,
});

function toPurchaseLine(purchase: Purchase): InvoiceLine {
  const { commitId, item, at, reason } = purchase;
  const { id: scheduleItemId, quantity, unitPrice, amount } = item;
  const steps = reason === null ? [] : [reason];
  return toLine(purchase, {
    lineKey: `commit_purchase/${commitId}/${scheduleItemId}`,
    type: "commit_purchase",
    total: amount,
    quantity,
    unitPrice,
    purchasedCommitId: commitId,
    scheduleItemId,
    trace: [...steps, { step: "schedule", scheduleItemId, at, quantity, unitPrice, amount }],
  });
}

function toTaxLines(purchase: Purchase): InvoiceLine[] {
  const { tax, commitId } = purchase;
  if (tax === null) return [];
  return [
    toLine(purchase, {
      lineKey: `${TAX_LINE}${commitId}`,
      type: "scheduled",
      name: tax.name ?? "Tax",
      total: tax.amount,
      trace: [{ step: "tax", source: "precalculated", amount: tax.amount }],
    }),
  ];
}
