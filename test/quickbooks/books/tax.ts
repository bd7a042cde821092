import {
  type Decimal,
  dec,
  divided,
  minus,
  plus,
  rounded,
  sum,
  times,
  toNumber,
  ZERO,
} from "../decimal.ts";
import { refuseByRule } from "../faults.ts";
import { type Books, find, get } from "./books.ts";
import { exponentOf } from "./currency.ts";
import type { Address, Draft, Entity, Line, TaxDetail } from "./entity.ts";
import type { ReadLines } from "./lines.ts";
import { resolve } from "./references.ts";

export interface Taxed {
  readonly lines: Line[];
  readonly detail: TaxDetail;
  /** What the lines come to, and what of it is tax. */
  readonly total: Decimal;
}

/** Percent, of made-up states: a company in the United States that asks a tax service. */
const RATES_OF_STATES: Readonly<Record<string, string>> = { CA: "8", NY: "8.875", TX: "6.25" };

const HUNDRED = dec(100);
const isSale = (line: Line): boolean => line.DetailType === "SalesItemLineDetail";

/** The percentage of a tax code: the sum of its rates. */
function percentOf(books: Books, code: Entity): Decimal {
  const rates = code.SalesTaxRateList?.TaxRateDetail ?? [];
  return sum(
    rates.map(({ TaxRateRef }) => dec(get(books, "TaxRate", TaxRateRef.value).RateValue ?? 0)),
  );
}

/** A line's amount less its part of the discount. */
function netOf(line: Line, { subtotal, discount }: ReadLines, places: number): Decimal {
  const amount = dec(line.Amount ?? 0);
  if (discount.units === 0n || subtotal.units === 0n) return amount;
  return minus(amount, divided(times(discount, amount), subtotal, places));
}

function withCode(line: Line, value: string): Line {
  return isSale(line)
    ? { ...line, SalesItemLineDetail: { ...line.SalesItemLineDetail, TaxCodeRef: { value } } }
    : line;
}

function stateOf(draft: Draft, customer: Entity): string | undefined {
  const addresses: readonly (Address | undefined)[] = [
    draft.ShipAddr,
    draft.BillAddr,
    customer.ShipAddr,
    customer.BillAddr,
  ];
  return addresses.find((address) => address?.CountrySubDivisionCode)?.CountrySubDivisionCode;
}

/** United States: lines are TAX or NON, and there is one tax on all that are TAX. */
function taxOfState(books: Books, draft: Draft, customer: Entity, read: ReadLines, places: number) {
  const lines = read.lines.map((line) => {
    if (!isSale(line)) return line;
    const { ItemRef, TaxCodeRef } = line.SalesItemLineDetail ?? {};
    const isTaxable = ItemRef !== undefined && find(books, "Item", ItemRef.value)?.Taxable === true;
    const code = TaxCodeRef?.value ?? (isTaxable ? "TAX" : "NON");
    if (code !== "TAX" && code !== "NON") {
      return refuseByRule("A line's tax code is TAX or NON in the United States", "TaxCodeRef");
    }
    return withCode(line, code);
  });
  const taxable = sum(
    lines
      .filter(({ SalesItemLineDetail }) => SalesItemLineDetail?.TaxCodeRef?.value === "TAX")
      .map((line) => netOf(line, read, places)),
  );
  const state = stateOf(draft, customer);
  const sent = draft.TxnTaxDetail;
  const code = sent?.TxnTaxCodeRef && resolve(books, "TaxCode", sent.TxnTaxCodeRef);
  const { partnerTaxEnabled } = books.preferences;
  const percent = partnerTaxEnabled
    ? dec(RATES_OF_STATES[state ?? ""] ?? "0")
    : code === undefined
      ? ZERO
      : percentOf(books, code);
  const worked = rounded(divided(times(taxable, percent), HUNDRED, 12), places);
  const isHonoured = sent?.TotalTax !== undefined && !(partnerTaxEnabled && state === undefined);
  const tax = isHonoured ? dec(sent?.TotalTax ?? 0) : worked;
  return { lines, tax, code };
}

/** Elsewhere: each line has a code of its own, and its tax is rounded by itself. */
function taxOfLines(books: Books, draft: Draft, mode: string, read: ReadLines, places: number) {
  let tax = ZERO;
  const lines = read.lines.map((line) => {
    if (!isSale(line) || mode === "NotApplicable") return line;
    const reference = line.SalesItemLineDetail?.TaxCodeRef;
    if (reference === undefined) {
      return refuseByRule(
        "Make sure all your transactions have a GST/VAT rate before you save.",
        "TaxCodeRef",
      );
    }
    const percent = percentOf(books, resolve(books, "TaxCode", reference));
    const net = netOf(line, read, places);
    const whole = mode === "TaxInclusive" ? plus(HUNDRED, percent) : HUNDRED;
    tax = plus(tax, divided(times(net, percent), whole, places));
    return line;
  });
  const sent = draft.TxnTaxDetail?.TotalTax;
  const isHonoured = sent !== undefined && mode === "TaxExcluded";
  return { lines, tax: isHonoured ? dec(sent) : tax, code: undefined };
}

/** What tax the document bears, by the country of the company. */
export function taxDocument(
  books: Books,
  draft: Draft,
  customer: Entity,
  read: ReadLines,
  currency: string,
): Taxed {
  const places = exponentOf(currency);
  const mode = draft.GlobalTaxCalculation ?? "TaxExcluded";
  const isHere = books.preferences.country === "US";
  const { lines, tax, code } = isHere
    ? taxOfState(books, draft, customer, read, places)
    : taxOfLines(books, draft, mode, read, places);
  const net = minus(read.subtotal, read.discount);
  return {
    lines,
    detail: {
      ...(code === undefined ? {} : { TxnTaxCodeRef: { value: code.Id } }),
      TotalTax: toNumber(tax),
    },
    total: !isHere && mode === "TaxInclusive" ? net : plus(net, tax),
  };
}
