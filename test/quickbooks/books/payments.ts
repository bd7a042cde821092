import {
  compare,
  type Decimal,
  dec,
  minus,
  plus,
  rounded,
  sum,
  times,
  toNumber,
  ZERO,
} from "../decimal.ts";
import { refuse, refuseByRule } from "../faults.ts";
import { type Books, find, get, list, save } from "./books.ts";
import { checkPlaces, currencyOf, exponentOf, rateOf, toCurrencyRef } from "./currency.ts";
import { checkBooksOpen, dateOf } from "./dates.ts";
import type { Draft, Entity, Line, LinkedTxn, SalesName } from "./entity.ts";
import { referTo, resolve } from "./references.ts";

const linkOf = (line: Line): LinkedTxn | undefined => line.LinkedTxn?.[0];

/** What all payments have put to a document; to a credit memo, what they have taken of it. */
export function appliedTo(books: Books, name: SalesName, id: string, besides?: string): Decimal {
  const lines = list(books, "Payment")
    .filter((payment) => payment.Id !== besides)
    .flatMap((payment) => payment.Line ?? [])
    .filter((line) => linkOf(line)?.TxnId === id && linkOf(line)?.TxnType === name);
  return sum(lines.map(({ Amount = 0 }) => dec(Amount)));
}

interface Read {
  readonly line: Line;
  readonly name: SalesName;
  readonly amount: Decimal;
}

/** No more is put to a document than is open on it. */
function readLine(
  books: Books,
  line: Line,
  customer: Entity,
  own: string | undefined,
  currency: string,
): Read {
  const link = linkOf(line);
  if (line.Amount === undefined || link === undefined) {
    return refuse("2020", "Required parameter Line.LinkedTxn is missing in the request", "Line");
  }
  checkPlaces("Amount", line.Amount, currency);
  const { TxnType: name, TxnId } = link;
  if (name !== "Invoice" && name !== "CreditMemo") {
    return refuse("2170", `TxnType ${name} is none of Invoice, CreditMemo`, "TxnType");
  }
  const document = find(books, name, TxnId);
  if (document === undefined) {
    return refuse("2500", `Invalid Reference Id : ${name} ${TxnId} not found`, "LinkedTxn");
  }
  if (document.CustomerRef?.value !== customer.Id) {
    return refuse("620", "Transaction cannot be linked : the customer is another", "LinkedTxn");
  }
  if (line.Amount < 0) return refuseByRule("A payment's line is not below zero", "Line");
  const open = minus(dec(document.TotalAmt ?? 0), appliedTo(books, name, TxnId, own));
  const asked = dec(line.Amount);
  const amount = compare(asked, open) > 0 ? open : asked;
  return { line: { ...line, Amount: toNumber(amount) }, name, amount };
}

const sumOf = (lines: readonly Read[], wanted: SalesName): Decimal =>
  sum(lines.filter(({ name }) => name === wanted).map(({ amount }) => amount));

/** A payment as it will stand in the books. What is over stays with the customer. */
export function preparePayment(books: Books, draft: Draft, before: Entity | undefined): Draft {
  if (draft.CustomerRef === undefined || draft.TotalAmt === undefined) {
    const missing = draft.CustomerRef === undefined ? "CustomerRef" : "TotalAmt";
    return refuse("2020", `Required parameter ${missing} is missing in the request`, missing);
  }
  const customer = resolve(books, "Customer", draft.CustomerRef);
  const currency = currencyOf(books, draft, before, customer.CurrencyRef?.value);
  checkPlaces("TotalAmt", draft.TotalAmt, currency);
  if (draft.TotalAmt < 0) refuseByRule("A payment is not below zero", "TotalAmt");
  const date = dateOf(books, draft);
  checkBooksOpen(books, date, before?.TxnDate);
  const lines = (draft.Line ?? []).map((line) =>
    readLine(books, line, customer, before?.Id, currency),
  );
  const credits = sumOf(lines, "CreditMemo");
  const over = minus(plus(dec(draft.TotalAmt), credits), sumOf(lines, "Invoice"));
  if (compare(over, ZERO) < 0) refuseByRule("More is applied than is paid", "Line");
  return {
    ...draft,
    TxnDate: date,
    CustomerRef: referTo(customer),
    CurrencyRef: toCurrencyRef(currency),
    ...(books.preferences.multiCurrency ? { ExchangeRate: rateOf(books, draft, currency) } : {}),
    UnappliedAmt: toNumber(over),
    Line: lines.map(({ line }) => line),
  };
}

const linksOf = (payment: Entity | undefined): LinkedTxn[] =>
  (payment?.Line ?? []).map(linkOf).filter((link) => link !== undefined);

/** The documents of a payment follow it, which makes the tokens of theirs stale. */
export function followPayment(
  books: Books,
  id: string,
  before: Entity | undefined,
  after: Entity | undefined,
): void {
  const touched = new Map(
    [...linksOf(before), ...linksOf(after)].map((link) => [`${link.TxnType} ${link.TxnId}`, link]),
  );
  const stays = linksOf(after);
  for (const { TxnId, TxnType } of touched.values()) {
    const name: SalesName = TxnType === "Invoice" ? "Invoice" : "CreditMemo";
    if (find(books, name, TxnId) === undefined) continue;
    const document = get(books, name, TxnId);
    const open = minus(dec(document.TotalAmt ?? 0), appliedTo(books, name, TxnId));
    const others = (document.LinkedTxn ?? []).filter((link) => link.TxnId !== id);
    const isLinked = stays.some((link) => link.TxnId === TxnId && link.TxnType === TxnType);
    const { homeCurrency, multiCurrency } = books.preferences;
    const inHome = rounded(times(open, dec(document.ExchangeRate ?? 1)), exponentOf(homeCurrency));
    save(books, name, {
      ...document,
      Balance: toNumber(open),
      ...(name === "CreditMemo" ? { RemainingCredit: toNumber(open) } : {}),
      ...(multiCurrency ? { HomeBalance: toNumber(inHome) } : {}),
      LinkedTxn: isLinked ? [...others, { TxnId: id, TxnType: "Payment" }] : others,
    });
  }
}

/** A voided payment applies to nothing. */
export const voidedPayment = (payment: Entity): Entity => ({
  ...payment,
  PrivateNote: payment.PrivateNote === undefined ? "Voided" : `Voided - ${payment.PrivateNote}`,
  TotalAmt: 0,
  UnappliedAmt: 0,
  Line: [],
});

/** What puts a new credit memo to the oldest open invoices of its customer: payments of no money. */
export function paymentsOfCredit(books: Books, memo: Entity): Draft[] {
  const open = list(books, "Invoice")
    .filter(({ CustomerRef }) => CustomerRef?.value === memo.CustomerRef?.value)
    .filter(({ Balance = 0 }) => Balance > 0)
    .toSorted((a, b) => String(a.TxnDate).localeCompare(String(b.TxnDate)));
  let left = dec(memo.TotalAmt ?? 0);
  return open.flatMap(({ Id, Balance = 0 }): Draft[] => {
    const amount = compare(left, dec(Balance)) < 0 ? left : dec(Balance);
    if (compare(amount, ZERO) === 0) return [];
    left = minus(left, amount);
    const link = (TxnId: string, TxnType: SalesName): Line => ({
      Amount: toNumber(amount),
      LinkedTxn: [{ TxnId, TxnType }],
    });
    return [
      {
        CustomerRef: { value: memo.CustomerRef?.value },
        ...(books.preferences.multiCurrency ? { CurrencyRef: memo.CurrencyRef } : {}),
        TotalAmt: 0,
        Line: [link(Id, "Invoice"), link(memo.Id, "CreditMemo")],
      } as Draft,
    ];
  });
}
