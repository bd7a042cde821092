import type { Conventions } from "../conventions.ts";
import type { CreditType } from "../credit-type.ts";
import { allocateMinor, roundToMinor } from "../money.ts";
import type { InvoiceLine } from "./line.ts";

/** A line as people get to see it. */
export interface DocumentLine {
  readonly line: InvoiceLine;
  /**
   * In minor units of the invoice's currency. null: the line is in a custom pricing unit and its total
   * is no money.
   */
  readonly amountMinor: bigint | null;
  /** Counts towards the totals. What counts towards a postpaid commit is shown alone. */
  readonly isSummed: boolean;
}

/** The lines of one product in one sub-period: what is covered, what covers it, what is left. */
export interface DocumentGroup {
  readonly first: InvoiceLine;
  readonly lines: readonly DocumentLine[];
}

/** An invoice as people get to see it: whole minor units, which add up. */
export interface InvoiceDocument {
  readonly groups: readonly DocumentGroup[];
  readonly subtotalMinor: bigint;
  /** Paid by prepaid commits and credits: zero or negative. */
  readonly appliedMinor: bigint;
  readonly totalMinor: bigint;
}

interface Source {
  readonly lines: readonly InvoiceLine[];
  readonly conventions: Conventions;
}

const isOffset = (line: InvoiceLine): boolean => line.type === "applied_commit_or_credit";

const isSummed = (line: InvoiceLine, creditType: CreditType): boolean =>
  line.creditTypeId === creditType.id && !(isOffset(line) && line.commit?.type === "POSTPAID");

/** Covered parts, then what commits and credits pay of them, then the rest. */
const rankOf = (line: InvoiceLine): number => (isOffset(line) ? 1 : line.commit === null ? 2 : 0);

const groupKey = ({ productId, name, startingAt, endingBefore }: InvoiceLine): string =>
  JSON.stringify([productId ?? name, startingAt?.toString(), endingBefore?.toString()]);

/** Groups of equal key, each with its members in their order. */
function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Item[][] {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return [...groups.values()];
}

const startOf = ({ startingAt }: InvoiceLine): number => startingAt?.epochMilliseconds ?? 0;

function toGroups(lines: readonly DocumentLine[]): DocumentGroup[] {
  const products = groupBy(lines, ({ line }) => line.productId ?? line.name);
  return products.flatMap((ofProduct) =>
    groupBy(ofProduct, ({ line }) => groupKey(line))
      .flatMap((group) => {
        const ordered = group.toSorted((a, b) => rankOf(a.line) - rankOf(b.line));
        const first = group[0]?.line;
        return first === undefined ? [] : [{ first, lines: ordered }];
      })
      .toSorted((a, b) => startOf(a.first) - startOf(b.first)),
  );
}

/**
 * Rounds and groups an invoice for people. Rounded as for a provider, so that a document shows the very
 * amounts that are charged: the lines add up to the total.
 */
export function toInvoiceDocument(
  { lines, conventions }: Source,
  creditType: CreditType,
): InvoiceDocument {
  const summed = lines.filter((line) => isSummed(line, creditType));
  const { amountsMinor, totalMinor } = allocateMinor(
    summed.map(({ total }) => total),
    creditType,
    conventions,
  );
  const amounts = new Map(summed.map((line, index) => [line, amountsMinor[index] ?? 0n]));
  const alone = (line: InvoiceLine): bigint | null =>
    line.creditTypeId === creditType.id
      ? roundToMinor(line.total, creditType, conventions.roundingMode)
      : null;
  const appliedMinor = summed
    .filter(isOffset)
    .reduce((sum, line) => sum + (amounts.get(line) ?? 0n), 0n);
  return {
    groups: toGroups(
      lines.map((line) => {
        const amount = amounts.get(line);
        return { line, amountMinor: amount ?? alone(line), isSummed: amount !== undefined };
      }),
    ),
    subtotalMinor: totalMinor - appliedMinor,
    appliedMinor,
    totalMinor,
  };
}
