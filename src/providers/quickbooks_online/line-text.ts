import type { Conventions } from "../../domain/conventions.ts";
import type { CreditType } from "../../domain/credit-type.ts";
import { cut } from "../../domain/cut.ts";
import { toText } from "../../domain/decimal.ts";
import type { InvoiceLine, LineType } from "../../domain/invoices/line.ts";
import { toWholeUnits } from "../../domain/money.ts";
import type { Instant } from "../../domain/time.ts";

const MAX_DESCRIPTION = 4000;

const TYPES: Readonly<Record<LineType, string>> = {
  usage: "usage",
  subscription: "subscription",
  applied_commit_or_credit: "commit or credit applied",
  scheduled: "scheduled charge",
  commit_purchase: "commit purchase",
  cpu_conversion: "conversion of pricing units",
};

const dateOf = (at: Instant): string => at.toString().slice(0, 10);

/** "2026-02-01 to 2026-03-01": half-open as our own, unless the convention names the last day. */
export function windowText(
  startingAt: Instant | null,
  endingBefore: Instant | null,
  { periodEnd }: Pick<Conventions, "periodEnd">,
): string | undefined {
  if (startingAt === null) return undefined;
  if (endingBefore === null) return `from ${dateOf(startingAt)}`;
  const end = periodEnd === "exclusive" ? endingBefore : endingBefore.subtract({ nanoseconds: 1 });
  return `${dateOf(startingAt)} to ${dateOf(end)}`;
}

const groupTexts = (line: InvoiceLine): string[] =>
  Object.entries({ ...line.pricingGroupValues, ...line.presentationGroupValues }).map(
    ([key, value]) => `${key}=${value}`,
  );

/** "1509 x 0.005": in whole units of the currency, exact. */
const rateText = ({ quantity, unitPrice }: InvoiceLine, creditType: CreditType): string[] =>
  quantity === null || unitPrice === null
    ? []
    : [`${toText(quantity)} x ${toText(toWholeUnits(unitPrice, creditType))}`];

/**
 * What a line says (guide "Invoice with other systems": name, type, time window, group values, product),
 * and, where it was collapsed, its true quantity and price, which are never cut off.
 */
export function describeLine(
  line: InvoiceLine,
  creditType: CreditType,
  conventions: Conventions,
  isCollapsed: boolean,
): string {
  const rate = isCollapsed ? rateText(line, creditType).map((text) => `; ${text}`) : [];
  const window = windowText(line.startingAt, line.endingBefore, conventions);
  const text = [
    `${line.name} (${TYPES[line.type]})`,
    ...(window === undefined ? [] : [window]),
    ...groupTexts(line),
    ...(line.productId === null ? [] : [`product ${line.productId}`]),
  ].join("; ");
  const ending = rate.join("");
  return `${cut(text, MAX_DESCRIPTION - ending.length)}${ending}`;
}
