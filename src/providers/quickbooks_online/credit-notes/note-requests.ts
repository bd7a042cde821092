import { type Decimal, dec, min } from "../../../domain/decimal.ts";
import type { ProviderRequest } from "../../delivery-step.ts";
import type { SalesDocument } from "../sales-document.ts";
import { post, type Resolved, toFields } from "../to-requests.ts";
import type { QuickBooksNote } from "./note-document.ts";

interface Foreign {
  readonly currency: string | undefined;
  readonly exchangeRate: Decimal | undefined;
}

/** A credit at the rate of the invoice: no gain or loss of exchange comes of it. */
function foreignOf(
  { multicurrency, homeCurrency }: QuickBooksNote,
  invoice: SalesDocument,
): Foreign {
  if (!multicurrency) return { currency: undefined, exchangeRate: undefined };
  const code = invoice.currency ?? homeCurrency;
  return { currency: code, exchangeRate: code === homeCurrency ? undefined : invoice.exchangeRate };
}

/** The credit memo, for the customer of the invoice that it credits (Intuit docs: "CreditMemo"). */
export function toCreateMemo(
  document: QuickBooksNote,
  number: string,
  invoice: SalesDocument,
  itemIds: Resolved["itemIds"],
): ProviderRequest {
  const { date, note, lines, taxCodeId, defaultItemId } = document;
  const credited = {
    date,
    dueDate: undefined,
    termId: undefined,
    ...foreignOf(document, invoice),
    taxCodeId,
    note,
    memo: document.memo ?? `Credit for invoice ${invoice.number ?? invoice.id}`,
    lines,
    defaultItemId,
  };
  const fields = toFields(credited, number, { customerId: invoice.customerId, itemIds });
  return post(document, "/creditmemo", fields);
}

const linkTo = (amount: Decimal, TxnId: string, TxnType: "Invoice" | "CreditMemo") => ({
  Amount: amount,
  LinkedTxn: [{ TxnId, TxnType }],
});

/**
 * Puts the credit to what is open of the invoice: a payment of no money whose lines name both (Intuit docs:
 * "Payment"). What is left of the credit stays with the customer.
 */
export function toApply(
  document: QuickBooksNote,
  invoice: SalesDocument,
  memo: SalesDocument,
): ProviderRequest {
  const amount = min(memo.balance, invoice.balance);
  const { currency, exchangeRate } = foreignOf(document, invoice);
  return post(document, "/payment", {
    CustomerRef: { value: invoice.customerId },
    TxnDate: document.date,
    TotalAmt: dec("0"),
    ...(currency === undefined ? {} : { CurrencyRef: { value: currency } }),
    ...(exchangeRate === undefined ? {} : { ExchangeRate: exchangeRate }),
    PrivateNote: document.note,
    Line: [linkTo(amount, invoice.id, "Invoice"), linkTo(amount, memo.id, "CreditMemo")],
  });
}

/** Takes away what can only be deleted, under its present token. */
export const toDelete = (
  document: QuickBooksNote,
  route: "/creditmemo" | "/payment",
  { id, syncToken }: { readonly id: string; readonly syncToken: string },
): ProviderRequest => post(document, `${route}?operation=delete`, { Id: id, SyncToken: syncToken });
