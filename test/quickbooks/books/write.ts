import { refuse, refuseByRule } from "../faults.ts";
import { type Books, find, get, insert, remove, save } from "./books.ts";
import { checkBooksOpen } from "./dates.ts";
import type { Draft, Entity, EntityName } from "./entity.ts";
import {
  appliedTo,
  followPayment,
  paymentsOfCredit,
  preparePayment,
  voidedPayment,
} from "./payments.ts";
import { readShape } from "./shape.ts";
import { SHAPES } from "./shapes.ts";
import { prepareListed } from "./write-lists.ts";
import type { WriteOptions } from "./write-options.ts";
import { prepareSalesDocument, voided } from "./write-sales-document.ts";

const TRANSACTIONS: readonly EntityName[] = ["Invoice", "CreditMemo", "Payment"];

function unsupported(operation: string, name: EntityName): never {
  return refuse("500", `Operation ${operation} of ${name} is not supported.`);
}

function prepare(
  books: Books,
  name: EntityName,
  draft: Draft,
  before: Entity | undefined,
  options: WriteOptions,
): Draft {
  switch (name) {
    case "Invoice":
    case "CreditMemo":
      return prepareSalesDocument(books, name, draft, before, options);
    case "Payment":
      return preparePayment(books, draft, before);
    case "TaxCode":
    case "TaxRate":
      return unsupported("write", name);
    default:
      return prepareListed(books, name, draft, before);
  }
}

/** The one that is meant, if the caller has seen it as it is now. */
function target(books: Books, name: EntityName, sent: Draft): Entity {
  if (sent.Id === undefined) {
    return refuse("2020", "Required parameter Id is missing in the request", "Id");
  }
  const entity = get(books, name, sent.Id);
  if (sent.SyncToken === undefined) {
    return refuse("2020", "Required parameter SyncToken is missing in the request", "SyncToken");
  }
  if (sent.SyncToken !== entity.SyncToken) {
    return refuse(
      "5010",
      "Stale Object Error : You and root were working on this at the same time. root finished before you did, so your work was not saved.",
    );
  }
  return entity;
}

/** A sparse update changes what is sent; a full one clears what is not. */
function merge(before: Entity, sent: Draft, isSparse: boolean, body: object): Draft {
  const kept: Draft = isSparse ? { ...before } : { LinkedTxn: before.LinkedTxn ?? [] };
  if (isSparse) {
    for (const [key, value] of Object.entries(body)) {
      if (value === null) delete kept[key as keyof Draft];
    }
  }
  if (sent.Line !== undefined && kept.TxnTaxDetail !== undefined) {
    const { TotalTax: _outdated, ...detail } = kept.TxnTaxDetail;
    kept.TxnTaxDetail = detail;
  }
  return { ...kept, ...sent };
}

function create(books: Books, name: EntityName, sent: Draft, options: WriteOptions): Entity {
  const entity = insert(books, name, prepare(books, name, sent, undefined, options));
  if (name === "Payment") followPayment(books, entity.Id, undefined, entity);
  if (name !== "CreditMemo" || !books.preferences.autoApplyCredit) return entity;
  for (const payment of paymentsOfCredit(books, entity)) create(books, "Payment", payment, {});
  return get(books, name, entity.Id);
}

function update(
  books: Books,
  name: EntityName,
  sent: Draft,
  body: object,
  options: WriteOptions,
): Entity {
  const before = target(books, name, sent);
  const isSparse = (sent as { sparse?: boolean }).sparse === true;
  const draft = merge(before, sent, isSparse, body);
  const prepared = prepare(books, name, draft, before, options);
  const after = save(books, name, {
    ...prepared,
    Id: before.Id,
    MetaData: before.MetaData,
    domain: "QBO",
    sparse: false,
    SyncToken: before.SyncToken,
  });
  if (name === "Payment") followPayment(books, after.Id, before, after);
  return after;
}

const sent = (name: EntityName, body: unknown): Draft =>
  readShape(name, SHAPES[name], body) as Draft;

/** Creates what has no id yet, and updates what has one. */
export function write(
  books: Books,
  name: EntityName,
  body: unknown,
  options: WriteOptions = {},
): Entity {
  const draft = sent(name, body);
  return draft.Id === undefined
    ? create(books, name, draft, options)
    : update(books, name, draft, body as object, options);
}

/** Keeps the record with amounts of zero. What is paid cannot be voided. */
export function voidTransaction(books: Books, name: EntityName, body: unknown): Entity {
  if (!TRANSACTIONS.includes(name) || name === "CreditMemo") return unsupported("void", name);
  const before = target(books, name, sent(name, body));
  checkBooksOpen(books, before.TxnDate);
  if (name === "Payment") {
    const after = save(books, name, voidedPayment(before), "Void");
    followPayment(books, after.Id, before, after);
    return after;
  }
  const isApplied = name === "Invoice" && appliedTo(books, name, before.Id).units !== 0n;
  if (isApplied) refuseByRule("A transaction that is linked to a payment cannot be voided");
  return save(books, name, voided(before), "Void");
}

/** Removes a transaction; payments of it then apply to nothing. */
export function deleteTransaction(books: Books, name: EntityName, body: unknown): string {
  if (!TRANSACTIONS.includes(name)) return unsupported("delete", name);
  const before = target(books, name, sent(name, body));
  checkBooksOpen(books, before.TxnDate);
  if (name === "CreditMemo" && appliedTo(books, name, before.Id).units !== 0n) {
    refuseByRule("A credit memo that is put to an invoice cannot be deleted");
  }
  remove(books, name, before.Id);
  if (name === "Payment") followPayment(books, before.Id, before, undefined);
  else unlinkPayments(books, before);
  return before.Id;
}

function unlinkPayments(books: Books, document: Entity): void {
  for (const { TxnId } of document.LinkedTxn ?? []) {
    const payment = find(books, "Payment", TxnId);
    if (payment === undefined) continue;
    const Line = (payment.Line ?? []).filter((line) => line.LinkedTxn?.[0]?.TxnId !== document.Id);
    const { Id, SyncToken } = payment;
    const left = { ...payment, Line };
    save(books, "Payment", { ...left, ...preparePayment(books, left, payment), Id, SyncToken });
  }
}
