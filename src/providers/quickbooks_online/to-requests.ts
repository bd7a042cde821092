import type { ProviderRequest } from "../delivery-step.ts";
import { companyPath } from "./client.ts";
import type { DocumentKind, QuickBooksDocument, WantedItem, WantedLine } from "./document.ts";
import { isPlainCode } from "./tax-code.ts";

/** Ids of what the document names, as far as they are known. */
export interface Resolved {
  readonly customerId: string;
  /** By our product. */
  readonly itemIds: ReadonlyMap<string, string>;
}

const ROUTES: Readonly<Record<DocumentKind, string>> = {
  Invoice: "/invoice",
  CreditMemo: "/creditmemo",
};

export const routeOf = (kind: DocumentKind): string => ROUTES[kind];

export const post = (
  { realmId }: Pick<QuickBooksDocument, "realmId">,
  route: string,
  params: Readonly<Record<string, unknown>>,
): ProviderRequest => ({ method: "POST", path: companyPath(realmId, route), params });

/** What of a document becomes its fields. */
export type SentDocument = Pick<
  QuickBooksDocument,
  | "date"
  | "dueDate"
  | "termId"
  | "currency"
  | "exchangeRate"
  | "taxCodeId"
  | "note"
  | "memo"
  | "lines"
  | "defaultItemId"
>;

const itemIdOf = (
  item: WantedItem,
  { itemIds }: Resolved,
  { defaultItemId }: Pick<SentDocument, "defaultItemId">,
): string => {
  const id = item.id ?? itemIds.get(item.productId) ?? defaultItemId;
  if (id === undefined) throw new Error("a line is sent before its item is known");
  return id;
};

const toLine = (line: WantedLine, resolved: Resolved, document: SentDocument) => ({
  Amount: line.amount,
  DetailType: "SalesItemLineDetail",
  Description: line.description,
  SalesItemLineDetail: {
    ItemRef: { value: itemIdOf(line.item, resolved, document) },
    Qty: line.quantity,
    UnitPrice: line.unitPrice,
    ...(document.taxCodeId === undefined ? {} : { TaxCodeRef: { value: document.taxCodeId } }),
  },
});

/** The document as QuickBooks takes it (Intuit docs: "Invoice", "CreditMemo"); amounts are decimals. */
export const toFields = (document: SentDocument, number: string, resolved: Resolved) => ({
  CustomerRef: { value: resolved.customerId },
  TxnDate: document.date,
  ...(document.dueDate === undefined ? {} : { DueDate: document.dueDate }),
  ...(document.termId === undefined ? {} : { SalesTermRef: { value: document.termId } }),
  DocNumber: number,
  ...(document.currency === undefined ? {} : { CurrencyRef: { value: document.currency } }),
  ...(document.exchangeRate === undefined ? {} : { ExchangeRate: document.exchangeRate }),
  ...(document.taxCodeId === undefined || isPlainCode(document.taxCodeId)
    ? {}
    : { GlobalTaxCalculation: "TaxExcluded" }),
  PrivateNote: document.note,
  CustomerMemo: { value: document.memo },
  Line: document.lines.map((line) => toLine(line, resolved, document)),
});

export const toCreate = (
  document: QuickBooksDocument,
  number: string,
  resolved: Resolved,
): ProviderRequest => post(document, routeOf(document.kind), toFields(document, number, resolved));

export const toCreateCustomer = (document: QuickBooksDocument, name: string): ProviderRequest =>
  post(document, "/customer", {
    DisplayName: name,
    CompanyName: name,
    ...(document.currency === undefined ? {} : { CurrencyRef: { value: document.currency } }),
  });

export const toCreateItem = (
  document: QuickBooksDocument,
  name: string,
  incomeAccountId: string,
): ProviderRequest =>
  post(document, "/item", {
    Name: name,
    Type: "Service",
    IncomeAccountRef: { value: incomeAccountId },
  });

/** Whether a write makes the document itself, as against what it names. */
export const isCreate = ({ path }: Pick<ProviderRequest, "path">, kind: DocumentKind): boolean =>
  path.endsWith(routeOf(kind));
