import type { PrintableLine } from "./printable.ts";

export type NumberCell = "quantity" | "unitPrice" | "amount";

/** A column of numbers whose points stand one below the other. */
export interface NumberColumn {
  readonly width: number;
  /** The widest "." with what follows it. */
  readonly fraction: number;
  /** Some text of the column is too long for a line of it. */
  readonly wraps: boolean;
}

/** What a column is at least, so that documents look alike. */
const LEAST = { quantity: 60, unitPrice: 90, amount: 90 } as const satisfies Record<
  NumberCell,
  number
>;
/** And at most, so that something is left for the description. */
const MOST = 130;
/** Between the numbers of two columns. */
const GAP = 10;

/** "1,234" and ".5"; what is no number, or is followed by a unit, has no part after its point. */
function splitNumber(text: string): readonly [whole: string, fraction: string] {
  const point = /\.\d+$/.exec(text)?.index;
  return point === undefined ? [text, ""] : [text.slice(0, point), text.slice(point)];
}

const isNumber = (text: string): boolean => /\d$/.test(text);

/** The column that the numbers of these lines need. */
function toNumberColumn(
  cell: NumberCell,
  lines: readonly PrintableLine[],
  widthOf: (text: string) => number,
): NumberColumn {
  let [whole, fraction, other] = [0, 0, 0];
  for (const text of new Set(lines.map((line) => line[cell]))) {
    if (!isNumber(text)) {
      other = Math.max(other, widthOf(text));
      continue;
    }
    const [before, after] = splitNumber(text);
    whole = Math.max(whole, widthOf(before));
    fraction = Math.max(fraction, widthOf(after));
  }
  const width = Math.max(LEAST[cell], whole + fraction + GAP, other + GAP);
  return width <= MOST
    ? { width, fraction, wraps: false }
    : { width: MOST, fraction: 0, wraps: true };
}

/** The columns that the numbers of these lines need. */
export const toNumberColumns = (
  lines: readonly PrintableLine[],
  widthOf: (text: string) => number,
): Record<NumberCell, NumberColumn> => ({
  quantity: toNumberColumn("quantity", lines, widthOf),
  unitPrice: toNumberColumn("unitPrice", lines, widthOf),
  amount: toNumberColumn("amount", lines, widthOf),
});

/** How far the end of a number stays from the right edge of its column. */
export const roomAfter = (
  text: string,
  { fraction, wraps }: NumberColumn,
  widthOf: (text: string) => number,
): number => (!wraps && isNumber(text) ? fraction - widthOf(splitNumber(text)[1]) : 0);
