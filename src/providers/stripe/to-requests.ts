import type { ProviderRequest } from "../delivery-step.ts";
import type { StripeDocument, StripeLine, StripeTax } from "./document.ts";

export const CREATE_PATH = "/v1/invoices";
export const LINE_KEY = "ledgerline_line_key";

/** Whether Stripe itself works the tax out, or an app that it runs. */
export const isAutomatic = ({ mode }: StripeTax): boolean =>
  mode === "stripe" || mode === "anrok" || mode === "avalara";

function dueTerms({ daysUntilDue, dueDate }: StripeDocument) {
  if (dueDate !== undefined) return { due_date: dueDate };
  return daysUntilDue === undefined ? {} : { days_until_due: daysUntilDue };
}

/** The draft comes first, takes no pending items and does nothing by itself until it is checked. */
export const toCreate = (document: StripeDocument): ProviderRequest => ({
  method: "POST",
  path: CREATE_PATH,
  params: {
    customer: document.customer,
    currency: document.currency,
    collection_method: document.collectionMethod,
    ...dueTerms(document),
    auto_advance: false,
    automatic_tax: { enabled: isAutomatic(document.tax) },
    discounts: "",
    pending_invoice_items_behavior: "exclude",
    ...(document.customFields.length === 0 ? {} : { custom_fields: document.customFields }),
    metadata: document.metadata,
  },
});

const isWhole = (quantity: string): boolean => !quantity.includes(".");

/** The price that Stripe makes with a line: of a product that is there, or of one made with it. */
const toPriceData = (line: StripeLine, currency: string, unitAmountDecimal: string) => ({
  currency,
  unit_amount_decimal: unitAmountDecimal,
  ...(line.taxBehavior === undefined ? {} : { tax_behavior: line.taxBehavior }),
  ...(line.productId === undefined
    ? { product_data: { name: line.productName } }
    : { product: line.productId }),
});

/**
 * A line sent as an amount has a price of its own only where it needs one: to belong to a product, to
 * carry metadata, or to say that tax comes on top. A price is never negative, so that a credit has none.
 */
const needsPrice = ({ productId, priceMetadata, taxBehavior, amountMinor }: StripeLine): boolean =>
  amountMinor >= 0n &&
  (productId !== undefined || taxBehavior !== undefined || Object.keys(priceMetadata).length > 0);

function toPricing(line: StripeLine, currency: string) {
  const { priced, amountMinor } = line;
  if (priced !== undefined) {
    const { quantity, unitAmountDecimal } = priced;
    return {
      ...(isWhole(quantity) ? { quantity: Number(quantity) } : { quantity_decimal: quantity }),
      price_data: toPriceData(line, currency, unitAmountDecimal),
    };
  }
  if (!needsPrice(line)) return { amount: Number(amountMinor) };
  return { quantity: 1, price_data: toPriceData(line, currency, amountMinor.toString()) };
}

const toLineParams = (line: StripeLine, currency: string) => ({
  ...toPricing(line, currency),
  description: line.description,
  discountable: false,
  ...(line.period === undefined ? {} : { period: line.period }),
  metadata: { ...line.metadata, [LINE_KEY]: line.key },
  ...(line.taxes.length === 0
    ? {}
    : {
        tax_amounts: line.taxes.map((tax) => ({
          amount: Number(tax.amountMinor),
          taxable_amount: Number(tax.taxableAmountMinor),
          tax_rate_data: {
            display_name: tax.name,
            inclusive: false,
            percentage: tax.percentage,
          },
        })),
      }),
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
