import type Stripe from "stripe";
import type { Discrepancy } from "../../reconciliation.ts";
import type { StripeDocument, StripeLine } from "../document.ts";
import { LINE_KEY } from "../next-step.ts";

/** Which of our lines each line at Stripe is, and what is left over on both sides. */
export interface MatchedLines {
  readonly pairs: readonly { readonly want: StripeLine; readonly line: Stripe.InvoiceLineItem }[];
  readonly duplicated: readonly Stripe.InvoiceLineItem[];
  /** Ours by what they say, but without our key. */
  readonly unkeyed: readonly { readonly want: StripeLine; readonly line: Stripe.InvoiceLineItem }[];
  readonly extra: readonly Stripe.InvoiceLineItem[];
  readonly missing: readonly StripeLine[];
}

/** Lines that tax apps put on an invoice, when one works on it. */
const isTaxLine = ({ tax }: StripeDocument, line: Stripe.InvoiceLineItem): boolean =>
  tax.mode !== "none" &&
  tax.mode !== "precalculated" &&
  /tax/i.test(`${line.description} ${Object.keys(line.metadata).join(" ")}`);

/** Finds our lines among those that stand there: by key, then by what they say. Pure. */
export function matchLines(
  document: StripeDocument,
  lines: readonly Stripe.InvoiceLineItem[],
): MatchedLines {
  const open = new Map(document.lines.map((line) => [line.key, line]));
  const wanted = new Map(open);
  const pairs: MatchedLines["pairs"][number][] = [];
  const duplicated: Stripe.InvoiceLineItem[] = [];
  const rest: Stripe.InvoiceLineItem[] = [];
  for (const line of lines) {
    const key = line.metadata[LINE_KEY];
    const want = key === undefined ? undefined : wanted.get(key);
    if (want === undefined) {
      if (!isTaxLine(document, line)) rest.push(line);
    } else if (open.delete(want.key)) pairs.push({ want, line });
    else duplicated.push(line);
  }
  const unkeyed: MatchedLines["unkeyed"][number][] = [];
  const extra: Stripe.InvoiceLineItem[] = [];
  for (const line of rest) {
    const same = [...open.values()].find(
      (want) =>
        line.metadata[LINE_KEY] === undefined &&
        want.amountMinor === BigInt(line.amount) &&
        want.description === line.description,
    );
    if (same === undefined) extra.push(line);
    else {
      open.delete(same.key);
      unkeyed.push({ want: same, line });
    }
  }
  return { pairs, duplicated, unkeyed, extra, missing: [...open.values()] };
}

const showWanted = ({ key, amountMinor, description, priced }: StripeLine) => ({
  line_key: key,
  amount_minor: amountMinor.toString(),
  description,
  ...(priced === undefined ? {} : { quantity: priced.quantity }),
});

const showLine = (line: Stripe.InvoiceLineItem) => ({
  line_id: line.id,
  amount_minor: String(line.amount),
  description: line.description,
  ...(line.quantity === null ? {} : { quantity: String(line.quantity) }),
});

/** Whole quantities are compared; others are shown by Stripe in ways of its own. */
const hasOtherQuantity = ({ priced }: StripeLine, { quantity }: Stripe.InvoiceLineItem): boolean =>
  priced !== undefined && /^\d+$/.test(priced.quantity) && Number(priced.quantity) !== quantity;

export const hasOtherAmount = (want: StripeLine, line: Stripe.InvoiceLineItem): boolean =>
  BigInt(line.amount) !== want.amountMinor;

const isEdited = ({ want, line }: MatchedLines["pairs"][number]): boolean =>
  hasOtherAmount(want, line) ||
  hasOtherQuantity(want, line) ||
  line.description !== want.description;

/** How metadata findings name a line. */
export const LINE_SUBJECT = "line:";

/** What differs between the lines that were sent and those that stand there. Pure. */
export function compareLines(
  document: StripeDocument,
  lines: readonly Stripe.InvoiceLineItem[],
): Discrepancy[] {
  const { pairs, duplicated, unkeyed, extra, missing } = matchLines(document, lines);
  return [
    ...pairs.filter(isEdited).map(
      ({ want, line }): Discrepancy => ({
        class: "edited_lines",
        subject: want.key,
        expected: showWanted(want),
        found: showLine(line),
      }),
    ),
    ...missing.map(
      (want): Discrepancy => ({
        class: "missing_lines",
        subject: want.key,
        expected: showWanted(want),
        found: {},
      }),
    ),
    ...duplicated.map(
      (line): Discrepancy => ({
        class: "duplicated_lines",
        subject: line.id,
        expected: {},
        found: { line_key: line.metadata[LINE_KEY], ...showLine(line) },
      }),
    ),
    ...extra.map(
      (line): Discrepancy => ({
        class: "extra_lines",
        subject: line.id,
        expected: {},
        found: showLine(line),
      }),
    ),
    ...unkeyed.map(
      ({ want, line }): Discrepancy => ({
        class: "metadata_removed",
        subject: `${LINE_SUBJECT}${want.key}`,
        expected: { [LINE_KEY]: want.key },
        found: { line_id: line.id },
      }),
    ),
  ];
}
