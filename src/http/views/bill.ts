import type { BillLine } from "../../domain/integrations/bill-line.ts";
import { toWholeUnits } from "../../domain/money.ts";
import { instantText } from "../../domain/time.ts";
import type { Bill } from "../../operations/read-bills.ts";
import { billStatusOf } from "../../store/bills.ts";

/** Three months are MONTHLY, each third. */
const FREQUENCIES = {
  WEEKLY: { billingFrequency: "WEEKLY", billFrequencyInterval: 1 },
  MONTHLY: { billingFrequency: "MONTHLY", billFrequencyInterval: 1 },
  QUARTERLY: { billingFrequency: "MONTHLY", billFrequencyInterval: 3 },
  ANNUAL: { billingFrequency: "ANNUALLY", billFrequencyInterval: 1 },
} as const satisfies Record<Bill["frequency"], unknown>;

const SCHEDULED = { billingFrequency: "AD_HOC", billFrequencyInterval: 1 } as const;

/** A bill as the integrations surface shows it; amounts are in whole units of its currency. */
export function toBillView(bill: Bill, { withLines = true } = {}) {
  const { invoice, calculation, dates, creditType } = bill;
  const { record } = invoice;
  const { review } = record;
  const startAt = record.startAt ?? record.finalizeDueAt ?? record.createdAt;
  const endAt = record.endAt ?? startAt;
  const isFinal = record.status !== "DRAFT";
  return {
    id: record.id,
    accountId: record.customerId,
    accountCode: bill.accountCode,
    status: billStatusOf(record),
    locked: review.lock !== null,
    currency: creditType.currency.code,
    currencyConversions: [],
    billTotal: toWholeUnits(invoice.total, creditType),
    startDate: startAt.slice(0, 10),
    endDate: endAt.slice(0, 10),
    startDateTimeUTC: startAt,
    endDateTimeUTC: endAt,
    ...dates,
    ...(record.type === "SCHEDULED" ? SCHEDULED : FREQUENCIES[bill.frequency]),
    timezone: "UTC",
    purchaseOrderNumber: bill.purchaseOrderNumber,
    billJobId: calculation?.billJobId ?? null,
    lastCalculatedDate: calculation?.calculatedAt ?? null,
    // What is final without having been approved was approved by its grace.
    dtApproved: review.approval?.at ?? (isFinal ? record.finalizedAt : null),
    approvedBy: review.approval?.by ?? null,
    dtLocked: review.lock?.at ?? null,
    lockedBy: review.lock?.by ?? null,
    dtCreated: record.createdAt,
    dtLastModified: record.finalizedAt ?? calculation?.regeneratedAt ?? record.createdAt,
    version: calculation?.version ?? 1,
    ...(withLines ? { lineItems: bill.lines.map((line) => toBillLineView(line)) } : {}),
  };
}

/** A line within a bill; by itself its bands are called `bandUsage`. */
export function toBillLineView(line: BillLine, bandsAs = "usagePerPricingBand") {
  const { servicePeriod, usagePerPricingBand: bands, ...rest } = line;
  return {
    ...rest,
    servicePeriodStartDate: instantText(servicePeriod.start),
    servicePeriodEndDate: instantText(servicePeriod.end),
    [bandsAs]: bands,
  };
}
