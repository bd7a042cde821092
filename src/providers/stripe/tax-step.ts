import type Stripe from "stripe";
import { instantText, isBefore } from "../../domain/time.ts";
import { type ExternalState, type Step, TAX_TIMEOUT } from "../delivery-step.ts";
import type { StripeDocument, StripeTax } from "./document.ts";
import { type FoundInvoice, invoicePath } from "./observed.ts";
import { LINE_KEY } from "./to-requests.ts";

/** In the invoice's metadata: how the wait for tax ended. */
export const TAX_STATUS = "ledgerline_tax_status";
export const TIMED_OUT = "TIMED_OUT";
/** In the invoice's metadata: tax that stands there as an item, which the invoice itself does not tell from others. */
export const TAX_ITEMS = "ledgerline_tax_items_minor";

type WaitedTax = Exclude<StripeTax, { mode: "none" | "precalculated" }>;

/** Tax that somebody else puts on the draft; undefined: nobody is waited for. */
export const waitedTax = (tax: StripeTax): WaitedTax | undefined =>
  tax.mode === "none" || tax.mode === "precalculated" ? undefined : tax;

const SAYS_TAX = /\b(?:(?:ava)?tax(?:es)?|vat|gst|hst)\b/i;

/** An item that a tax app added beside our lines, told by its description or metadata. */
export const isTaxLine = ({ description, metadata }: Stripe.InvoiceLineItem): boolean =>
  metadata[LINE_KEY] === undefined &&
  [description ?? "", ...Object.entries(metadata).flat()].some((text) =>
    SAYS_TAX.test(text.replaceAll("_", " ")),
  );

const sumOf = (amounts: readonly number[]): number =>
  amounts.reduce((total, amount) => total + amount, 0);

/** Tax on top of the lines, in minor units: what is included in a line is in its amount already. */
export const addedTax = (invoice: Stripe.Invoice): number =>
  sumOf(
    (invoice.total_taxes ?? [])
      .filter(({ tax_behavior: behavior }) => behavior !== "inclusive")
      .map(({ amount }) => amount),
  );

const taxItems = (lines: readonly Stripe.InvoiceLineItem[]): number =>
  sumOf(lines.filter(isTaxLine).map(({ amount }) => amount));

/** What the invoice comes to without tax, in minor units. */
export const totalBeforeTax = (
  document: StripeDocument,
  { invoice, lines }: Pick<FoundInvoice, "invoice" | "lines">,
): bigint => {
  const items = waitedTax(document.tax) === undefined ? 0 : taxItems(lines);
  return BigInt(invoice.total - addedTax(invoice) - items);
};

/** Whether tax stands on the draft, by whichever way it came (docs/stripe.md, "Tax"). */
function hasArrived({ invoice, lines }: FoundInvoice): boolean {
  if ((invoice.total_taxes ?? []).length > 0 || lines.some(isTaxLine)) return true;
  const discounts = sumOf((invoice.total_discount_amounts ?? []).map(({ amount }) => amount));
  return invoice.total !== invoice.subtotal - discounts;
}

const update = (
  name: string,
  invoice: Stripe.Invoice,
  params: Readonly<Record<string, unknown>>,
): Step => ({
  step: "write",
  name,
  request: { method: "POST", path: invoicePath(invoice), params },
});

const OFF = { automatic_tax: { enabled: false } };

/** Tax that came by another way than Stripe's own: that one is switched off, lest it stops the invoice. */
function takeOver(found: FoundInvoice): Step | undefined {
  const { invoice, lines } = found;
  const items = lines.some(isTaxLine) ? String(taxItems(lines)) : undefined;
  const isNoted = items === undefined || invoice.metadata?.[TAX_ITEMS] === items;
  if (isNoted && !invoice.automatic_tax.enabled) return undefined;
  return update(`tax-elsewhere${items === undefined ? "" : `-${items}`}`, invoice, {
    ...OFF,
    ...(items === undefined ? {} : { metadata: { [TAX_ITEMS]: items } }),
  });
}

/**
 * What stands between a draft whose lines are right and its finalization: tax that is computed for
 * it, waited for up to a deadline. undefined: nothing does. Pure.
 */
export function awaitTax(
  document: StripeDocument,
  found: FoundInvoice,
  external: ExternalState,
): Step | undefined {
  const tax = waitedTax(document.tax);
  if (tax === undefined) return undefined;
  const { invoice, known } = found;
  const { enabled, status } = invoice.automatic_tax;
  if (enabled && status === "complete") return undefined;
  if (document.totalMinor <= 0n || hasArrived(found)) return takeOver(found);
  if (invoice.metadata?.[TAX_STATUS] === TIMED_OUT && !enabled) return undefined;
  const until = (known.waitingSince ?? known.now).add({ minutes: tax.waitMinutes });
  if (isBefore(known.now, until)) {
    const reason = `Waits for tax (${tax.mode}) on the draft ${invoice.id}, until ${instantText(until)} at most.`;
    return { step: "wait", until, reason };
  }
  if (tax.onTimeout === "leave_draft") {
    const message = `No tax (${tax.mode}) was put on the draft ${invoice.id} within ${tax.waitMinutes} minutes; it is left as it is. Finalize it at Stripe, or retry the run to wait once more.`;
    return { step: "refuse", code: TAX_TIMEOUT, message, external };
  }
  return update("tax-timeout", invoice, { ...OFF, metadata: { [TAX_STATUS]: TIMED_OUT } });
}

interface TaxDetails {
  readonly tax_minor: number;
  /** On what it was computed, where there is one tax only. */
  readonly taxable_minor?: number;
  readonly tax_status: string;
}

/** What an invoice tells of its tax; undefined: there is none, and none is expected. */
export function toTaxDetails(invoice: Stripe.Invoice): TaxDetails | undefined {
  const taxes = invoice.total_taxes ?? [];
  const items = invoice.metadata?.[TAX_ITEMS];
  const { enabled, status } = invoice.automatic_tax ?? { enabled: false, status: null };
  const timedOut = invoice.metadata?.[TAX_STATUS] === TIMED_OUT;
  if (taxes.length === 0 && items === undefined && !enabled && !timedOut) return undefined;
  const [tax, ...more] = taxes;
  const stands = taxes.length > 0 || items !== undefined;
  const missing = timedOut ? TIMED_OUT : (status ?? "pending").toUpperCase();
  return {
    tax_minor: sumOf(taxes.map(({ amount }) => amount)) + Number(items ?? 0),
    ...(typeof tax?.taxable_amount === "number" && more.length === 0
      ? { taxable_minor: tax.taxable_amount }
      : {}),
    tax_status: stands ? "COMPLETE" : missing,
  };
}
