import { createHash } from "node:crypto";
import type { Conventions } from "../../domain/conventions.ts";
import { type CreditType, findCreditType } from "../../domain/credit-type.ts";
import { type Decimal, dec, round, toText, ZERO } from "../../domain/decimal.ts";
import type { InvoiceLine } from "../../domain/invoices/line.ts";
import { statedEnd } from "../../domain/invoices/stated-end.ts";
import { allocateMinor } from "../../domain/money.ts";
import type { Instant } from "../../domain/time.ts";
import type { DeliverableInvoice, Plan, RouteOptions } from "../provider.ts";
import type { StripeDocument, StripeLine, StripePayment } from "./document.ts";
import { describeLine } from "./line-text.ts";
import { findTooSmall, toMetadata, toPayment } from "./to-payment.ts";

/** Stripe docs: "Invoice limits". */
const MAX_LINES = 250;
const MAX_AMOUNT_MINOR = 99_999_999n;
const MAX_UNIT_DECIMALS = 12;
const MAX_METADATA_VALUE = 500;
const MAX_QUANTITY = dec("999999999");
const DEFAULT_DAYS_UNTIL_DUE = 30;
const COMPANY_LABEL = "Usage charges";

const refuse = (code: string, message: string) => ({ outcome: "refuse", code, message }) as const;

/** Postpaid offsets are paid later; lines of quantity zero are noise on a bill. */
const isSent = (line: InvoiceLine): boolean =>
  !(line.type === "applied_commit_or_credit" && line.commit?.type === "POSTPAID") &&
  !(line.quantity?.eq(ZERO) && line.total.eq(ZERO));

const decimalsOf = (value: Decimal): number => Math.max(0, value.c.length - value.e - 1);

const isInteger = (value: Decimal): boolean => value.eq(ZERO) || decimalsOf(value) === 0;

/** Group values make keys of any length; a value of metadata is short. */
const toMetadataKey = (lineKey: string): string =>
  lineKey.length <= MAX_METADATA_VALUE
    ? lineKey
    : `sha256:${createHash("sha256").update(lineKey).digest("hex")}`;

const toSeconds = ({ epochMilliseconds }: Instant): number => Math.trunc(epochMilliseconds / 1000);

const toPeriod = (
  { startingAt, endingBefore }: InvoiceLine,
  { periodEnd }: Conventions,
): StripeLine["period"] =>
  startingAt === null || endingBefore === null
    ? undefined
    : { start: toSeconds(startingAt), end: toSeconds(statedEnd(endingBefore, periodEnd)) };

/**
 * Quantity and unit price, when Stripe's own product of the two comes to the very amount we send;
 * a credit or a line that moved by a unit in rounding is sent as an amount.
 */
function toPriced(
  line: InvoiceLine,
  amountMinor: bigint,
  creditType: CreditType,
): StripeLine["priced"] {
  const { quantity, unitPrice } = line;
  if (quantity === null || unitPrice === null) return undefined;
  if (unitPrice.lt(ZERO) || quantity.lte(ZERO) || quantity.gt(MAX_QUANTITY)) return undefined;
  const unitMinor = unitPrice.times(dec(`1e${creditType.wireExponent}`));
  if (decimalsOf(unitMinor) > MAX_UNIT_DECIMALS) return undefined;
  const product = round(unitMinor.times(quantity), 0, "half_away_from_zero");
  if (!product.eq(dec(amountMinor.toString()))) return undefined;
  return { unitAmountDecimal: toText(unitMinor), quantity: toText(quantity) };
}

function toLines(
  sent: readonly InvoiceLine[],
  creditType: CreditType,
  conventions: Conventions,
): StripeLine[] {
  const { amountsMinor, moved } = allocateMinor(
    sent.map((line) => line.total),
    creditType,
    conventions,
  );
  const movedLines = new Set(moved);
  const wholePieces = sent.some((line) => line.quantity !== null && !isInteger(line.quantity));
  return sent.map((line, index) => {
    const amountMinor = amountsMinor[index] ?? 0n;
    const priced =
      wholePieces || movedLines.has(index) ? undefined : toPriced(line, amountMinor, creditType);
    return {
      key: toMetadataKey(line.lineKey),
      description: describeLine(line, creditType, priced === undefined),
      amountMinor,
      priced,
      productName: line.name,
      productId: undefined,
      metadata: {},
      priceMetadata: {},
      taxes: [],
      period: toPeriod(line, conventions),
    };
  });
}

/** More lines than Stripe takes become one that carries the exact total, and leads to all of them. */
function collapse(lines: readonly StripeLine[], totalMinor: bigint, pageUrl: string): StripeLine[] {
  if (lines.length > 0 && lines.length <= MAX_LINES) return [...lines];
  const all = `${COMPANY_LABEL}: ${lines.length} lines, see ${pageUrl}`;
  return [
    {
      key: "total",
      description: lines.length === 0 ? COMPANY_LABEL : all,
      amountMinor: totalMinor,
      priced: undefined,
      productName: COMPANY_LABEL,
      productId: undefined,
      metadata: {},
      priceMetadata: {},
      taxes: [],
      period: undefined,
    },
  ];
}

/** Why Stripe would refuse these amounts, so that nothing is sent in the first place. */
function findTooLarge(lines: readonly StripeLine[], totalMinor: bigint): string | undefined {
  const isTooLarge = (amount: bigint) => amount > MAX_AMOUNT_MINOR || amount < -MAX_AMOUNT_MINOR;
  const limit = `above Stripe's maximum of ${MAX_AMOUNT_MINOR}`;
  if (isTooLarge(totalMinor)) return `The total of ${totalMinor} minor units is ${limit}.`;
  const line = lines.find(({ amountMinor }) => isTooLarge(amountMinor));
  return (
    line && `The line "${line.productName}" of ${line.amountMinor} minor units is ${limit} a line.`
  );
}

/** The Stripe invoice for one of ours, or why there will be none (docs/stripe.md). */
export function toStripeDocument(
  invoice: DeliverableInvoice,
  options: RouteOptions,
): Plan<StripeDocument | StripePayment> {
  const creditType = findCreditType(invoice.creditTypeId);
  if (creditType === undefined) {
    return refuse("currency_not_supported", "The invoice is not in a currency that Stripe knows.");
  }
  const customer = options.stripe_customer_id;
  if (typeof customer !== "string" || customer === "") {
    return refuse("stripe_customer_missing", "The billing configuration names no Stripe customer.");
  }
  // Lines in a pricing unit are no money: what is left of them is on the line that converts it.
  const money = invoice.lines.filter((line) => line.creditTypeId === invoice.creditTypeId);
  if (money.length === 0 && invoice.lines.length > 0) {
    return { outcome: "skip", reason: "Every line is in a pricing unit; there is nothing to pay." };
  }
  const sent = money.filter(isSent);
  const { totalMinor } = allocateMinor(
    sent.map((line) => line.total),
    creditType,
    invoice.conventions,
  );
  const lines = collapse(
    toLines(sent, creditType, invoice.conventions),
    totalMinor,
    invoice.pageUrl,
  );
  const tooLarge = findTooLarge(lines, totalMinor);
  if (tooLarge !== undefined) return refuse("amount_too_large", tooLarge);
  const { collection } = invoice;
  if (collection !== undefined) {
    const tooSmall = findTooSmall(totalMinor, creditType);
    if (tooSmall !== undefined) return refuse("amount_too_small", tooSmall);
  }
  if (collection?.method === "PAYMENT_INTENT") {
    const description = invoice.lines.map(({ name }) => name).join(", ");
    return toPayment({ invoice, customer, creditType, totalMinor, description });
  }
  const sends = collection === undefined && options.stripe_collection_method === "send_invoice";
  return {
    outcome: "send",
    document: {
      kind: "invoice",
      invoiceId: invoice.id,
      customer,
      currency: creditType.currency.code.toLowerCase(),
      collectionMethod: sends ? "send_invoice" : "charge_automatically",
      daysUntilDue: sends ? DEFAULT_DAYS_UNTIL_DUE : undefined,
      dueDate: undefined,
      sends: false,
      leaveAsDraft: false,
      customFields: [],
      tax: { mode: "none" },
      collection: collection && {
        wanted: collection.wanted,
        isOnSession: collection.isOnSession,
      },
      revises: false,
      metadata: toMetadata(invoice),
      lines,
      totalMinor,
      pendingItems: undefined,
    },
  };
}
