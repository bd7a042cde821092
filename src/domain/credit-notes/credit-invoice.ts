import { getCreditType } from "../credit-type.ts";
import { type Decimal, isPositive, minus, sum, toText, ZERO } from "../decimal.ts";
import { fromMinor, roundToMinor } from "../money.ts";
import {
  type CreditableLine,
  type CreditedInvoice,
  type CreditLine,
  creditableLines,
  leftToCredit,
  toCreditLine,
} from "./creditable.ts";
import { spreadMinor } from "./spread.ts";

/** How much of one line: an amount, or a quantity at the line's price; neither: what is left of it. */
export interface LineCredit {
  readonly lineKey: string;
  readonly amount?: Decimal | undefined;
  readonly quantity?: Decimal | undefined;
}

/** What a credit note is to credit of an invoice. */
export type CreditRequest =
  | { readonly kind: "full" }
  | { readonly kind: "amount"; readonly amount: Decimal }
  | { readonly kind: "lines"; readonly lines: readonly LineCredit[] };

/** What a credit note comes to. */
export interface Credit {
  readonly lines: readonly CreditLine[];
  /** Tax included. */
  readonly total: Decimal;
  readonly tax: Decimal;
}

/** The request asks for what cannot be; `field` is its place in the request. */
export class CreditRefused extends RangeError {
  readonly field: string;
  constructor(field: string, message: string) {
    super(message);
    this.field = field;
  }
}

/**
 * What a credit note credits. All notes of an invoice together never come to more than its total, and
 * those of a line never to more than the line.
 *
 * - full: whatever is left, of every line; commits and credits have back what they paid.
 * - lines: by amount, by quantity or the rest of each; what a commit paid for goes back to the commit,
 *   and the tax of the invoice is credited in the proportion of its untaxed lines.
 * - amount: whole minor units of money, spread over the lines in proportion to what is left of them,
 *   tax lines included, by largest remainder; balances stay.
 */
export function creditInvoice(invoice: CreditedInvoice, request: CreditRequest): Credit {
  switch (request.kind) {
    case "full":
      return creditAll(invoice);
    case "lines":
      return creditLines(invoice, request.lines);
    case "amount":
      return creditAmount(invoice, request.amount);
  }
}

const toCredit = (invoice: CreditedInvoice, lines: readonly CreditLine[]): Credit => {
  const taxKeys = new Set(
    creditableLines(invoice).flatMap(({ isTax, line }) => (isTax ? [line.lineKey] : [])),
  );
  const tax = lines.filter(({ lineKey }) => lineKey !== null && taxKeys.has(lineKey));
  return {
    lines,
    total: sum(lines.map(({ amount }) => amount)),
    tax: sum(tax.map(({ amount }) => amount)),
  };
};

function creditAll(invoice: CreditedInvoice): Credit {
  const left = leftToCredit(invoice);
  if (left.lt(ZERO)) {
    const why = `the invoice is in the customer's favor: its total comes to ${toText(left)}`;
    throw new CreditRefused("full", why);
  }
  const lines = creditableLines(invoice)
    .filter((line) => !line.left.eq(ZERO))
    .map((line) => toCreditLine(line, line.left));
  // Notes of the invoice as a whole are of no line: with them the lines come to another sum.
  const rest = minus(left, sum(lines.map(({ amount }) => amount)));
  const all = rest.eq(ZERO)
    ? lines
    : [...lines, { lineKey: null, name: "Rest of the invoice", amount: rest, returned: null }];
  if (all.length === 0) throw new CreditRefused("full", "the invoice is credited in full already");
  return toCredit(invoice, all);
}

function creditLines(invoice: CreditedInvoice, asked: readonly LineCredit[]): Credit {
  const creditable = new Map(creditableLines(invoice).map((line) => [line.line.lineKey, line]));
  const seen = new Set<string>();
  const lines = asked.map((credit, index) => {
    const field = `line_items[${index}]`;
    const line = creditable.get(credit.lineKey);
    if (line === undefined || seen.has(credit.lineKey)) {
      const why =
        line === undefined ? "no line of the invoice that can be credited" : "there twice";
      throw new CreditRefused(
        `${field}.line_key`,
        `${field}.line_key: ${credit.lineKey} is ${why}`,
      );
    }
    seen.add(credit.lineKey);
    return toCreditLine(line, amountOf(line, credit, field));
  });
  const all = [...lines, ...taxShare(invoice, lines)];
  const { total } = toCredit(invoice, all);
  const left = leftToCredit(invoice);
  if (total.gt(left)) {
    throw new CreditRefused(
      "line_items",
      `line_items come to ${toText(total)}, and ${toText(left)} is left of the invoice`,
    );
  }
  return toCredit(invoice, all);
}

function amountOf({ line, left }: CreditableLine, credit: LineCredit, field: string): Decimal {
  if (!isPositive(left)) {
    throw new CreditRefused(field, `${field}: nothing is left to credit of line ${line.lineKey}`);
  }
  const { amount, quantity } = credit;
  if (quantity !== undefined && line.unitPrice === null) {
    throw new CreditRefused(`${field}.quantity`, `${field}.quantity: the line has no unit price`);
  }
  const asked = amount ?? (quantity === undefined ? left : quantity.times(line.unitPrice ?? ZERO));
  const name = amount === undefined ? "quantity" : "amount";
  if (!isPositive(asked)) {
    throw new CreditRefused(`${field}.${name}`, `${field}.${name} must be more than 0`);
  }
  if (asked.gt(left)) {
    throw new CreditRefused(
      `${field}.${name}`,
      `${field}.${name}: ${toText(asked)} is more than the ${toText(left)} left of line ${line.lineKey}`,
    );
  }
  return asked;
}

/** The tax that goes with lines that are credited: as much of it as of the untaxed lines, so far. */
function taxShare(invoice: CreditedInvoice, lines: readonly CreditLine[]): CreditLine[] {
  const all = creditableLines(invoice);
  const taxes = all.filter(({ isTax }) => isTax);
  const asked = new Set(lines.map(({ lineKey }) => lineKey));
  if (taxes.length === 0 || taxes.some(({ line }) => asked.has(line.lineKey))) return [];
  const net = all.filter(({ isTax, isPrepaid }) => !isTax && !isPrepaid);
  const whole = sum(net.map(({ line }) => line.total));
  const rest = minus(sum(net.map(({ left }) => left)), sum(lines.map(({ amount }) => amount)));
  const creditType = getCreditType(invoice.creditTypeId);
  return taxes.flatMap((tax) => {
    const { total } = tax.line;
    const stays =
      isPositive(rest) && isPositive(whole)
        ? fromMinor(
            spreadMinor(roundToMinor(total, creditType, "toward_zero"), [
              rest,
              whole.minus(rest),
            ])[0] ?? 0n,
            creditType,
          )
        : ZERO;
    const share = minus(tax.left, stays);
    return isPositive(share) ? [toCreditLine(tax, share)] : [];
  });
}

function creditAmount(invoice: CreditedInvoice, amount: Decimal): Credit {
  const creditType = getCreditType(invoice.creditTypeId);
  const minor = roundToMinor(amount, creditType, "toward_zero");
  if (!isPositive(amount) || !fromMinor(minor, creditType).eq(amount)) {
    throw new CreditRefused(
      "amount",
      `amount must be more than 0, in whole minor units of ${creditType.currency.code}`,
    );
  }
  const left = leftToCredit(invoice);
  if (amount.gt(left)) {
    throw new CreditRefused(
      "amount",
      `amount: ${toText(amount)} is more than the ${toText(left)} left of the invoice`,
    );
  }
  const lines = creditableLines(invoice).filter(
    ({ isPrepaid, left: open }) => !isPrepaid && isPositive(open),
  );
  const parts = spreadMinor(
    minor,
    lines.map((line) => line.left),
  );
  const credited = lines.flatMap((line, index) => {
    const part = fromMinor(parts[index] ?? 0n, creditType);
    return part.eq(ZERO) ? [] : [{ ...toCreditLine(line, part), returned: null }];
  });
  return toCredit(invoice, credited);
}
