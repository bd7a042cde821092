import { createHash } from "node:crypto";
import { type Decimal, sum } from "../../domain/decimal.ts";
import type { InvoiceLine } from "../../domain/invoices/line.ts";
import { MAX_LINES } from "./limits.ts";

/** What becomes one line at Stripe, before anything is rounded. */
export interface LinePiece {
  /** Unique within the document; short enough for a value of metadata. */
  readonly key: string;
  /** What it is of: credits are taken off the same first. */
  readonly product: string;
  readonly name: string;
  /** undefined: it is one line of ours and described as such. */
  readonly text: string | undefined;
  readonly total: Decimal;
  /** Our lines in it; none when every line is hidden. */
  readonly of: readonly InvoiceLine[];
}

/** How more lines than Stripe takes are brought down. */
export interface RollUp {
  readonly behavior: "collapse" | "group";
  /** Names the one line that is left. */
  readonly label: string;
  /** Where the customer sees every line. */
  readonly pageUrl: string;
  /** What a line adds to a sum: its exact total, or that total rounded where lines are rounded first. */
  readonly totalOf: (line: InvoiceLine) => Decimal;
}

const MAX_METADATA_VALUE = 500;

/** Group values make keys of any length; a value of metadata is short. */
const toMetadataKey = (lineKey: string): string =>
  lineKey.length <= MAX_METADATA_VALUE
    ? lineKey
    : `sha256:${createHash("sha256").update(lineKey).digest("hex")}`;

const productOf = (line: InvoiceLine): string => line.productId ?? `name:${line.name}`;

const toPiece = (line: InvoiceLine): LinePiece => ({
  key: toMetadataKey(line.lineKey),
  product: productOf(line),
  name: line.name,
  text: undefined,
  total: line.total,
  of: [line],
});

function toGroup(product: string, lines: readonly InvoiceLine[], { totalOf }: RollUp): LinePiece {
  const [first] = lines;
  if (first !== undefined && lines.length === 1) return toPiece(first);
  // An applied commit carries its own name and the product of what it pays for.
  const named = lines.find(({ type }) => type !== "applied_commit_or_credit") ?? first;
  const name = named?.name ?? product;
  return {
    key: toMetadataKey(`group/${product}`),
    product,
    name,
    text: `${name}: ${lines.length} lines`,
    total: sum(lines.map(totalOf)),
    of: lines,
  };
}

function collapse(lines: readonly InvoiceLine[], { label, pageUrl, totalOf }: RollUp): LinePiece[] {
  const text = lines.length === 0 ? label : `${label}: ${lines.length} lines, see ${pageUrl}`;
  const total = sum(lines.map(totalOf));
  return [{ key: "total", product: "total", name: label, text, total, of: lines }];
}

/**
 * The lines as they will be sent: one by one, or, where there are more than Stripe takes, rolled up by
 * product when that is chosen and enough, else all in one. Every amount is exact. No lines at all make
 * one of zero, so that there is an invoice.
 */
export function toPieces(lines: readonly InvoiceLine[], rollUp: RollUp): LinePiece[] {
  if (lines.length > 0 && lines.length <= MAX_LINES) return lines.map(toPiece);
  if (lines.length > 0 && rollUp.behavior === "group") {
    const groups = [...Map.groupBy(lines, productOf)];
    if (groups.length <= MAX_LINES)
      return groups.map(([product, of]) => toGroup(product, of, rollUp));
  }
  return collapse(lines, rollUp);
}
