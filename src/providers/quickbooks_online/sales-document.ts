import { currency } from "../../domain/currency.ts";
import { type Decimal, dec, isZero, sum, toText } from "../../domain/decimal.ts";
import type { ExternalState } from "../delivery-step.ts";
import type { DocumentKind } from "./document.ts";

/** An invoice or a credit memo as it stands in the company, as far as we read it. */
export interface SalesDocument {
  readonly kind: DocumentKind;
  readonly id: string;
  readonly syncToken: string;
  readonly number: string | null;
  readonly date: string;
  readonly dueDate: string | undefined;
  readonly customerId: string;
  readonly currency: string | undefined;
  readonly note: string;
  readonly isMailed: boolean;
  /** Whole units, with tax. */
  readonly total: Decimal;
  readonly tax: Decimal;
  /** What is still open. */
  readonly balance: Decimal;
  /** Of its sales lines, in order. */
  readonly amounts: readonly Decimal[];
  /** Home units for one of its own; undefined: the company keeps one currency. */
  readonly exchangeRate?: Decimal | undefined;
  /** Ids of payments that are put to it, of money or of credit. */
  readonly payments?: readonly string[];
}

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null;

/** Numbers arrive as numbers, or as text where a double would lose digits. */
const toDecimal = (value: unknown): Decimal | undefined => {
  if (typeof value !== "number" && typeof value !== "string") return undefined;
  return /^-?\d+(\.\d+)?([eE][-+]?\d+)?$/.test(String(value)) ? dec(String(value)) : undefined;
};

const textOf = (value: unknown): string | undefined =>
  typeof value === "string" || typeof value === "number" ? String(value) : undefined;

const refOf = (value: unknown): string | undefined =>
  isFields(value) ? textOf(value.value) : undefined;

const linkedPayments = (links: unknown): string[] =>
  (Array.isArray(links) ? links.filter(isFields) : [])
    .filter(({ TxnType: type }) => type === "Payment")
    .flatMap(({ TxnId: id }) => textOf(id) ?? []);

/** The document that was answered, or undefined when it is none, or not whole enough to decide by. */
export function readSalesDocument(kind: DocumentKind, value: unknown): SalesDocument | undefined {
  if (!isFields(value)) return undefined;
  const total = toDecimal(value.TotalAmt);
  const [id, syncToken] = [textOf(value.Id), textOf(value.SyncToken)];
  if (total === undefined || id === undefined || syncToken === undefined) return undefined;
  const lines = Array.isArray(value.Line) ? value.Line.filter(isFields) : [];
  const amounts = lines
    .filter(({ DetailType: type }) => type === "SalesItemLineDetail")
    .map(({ Amount: amount }) => toDecimal(amount) ?? dec("0"));
  return {
    kind,
    id,
    syncToken,
    number: textOf(value.DocNumber) ?? null,
    date: textOf(value.TxnDate) ?? "",
    dueDate: textOf(value.DueDate),
    customerId: refOf(value.CustomerRef) ?? "",
    currency: refOf(value.CurrencyRef),
    note: textOf(value.PrivateNote) ?? "",
    isMailed: value.EmailStatus === "EmailSent",
    total,
    tax: toDecimal(isFields(value.TxnTaxDetail) ? value.TxnTaxDetail.TotalTax : 0) ?? dec("0"),
    balance: toDecimal(value.Balance) ?? dec("0"),
    amounts,
    exchangeRate: toDecimal(value.ExchangeRate),
    payments: linkedPayments(value.LinkedTxn),
  };
}

/** Voiding keeps a document, with amounts of zero and a note that says so (Intuit docs: "Void an invoice"). */
export const isVoided = ({ total, note }: SalesDocument): boolean =>
  isZero(total) && /^\s*voided\b|\bvoided\s*$/i.test(note);

/** Our word for its state, from the document itself. */
export function statusOf(document: SalesDocument): string {
  const { kind, total, balance, isMailed } = document;
  if (isVoided(document)) return "VOID";
  if (kind === "CreditMemo" || isZero(total) || balance.eq(total)) {
    return isMailed ? "SENT" : "FINALIZED";
  }
  return isZero(balance) ? "PAID" : "PARTIALLY_PAID";
}

/** Credit memos and invoices count their ids apart. */
const MEMO_PREFIX = "creditmemo-";

export const toExternalId = ({ kind, id }: Pick<SalesDocument, "kind" | "id">): string =>
  kind === "CreditMemo" ? `${MEMO_PREFIX}${id}` : id;

export const fromExternalId = (externalId: string): Pick<SalesDocument, "kind" | "id"> =>
  externalId.startsWith(MEMO_PREFIX)
    ? { kind: "CreditMemo", id: externalId.slice(MEMO_PREFIX.length) }
    : { kind: "Invoice", id: externalId };

/** The document in the words of the core. A credit memo's amounts are what it takes off. */
export function toExternalState(document: SalesDocument, homeCurrency: string): ExternalState {
  const code = document.currency ?? homeCurrency;
  const { exponent } = currency(code);
  const sign = document.kind === "CreditMemo" ? dec("-1") : dec("1");
  const minor = (amount: Decimal): number =>
    Number(toText(amount.times(sign).times(dec(`1e${exponent}`))));
  return {
    externalId: toExternalId(document),
    status: statusOf(document),
    details: {
      number: document.number,
      issued_at: `${document.date}T00:00:00.000Z`,
      currency: code.toLowerCase(),
      total_minor: minor(document.total),
      subtotal_minor: minor(document.total.minus(document.tax)),
      ...(isZero(document.tax) ? {} : { tax_minor: minor(document.tax) }),
    },
  };
}

/** What the lines come to, whatever is worked out of them. */
export const sumOfLines = ({ amounts }: SalesDocument): Decimal => sum(amounts);
