import type { Conventions } from "../../domain/conventions.ts";
import type { CreditType } from "../../domain/credit-type.ts";
import { type Decimal, dec, round, toText, ZERO } from "../../domain/decimal.ts";
import type { InvoiceLine } from "../../domain/invoices/line.ts";
import { statedEnd } from "../../domain/invoices/stated-end.ts";
import { type Allocation, allocateMinor } from "../../domain/money.ts";
import type { Instant } from "../../domain/time.ts";
import type { StripeLine } from "./document.ts";
import type { LinePiece } from "./line-pieces.ts";
import { cutText, describeLine, lessCredits } from "./line-text.ts";
import { netCredits } from "./net-credits.ts";

const MAX_DECIMALS = 12;
const MAX_QUANTITY = dec("999999999");

/** A line before the mapping rules had their say. */
export type PlainLine = Omit<StripeLine, "productId" | "metadata" | "priceMetadata" | "taxes">;

/** What of an account and an invoice shapes every line. */
export interface LineTerms {
  readonly creditType: CreditType;
  readonly conventions: Conventions;
  /** Quantity and price stand in every description. */
  readonly alwaysInText: boolean;
  /** Quantities that are no whole numbers may be sent as they are. */
  readonly decimalQuantities: boolean;
  /** Credits are taken off other lines: tax is worked out at Stripe. */
  readonly netsCredits: boolean;
}

const decimalsOf = (value: Decimal): number => Math.max(0, value.c.length - value.e - 1);

const isInteger = (value: Decimal): boolean => value.eq(ZERO) || decimalsOf(value) === 0;

const toSeconds = ({ epochMilliseconds }: Instant): number => Math.trunc(epochMilliseconds / 1000);

/** From the first start to the last end; undefined when a line has no period. */
function toPeriod(lines: readonly InvoiceLine[], { periodEnd }: Conventions): StripeLine["period"] {
  const periods = lines.flatMap(({ startingAt, endingBefore }) =>
    startingAt === null || endingBefore === null
      ? []
      : [{ start: toSeconds(startingAt), end: toSeconds(statedEnd(endingBefore, periodEnd)) }],
  );
  if (periods.length === 0 || periods.length < lines.length) return undefined;
  return {
    start: Math.min(...periods.map(({ start }) => start)),
    end: Math.max(...periods.map(({ end }) => end)),
  };
}

/**
 * Quantity and unit price, when Stripe's own product of the two comes to the very amount we send;
 * a credit or a line that moved by a unit in rounding is sent as an amount.
 */
function toPriced(
  { quantity, unitPrice }: InvoiceLine,
  amountMinor: bigint,
  creditType: CreditType,
): StripeLine["priced"] {
  if (quantity === null || unitPrice === null) return undefined;
  if (unitPrice.lt(ZERO) || quantity.lt(ZERO) || quantity.gt(MAX_QUANTITY)) return undefined;
  const unitMinor = unitPrice.times(dec(`1e${creditType.wireExponent}`));
  if (decimalsOf(unitMinor) > MAX_DECIMALS || decimalsOf(quantity) > MAX_DECIMALS) return undefined;
  const product = round(unitMinor.times(quantity), 0, "half_away_from_zero");
  if (!product.eq(dec(amountMinor.toString()))) return undefined;
  return { unitAmountDecimal: toText(unitMinor), quantity: toText(quantity) };
}

/** What is left of each piece, in minor units, and which of them are no rounding of their own total. */
function toAmounts(
  pieces: readonly LinePiece[],
  { amountsMinor, moved }: Allocation,
  { creditType, netsCredits }: LineTerms,
) {
  if (!netsCredits) return { left: amountsMinor, moved: new Set(moved) };
  const amounts = pieces.map(({ product }, index) => ({
    product,
    amountMinor: amountsMinor[index] ?? 0n,
  }));
  const left = netCredits(amounts, creditType.currency.stepMinor);
  const netted = left.flatMap((amount, index) => (amount === amountsMinor[index] ? [] : [index]));
  return { left, moved: new Set([...moved, ...netted]) };
}

/** A line for each piece, in minor units, and what they come to together. `of` is the piece of each. */
export function toLines(
  pieces: readonly LinePiece[],
  terms: LineTerms,
): { readonly lines: { line: PlainLine; of: LinePiece }[]; readonly totalMinor: bigint } {
  const { creditType, conventions } = terms;
  const allocation = allocateMinor(
    pieces.map(({ total }) => total),
    creditType,
    conventions,
  );
  const { amountsMinor, totalMinor } = allocation;
  // Nothing can be taken off nothing: the caller refuses such a total.
  const nets = terms.netsCredits && totalMinor >= 0n;
  const { left, moved } = toAmounts(pieces, allocation, { ...terms, netsCredits: nets });
  const all = pieces.flatMap(({ of }) => of);
  const inPieces =
    !terms.decimalQuantities &&
    all.some(({ quantity }) => quantity !== null && !isInteger(quantity));
  const lines = pieces.flatMap((piece, index) => {
    const [rounded, amountMinor] = [amountsMinor[index] ?? 0n, left[index] ?? 0n];
    if (nets && rounded < 0n) return [];
    const [single] = piece.text === undefined ? piece.of : [];
    const priced =
      single === undefined || inPieces || moved.has(index)
        ? undefined
        : toPriced(single, amountMinor, creditType);
    const less = lessCredits(rounded - amountMinor, creditType);
    const description =
      single === undefined
        ? cutText(piece.text ?? piece.name, less)
        : describeLine(single, creditType, terms.alwaysInText || priced === undefined, less);
    return {
      line: {
        key: piece.key,
        description,
        amountMinor,
        priced,
        productName: piece.name,
        period: toPeriod(piece.of, conventions),
      },
      of: piece,
    };
  });
  return { lines, totalMinor };
}
