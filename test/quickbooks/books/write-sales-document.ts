import { compare, dec, minus, rounded, times, toNumber } from "../decimal.ts";
import { refuse, refuseByRule } from "../faults.ts";
import { type Books, countUp, list } from "./books.ts";
import { checkPlaces, currencyOf, exponentOf, rateOf, toCurrencyRef } from "./currency.ts";
import { checkBooksOpen, dateOf, dueDateOf } from "./dates.ts";
import type { Draft, Entity, SalesName } from "./entity.ts";
import { readLines } from "./lines.ts";
import { appliedTo } from "./payments.ts";
import { referTo, resolve } from "./references.ts";
import { taxDocument } from "./tax.ts";
import type { WriteOptions } from "./write-options.ts";

const FIRST_NUMBER = 1001;

/** Numbers are the caller's own, and must differ, only where the company chose so. */
function numberOf(
  books: Books,
  name: SalesName,
  draft: Draft,
  before: Entity | undefined,
  { allowsDuplicateNumber }: WriteOptions,
): string | undefined {
  const { customTxnNumbers } = books.preferences;
  const stated = draft.DocNumber;
  if (stated === undefined) {
    const isNumbered = before === undefined && !customTxnNumbers;
    return isNumbered ? String(countUp(books, "DocNumber", FIRST_NUMBER)) : undefined;
  }
  if (!customTxnNumbers || allowsDuplicateNumber || stated === before?.DocNumber) return stated;
  const other = list(books, name).find(({ DocNumber }) => DocNumber === stated);
  if (other === undefined) return stated;
  return refuse(
    "6140",
    `Duplicate Document Number Error : You must specify a different number. This number has already been used. DocNumber=${stated} is assigned to TxnType=${name} with TxnId=${other.Id}`,
  );
}

/** An invoice or a credit memo as it will stand in the books, with all that the books work out. */
export function prepareSalesDocument(
  books: Books,
  name: SalesName,
  draft: Draft,
  before: Entity | undefined,
  options: WriteOptions,
): Draft {
  if (draft.CustomerRef === undefined) {
    return refuse(
      "2020",
      "Required parameter CustomerRef is missing in the request",
      "CustomerRef",
    );
  }
  const customer = resolve(books, "Customer", draft.CustomerRef);
  const currency = currencyOf(books, draft, before, customer.CurrencyRef?.value);
  const date = dateOf(books, draft);
  checkBooksOpen(books, date, before?.TxnDate);
  const read = readLines(books, draft.Line ?? [], currency);
  if (draft.TxnTaxDetail?.TotalTax !== undefined) {
    checkPlaces("TotalTax", draft.TxnTaxDetail.TotalTax, currency);
  }
  const taxed = taxDocument(books, draft, customer, read, currency);
  if (taxed.total.units < 0n) {
    return refuseByRule("Transaction amount must be 0 or greater", "Line");
  }
  const applied = before === undefined ? dec(0) : appliedTo(books, name, before.Id);
  if (compare(applied, taxed.total) > 0) {
    return refuseByRule("The total is less than what is applied to the document");
  }
  const open = toNumber(minus(taxed.total, applied));
  const rate = rateOf(books, draft, currency);
  const { homeCurrency, multiCurrency } = books.preferences;
  const inHome = (amount: number): number =>
    toNumber(rounded(times(dec(amount), dec(rate)), exponentOf(homeCurrency)));
  const { DocNumber: _number, ...rest } = draft;
  const number = numberOf(books, name, draft, before, options);
  const TotalAmt = toNumber(taxed.total);
  return {
    ...rest,
    ...(number === undefined ? {} : { DocNumber: number }),
    TxnDate: date,
    CurrencyRef: toCurrencyRef(currency),
    ...(multiCurrency
      ? { ExchangeRate: rate, HomeTotalAmt: inHome(TotalAmt), HomeBalance: inHome(open) }
      : {}),
    CustomerRef: referTo(customer),
    ...(rest.BillAddr === undefined && customer.BillAddr !== undefined
      ? { BillAddr: customer.BillAddr }
      : {}),
    ...(name === "Invoice" ? { DueDate: dueDateOf(books, draft, customer, date) } : {}),
    Line: [
      ...taxed.lines,
      {
        Amount: toNumber(read.subtotal),
        DetailType: "SubTotalLineDetail",
        SubTotalLineDetail: {},
      },
    ],
    LinkedTxn: before?.LinkedTxn ?? [],
    TxnTaxDetail: taxed.detail,
    TotalAmt,
    EmailStatus: draft.EmailStatus ?? "NotSet",
    ...(name === "Invoice" ? { Balance: open } : { Balance: open, RemainingCredit: open }),
  };
}

/** The draft of a voided one: its amounts are zero, and its note says why. */
export function voided(entity: Entity): Entity {
  const zero = { TotalTax: 0 };
  return {
    ...entity,
    PrivateNote: entity.PrivateNote === undefined ? "Voided" : `Voided - ${entity.PrivateNote}`,
    Line: (entity.Line ?? []).map((line) => {
      const { SalesItemLineDetail: detail } = line;
      const { Qty: _quantity, UnitPrice: _price, ...rest } = detail ?? {};
      const isPriced = detail?.Qty !== undefined || detail?.UnitPrice !== undefined;
      return {
        ...line,
        ...(line.Amount === undefined ? {} : { Amount: 0 }),
        ...(isPriced ? { SalesItemLineDetail: { ...rest, Qty: 0 } } : {}),
      };
    }),
    TxnTaxDetail: zero,
    TotalAmt: 0,
    Balance: 0,
    ...(entity.RemainingCredit === undefined ? {} : { RemainingCredit: 0 }),
    ...(entity.HomeTotalAmt === undefined ? {} : { HomeTotalAmt: 0, HomeBalance: 0 }),
  };
}
