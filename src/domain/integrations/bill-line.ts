import type { CreditType } from "../credit-type.ts";
import { type Decimal, ONE, ZERO } from "../decimal.ts";
import { isLateKey } from "../invoices/billed-usage.ts";
import { chargeKindOf } from "../invoices/charge-kind.ts";
import { uuidV5 } from "../invoices/invoice-id.ts";
import type { InvoiceLine } from "../invoices/line.ts";
import { toWholeUnits } from "../money.ts";
import type { Product, ProductVersion } from "../pricing/product.ts";
import { versionAt } from "../pricing/version-runs.ts";
import type { Instant, Interval } from "../time.ts";
import { type LineItemType, toLineItemType } from "./line-item-type.ts";

/** What one price of a tiered rate charges. */
export interface BandUsage {
  readonly lowerLimit: Decimal;
  readonly unitPrice: Decimal;
  readonly fixedPrice: Decimal;
  readonly bandUnits: Decimal;
  readonly bandQuantity: Decimal;
  readonly bandSubtotal: Decimal;
}

/** An invoice line as a line of a bill. Money is in whole units of `currency`, exact. */
export interface BillLine {
  /** Stable: of the bill and the line's key. */
  readonly id: string;
  /** From 1, in the bill's order. */
  readonly sequenceNumber: number;
  readonly description: string;
  readonly lineItemType: LineItemType;
  readonly quantity: Decimal;
  readonly units: Decimal;
  readonly unit: string;
  readonly subtotal: Decimal;
  /** A currency's code, or the name of a custom pricing unit. */
  readonly currency: string;
  /**
   * 1 for what counts in the bill's total, 0 for what is only shown: lines in a custom pricing unit, which
   * count through the line that converts them, and what counts towards a postpaid commit.
   */
  readonly conversionRate: Decimal;
  /** Of all lines they add up to the bill's total. */
  readonly convertedSubtotal: Decimal;
  readonly averageUnitPrice: Decimal;
  readonly productId: string | null;
  readonly productName: string | null;
  readonly aggregationId: string | null;
  readonly contractId: string;
  readonly commitmentId: string | null;
  readonly balanceId: string | null;
  readonly chargeId: string | null;
  readonly segment: Readonly<Record<string, string>>;
  readonly group: Readonly<Record<string, string>>;
  readonly servicePeriod: Interval;
  readonly usagePerPricingBand: readonly BandUsage[];
  /** The bill whose usage it corrects. */
  readonly referencedBillId: string | null;
}

/** What the lines of one bill are read with. */
export interface BillLineSource {
  readonly billId: string;
  readonly contractId: string;
  readonly creditType: CreditType;
  /** The billing period, or the scheduled instant. */
  readonly period: Interval;
  readonly lines: readonly InvoiceLine[];
  readonly products: ReadonlyMap<string, Product>;
  /** What custom pricing units are called. */
  readonly unitNames: ReadonlyMap<string, string>;
}

/** A unit is none of our notions: quantities are numbers (UCUM: "1"). */
const NO_UNIT = "1";
/** In whole units, what is in a custom pricing unit: that has no minor unit. */
const asItIs = (amount: Decimal): Decimal => amount;

/** The lines of a bill, in its order. Pure. */
export function toBillLines(source: BillLineSource): BillLine[] {
  return source.lines.map((line, index) => toBillLine(source, line, index + 1));
}

function toBillLine(source: BillLineSource, line: InvoiceLine, sequenceNumber: number): BillLine {
  const { creditType, billId, contractId, unitNames } = source;
  const isMoney = line.creditTypeId === creditType.id;
  const whole = isMoney ? (amount: Decimal) => toWholeUnits(amount, creditType) : asItIs;
  const subtotal = whole(line.total);
  const conversionRate = isMoney && !isPromised(line) ? ONE : ZERO;
  const quantity = line.quantity ?? ONE;
  const version = versionOf(source, line);
  const isCredit = line.commit?.type === "CREDIT";
  return {
    id: billLineId(billId, line.lineKey),
    sequenceNumber,
    description: line.name,
    lineItemType: toLineItemType(line),
    quantity,
    units: quantity,
    unit: NO_UNIT,
    subtotal,
    currency: isMoney
      ? creditType.currency.code
      : (unitNames.get(line.creditTypeId) ?? line.creditTypeId),
    conversionRate,
    convertedSubtotal: subtotal.times(conversionRate),
    averageUnitPrice: line.unitPrice === null ? subtotal : whole(line.unitPrice),
    productId: line.productId,
    productName: version?.name ?? null,
    aggregationId: line.type === "usage" ? (version?.metricId ?? null) : null,
    contractId,
    commitmentId: line.purchasedCommitId ?? (isCredit ? null : (line.commit?.commitId ?? null)),
    balanceId: isCredit ? (line.commit?.commitId ?? null) : null,
    chargeId: line.scheduledChargeId,
    segment: line.pricingGroupValues ?? {},
    group: line.presentationGroupValues ?? {},
    servicePeriod: servicePeriodOf(source, line),
    usagePerPricingBand: toBands(line, whole),
    referencedBillId: isLateKey(line.lineKey) ? (line.lineKey.split("/")[1] ?? null) : null,
  };
}

/** The id of the line with this key. */
export const billLineId = (billId: string, lineKey: string): string =>
  uuidV5(billId, `line/${lineKey}`);

/** It counts towards a postpaid commit, and is paid all the same. */
const isPromised = ({ type, commit }: InvoiceLine): boolean =>
  type === "applied_commit_or_credit" && commit?.type === "POSTPAID";

const startOf = ({ period }: BillLineSource, { startingAt }: InvoiceLine): Instant =>
  startingAt ?? period.start;

function versionOf(source: BillLineSource, line: InvoiceLine): ProductVersion | undefined {
  const product = line.productId === null ? undefined : source.products.get(line.productId);
  return product && versionAt(product, startOf(source, line));
}

const servicePeriodOf = (source: BillLineSource, line: InvoiceLine): Interval => ({
  start: startOf(source, line),
  end: line.endingBefore ?? source.period.end,
});

function toBands(line: InvoiceLine, whole: (amount: Decimal) => Decimal): BandUsage[] {
  const { tier, quantity, unitPrice, total } = line;
  if (line.type !== "usage" || tier === null || quantity === null || unitPrice === null) return [];
  const isFee = chargeKindOf(line.lineKey) === "TIER_FEE";
  const units = isFee ? ZERO : quantity;
  return [
    {
      lowerLimit: tier.startingAt,
      unitPrice: isFee ? ZERO : whole(unitPrice),
      fixedPrice: isFee ? whole(unitPrice) : ZERO,
      bandUnits: units,
      bandQuantity: units,
      bandSubtotal: whole(total),
    },
  ];
}
