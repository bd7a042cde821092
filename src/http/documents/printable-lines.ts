import type { Conventions } from "../../domain/conventions.ts";
import { getCreditType } from "../../domain/credit-type.ts";
import type { DocumentGroup, DocumentLine } from "../../domain/invoices/invoice-document.ts";
import type { InvoiceLine, LineType } from "../../domain/invoices/line.ts";
import { statedEnd } from "../../domain/invoices/stated-end.ts";
import type { Instant } from "../../domain/time.ts";
import type { PrintableLine } from "../../platform/pdf/printable.ts";
import { amountText, minorText, numberText, periodText } from "./document-texts.ts";

/** What lines are shown with. */
export interface LineTexts {
  readonly conventions: Conventions;
  /** What the environment's pricing units are called, by id. */
  readonly units: ReadonlyMap<string, string>;
  readonly creditTypeId: string;
}

/** What a line is when nothing else tells it from the others of its group. */
const TYPE_TEXT = {
  usage: "Usage",
  subscription: "Subscription",
  applied_commit_or_credit: "Applied",
  scheduled: "Charge",
  commit_purchase: "Purchase",
  cpu_conversion: "Conversion",
} as const satisfies Record<LineType, string>;

const COVER_TEXT = {
  PREPAID: "Covered by a prepaid commit",
  CREDIT: "Covered by a credit",
  POSTPAID: "Counts towards a postpaid commit",
} as const;

/** "Jan 1, 2024 to Feb 1, 2024", as the convention states the end; empty without a period. */
export const statedPeriod = (
  startingAt: Instant | null,
  endingBefore: Instant | null,
  { periodEnd }: Conventions,
): string =>
  startingAt === null || endingBefore === null
    ? ""
    : periodText(startingAt, statedEnd(endingBefore, periodEnd));

function partsOf(line: InvoiceLine): string[] {
  const groups = { ...line.pricingGroupValues, ...line.presentationGroupValues };
  const isOffset = line.type === "applied_commit_or_credit";
  return [
    ...Object.entries(groups).map(([key, value]) => `${key}: ${value}`),
    ...(line.tier === null ? [] : [`Tier ${line.tier.level}`]),
    ...(line.subscription?.isProrated ? ["Part of a period"] : []),
    ...(line.commit === null || isOffset || line.purchasedCommitId !== null
      ? []
      : [COVER_TEXT[line.commit.type]]),
  ];
}

/** What a line says below the heading of its group. */
function describe(line: InvoiceLine, heading: string): string {
  const parts = partsOf(line);
  if (line.name !== heading) return [line.name, ...parts].join(" · ");
  return parts.length === 0 ? TYPE_TEXT[line.type] : parts.join(" · ");
}

/** The product: an offset that stands alone has only the commit's name. */
const headingOf = ({ first, lines }: DocumentGroup): string =>
  lines.find(({ line }) => line.type !== "applied_commit_or_credit")?.line.name ?? first.name;

function toLine(
  { line, amountMinor, isSummed }: DocumentLine,
  heading: string,
  { units, creditTypeId }: LineTexts,
): PrintableLine {
  const amount =
    amountMinor === null
      ? amountText(line.total, line.creditTypeId, units)
      : minorText(amountMinor, getCreditType(creditTypeId));
  // What counts towards a postpaid commit is paid all the same: in the column it would seem deducted.
  const isShown = isSummed || amountMinor === null;
  return {
    description: describe(line, heading),
    detail: isShown ? "" : `${amount.replace("-", "")} counted, not deducted`,
    quantity: line.quantity === null ? "" : numberText(line.quantity),
    unitPrice: line.unitPrice === null ? "" : amountText(line.unitPrice, line.creditTypeId, units),
    amount: isShown ? amount : "",
  };
}

/** A group of lines under its heading. */
export function toPrintableLines(group: DocumentGroup, texts: LineTexts): PrintableLine[] {
  const title = headingOf(group);
  const { startingAt, endingBefore } = group.first;
  const detail = statedPeriod(startingAt, endingBefore, texts.conventions);
  return group.lines.map((line, index) => ({
    ...toLine(line, title, texts),
    ...(index === 0 ? { heading: { title, detail } } : {}),
  }));
}
