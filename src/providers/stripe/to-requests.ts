import type { ProviderRequest } from "../provider.ts";
import type { StripeDocument, StripeLine } from "./document.ts";

export const CREATE_PATH = "/v1/invoices";
export const LINE_KEY = "ledgerline_line_key";

/** The draft comes first, takes no pending items and does nothing by itself until it is checked. */
export const toCreate = (document: StripeDocument): ProviderRequest => ({
  method: "POST",
  path: CREATE_PATH,
  params: {
    customer: document.customer,
    currency: document.currency,
    collection_method: document.collectionMethod,
    ...(document.daysUntilDue === undefined ? {} : { days_until_due: document.daysUntilDue }),
    auto_advance: false,
    automatic_tax: { enabled: false },
    discounts: "",
    pending_invoice_items_behavior: "exclude",
    metadata: document.metadata,
  },
});

const toLineParams = (line: StripeLine, currency: string) => ({
  ...(line.priced === undefined
    ? { amount: Number(line.amountMinor) }
    : {
        quantity: Number(line.priced.quantity),
        price_data: {
          currency,
          unit_amount_decimal: line.priced.unitAmountDecimal,
          product_data: { name: line.productName },
        },
      }),
  description: line.description,
  discountable: false,
  ...(line.period === undefined ? {} : { period: line.period }),
  metadata: { [LINE_KEY]: line.key },
});

/** Adds up to 100 lines; named after its first line, so that each batch has a key of its own. */
export const toAddLines = (
  id: string,
  lines: readonly StripeLine[],
  currency: string,
): ProviderRequest => ({
  method: "POST",
  path: `/v1/invoices/${id}/add_lines`,
  params: { lines: lines.map((line) => toLineParams(line, currency)) },
});
