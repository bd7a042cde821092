import { type CreditType, findCreditType } from "../../domain/credit-type.ts";
import { isZero } from "../../domain/decimal.ts";
import type { InvoiceLine } from "../../domain/invoices/line.ts";
import { fromMinor, roundToMinor } from "../../domain/money.ts";
import type { DeliverableInvoice } from "../deliverable-invoice.ts";
import type { Plan } from "../delivery-step.ts";
import type { PlannedConnection, RouteOptions } from "../provider-connection.ts";
import type { StripeDocument, StripeLine, StripePayment } from "./document.ts";
import {
  findContradiction,
  findUnfitTax,
  productIdOf,
  refuse,
  toCollecting,
  toLabels,
  toPendingItems,
  toTax,
} from "./invoice-terms.ts";
import { findTooLarge, maximumAmount, minimumCharge } from "./limits.ts";
import { toPieces } from "./line-pieces.ts";
import {
  findUnfitMapping,
  findUnfitValue,
  type MappingRule,
  mapLine,
  toRules,
} from "./map-fields.ts";
import { type StripeSettings, toStripeSettings } from "./settings.ts";
import { putTaxes } from "./stated-tax.ts";
import { toLines } from "./to-lines.ts";
import { findTooSmall, toPayment } from "./to-payment.ts";
import { isAutomatic } from "./to-requests.ts";

const COMPANY_LABEL = "Usage charges";

/** An invoice, and all that shapes its document. */
interface Planning {
  readonly invoice: DeliverableInvoice;
  readonly options: RouteOptions;
  readonly settings: StripeSettings;
  readonly rules: readonly MappingRule[];
  readonly creditType: CreditType;
  readonly customer: string;
  /** Our lines that are sent. */
  readonly sent: readonly InvoiceLine[];
}

/** Postpaid offsets are paid later; lines of quantity zero are noise on a bill unless they are wanted. */
const isSent = (line: InvoiceLine, zeroLines: boolean): boolean =>
  !(line.type === "applied_commit_or_credit" && line.commit?.type === "POSTPAID") &&
  (zeroLines || !(line.quantity !== null && isZero(line.quantity) && isZero(line.total)));

/** What a line adds to a sum of several: where lines are rounded before they are summed, rounded. */
const totalOf = ({ invoice: { conventions }, creditType }: Planning) =>
  conventions.invoiceRounding === "round_then_sum"
    ? ({ total }: InvoiceLine) =>
        fromMinor(roundToMinor(total, creditType, conventions.roundingMode), creditType)
    : ({ total }: InvoiceLine) => total;

/** The lines in minor units, with what the mapping rules and the route say of them, and their total. */
function makeLines(planning: Planning): { lines: StripeLine[]; totalMinor: bigint } {
  const { invoice, options, settings, rules, creditType, sent } = planning;
  const isTaxed = isAutomatic(toTax(settings, invoice));
  const pieces = toPieces(sent, {
    behavior: settings.line_limit_behavior,
    label: settings.company_name ?? invoice.sellerName ?? COMPANY_LABEL,
    pageUrl: invoice.pageUrl,
    totalOf: totalOf(planning),
  });
  const { lines, totalMinor } = toLines(pieces, {
    creditType,
    conventions: invoice.conventions,
    alwaysInText: settings.stripe_invoice_quantity_always_string,
    decimalQuantities: settings.quantity_decimal,
    netsCredits: isTaxed,
  });
  const made = lines.map(({ line, of }) => {
    const mapped = mapLine(rules, invoice, of);
    // A credit has no price, so that nothing can stand at it.
    const price =
      line.amountMinor < 0n
        ? { productId: undefined, priceMetadata: {} }
        : {
            productId: mapped.productId ?? productIdOf(options),
            priceMetadata: mapped.priceMetadata,
          };
    // Our amounts are without tax, whatever the account's default says of a price.
    const tax = isTaxed ? ({ taxBehavior: "exclusive" } as const) : {};
    return { ...line, metadata: mapped.metadata, ...price, ...tax, taxes: [] };
  });
  return { lines: made, totalMinor };
}

/** Why the account's settings leave so small an invoice out; a negative one is always sent. */
function findSkipped(
  { invoice, settings, creditType }: Planning,
  totalMinor: bigint,
): string | undefined {
  const minimum = minimumCharge(creditType);
  const isSmall = totalMinor >= 0n && totalMinor < minimum;
  if (!settings.skip_zero_dollar_invoices || invoice.collection !== undefined || !isSmall) {
    return undefined;
  }
  return `The total of ${totalMinor} minor units is below ${minimum}, the least that Stripe charges in ${creditType.currency.code} (skip_zero_dollar_invoices).`;
}

/** Why these amounts cannot be sent; undefined: they can. */
function findUnfitAmounts(
  { invoice, settings, creditType }: Planning,
  lines: readonly StripeLine[],
  totalMinor: bigint,
) {
  const maximum = maximumAmount(creditType, settings.max_amount);
  const tooLarge = findTooLarge(lines, totalMinor, maximum);
  if (tooLarge !== undefined) return refuse("amount_too_large", tooLarge);
  const tooSmall =
    invoice.collection === undefined ? undefined : findTooSmall(totalMinor, creditType);
  if (tooSmall !== undefined) return refuse("amount_too_small", tooSmall);
  const tax = toTax(settings, invoice);
  if (isAutomatic(tax) && totalMinor < 0n) {
    return refuse(
      "negative_lines_with_tax",
      `The total of ${totalMinor} minor units is negative, and Stripe works out no tax for it (tax_mode ${tax.mode}).`,
    );
  }
  return undefined;
}

/** A draft of ours is one there; a final invoice is left as one where the account's settings say so. */
const isLeftAsDraft = ({ invoice, settings }: Planning): boolean =>
  invoice.stage === "draft" ||
  (settings.leave_invoices_in_draft && invoice.collection === undefined);

function makeDocument(planning: Planning): Plan<StripeDocument | StripePayment> {
  const { invoice, options, settings, rules, creditType, customer, sent } = planning;
  const unfit = findUnfitValue(rules, invoice, sent);
  if (unfit !== undefined) return refuse(unfit.code, unfit.message);
  const { lines, totalMinor } = makeLines(planning);
  const unfitAmounts = findUnfitAmounts(planning, lines, totalMinor);
  if (unfitAmounts !== undefined) return unfitAmounts;
  const { collection } = invoice;
  if (collection?.method === "PAYMENT_INTENT") {
    const description = invoice.lines.map(({ name }) => name).join(", ");
    return toPayment({ invoice, customer, creditType, totalMinor, description });
  }
  const unfitMapping = findUnfitMapping(lines, invoice, sent);
  if (unfitMapping !== undefined) return refuse(unfitMapping.code, unfitMapping.message);
  const pendingItems = toPendingItems(invoice, options);
  const tax = toTax(settings, invoice);
  const unfitTax = findUnfitTax(tax, invoice, lines, pendingItems);
  if (unfitTax !== undefined) return unfitTax;
  const skipped = pendingItems === undefined ? findSkipped(planning, totalMinor) : undefined;
  if (skipped !== undefined) return { outcome: "skip", reason: skipped };
  const collecting = toCollecting(invoice, options, settings);
  if ("outcome" in collecting) return collecting;
  const labels = toLabels(invoice, options, rules);
  if ("outcome" in labels) return labels;
  return {
    outcome: "send",
    document: {
      kind: "invoice",
      invoiceId: invoice.id,
      customer,
      currency: creditType.currency.code.toLowerCase(),
      ...collecting.made,
      leaveAsDraft: isLeftAsDraft(planning),
      tax,
      collection: collection && {
        wanted: collection.wanted,
        isOnSession: collection.isOnSession,
      },
      revises: invoice.stage !== undefined,
      ...labels.made,
      lines: tax.mode === "precalculated" ? putTaxes(lines, invoice.taxes ?? []) : lines,
      totalMinor,
      pendingItems,
    },
  };
}

/** The Stripe invoice for one of ours, or why there will be none (docs/stripe.md). */
export function toStripeDocument(
  invoice: DeliverableInvoice,
  options: RouteOptions,
  connection: PlannedConnection,
): Plan<StripeDocument | StripePayment> {
  const creditType = findCreditType(invoice.creditTypeId);
  if (creditType === undefined) {
    return refuse("currency_not_supported", "The invoice is not in a currency that Stripe knows.");
  }
  const customer = options.stripe_customer_id;
  if (typeof customer !== "string" || customer === "") {
    return refuse("stripe_customer_missing", "The billing configuration names no Stripe customer.");
  }
  const contradiction = findContradiction(options);
  if (contradiction !== undefined) return refuse("options_contradict", contradiction);
  // Lines in a pricing unit are no money: what is left of them is on the line that converts it.
  const money = invoice.lines.filter((line) => line.creditTypeId === invoice.creditTypeId);
  if (money.length === 0 && invoice.lines.length > 0) {
    return { outcome: "skip", reason: "Every line is in a pricing unit; there is nothing to pay." };
  }
  const settings = toStripeSettings(connection);
  const sent = money.filter((line) => isSent(line, settings.include_zero_quantity_sub_line_items));
  const rules = toRules(connection);
  return makeDocument({ invoice, options, settings, rules, creditType, customer, sent });
}
