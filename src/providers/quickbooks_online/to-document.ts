import { type CreditType, findCreditType } from "../../domain/credit-type.ts";
import { type Decimal, dec, isZero, sum, ZERO } from "../../domain/decimal.ts";
import type { InvoiceLine } from "../../domain/invoices/line.ts";
import { allocateMinor, fromMinor, roundToMinor } from "../../domain/money.ts";
import type { DeliverableInvoice } from "../deliverable-invoice.ts";
import type { Plan } from "../delivery-step.ts";
import type { PlannedConnection, RouteOptions } from "../provider-connection.ts";
import { toNumbers } from "./doc-number.ts";
import type { QuickBooksDocument, WantedItem, WantedLine } from "./document.ts";
import { dueOf, toMemo, toNote } from "./header.ts";
import { toLineAmount } from "./line-amount.ts";
import { describeLine } from "./line-text.ts";
import { CUSTOMER_FIELD, fieldOf, MEMO_FIELD, mappedIn } from "./mapped-fields.ts";
import { toName } from "./names.ts";
import { sendsDueDate, settingsOf } from "./overrides.ts";
import { type QuickBooksSettings, toQuickBooksSettings } from "./settings.ts";

/** More are rolled up by product: QuickBooks' own limit is said to be 750. */
export const MAX_LINES = 500;

/** Under what an invoice is made into a document. */
export interface Planning {
  readonly invoice: DeliverableInvoice;
  readonly settings: QuickBooksSettings;
  readonly creditType: CreditType;
  /** The company's id. */
  readonly realmId: string;
}

/** What becomes one line there: a line of ours, or several of one product. */
interface Piece {
  readonly of: readonly [InvoiceLine, ...InvoiceLine[]];
  readonly total: Decimal;
}

const refuse = (code: string, message: string) => ({ outcome: "refuse", code, message }) as const;
type Refusal = ReturnType<typeof refuse>;

const isDrawdown = ({ type }: InvoiceLine): boolean => type === "applied_commit_or_credit";

/** Postpaid offsets are paid later; lines of zero go where they are wanted. */
const isSent = (line: InvoiceLine, creditTypeId: string, sendsZero: boolean): boolean =>
  line.creditTypeId === creditTypeId &&
  !(isDrawdown(line) && line.commit?.type === "POSTPAID") &&
  (sendsZero || !isZero(line.total));

/** One for each line, or for each product and for its draw-downs where there are too many lines. */
function toPieces(lines: readonly InvoiceLine[], { invoice, creditType }: Planning): Piece[] {
  if (lines.length <= MAX_LINES) return lines.map((line) => ({ of: [line], total: line.total }));
  const { invoiceRounding, roundingMode } = invoice.conventions;
  const totalOf = ({ total }: InvoiceLine): Decimal =>
    invoiceRounding === "round_then_sum"
      ? fromMinor(roundToMinor(total, creditType, roundingMode), creditType)
      : total;
  const groups = Map.groupBy(lines, (line) => `${isDrawdown(line)} ${line.productId}`);
  return [...groups.values()].flatMap(([first, ...rest]) =>
    first === undefined
      ? []
      : [{ of: [first, ...rest] as const, total: sum([first, ...rest].map(totalOf)) }],
  );
}

/** The item that takes a line, or why none does. */
export function toItem(
  line: InvoiceLine,
  { invoice, settings, realmId }: Pick<Planning, "invoice" | "settings" | "realmId">,
): WantedItem | string {
  const { default_item_id: fallback, commit_item_id: commitItem } = settings;
  if (isDrawdown(line)) {
    const id = commitItem ?? fallback;
    return id === null
      ? "Commits and credits that are applied need an item of their own: set commit_item_id (or default_item_id)."
      : { id };
  }
  if (settings.item_strategy === "single" || line.productId === null) {
    return fallback === null
      ? `The line "${line.name}" needs the generic item: set default_item_id.`
      : { id: fallback };
  }
  const { id, isMappedElsewhere } = mappedIn(invoice, realmId, "contract_product", line.productId);
  if (id !== undefined) return { id };
  // A charge may be called otherwise, and each other charge of the product otherwise again.
  const name = toName(invoice.productNames?.[line.productId] ?? line.name, line.productId);
  return { id: undefined, name, productId: line.productId, isMappedElsewhere };
}

function toLine(
  { of: [line, ...others] }: Piece,
  amount: Decimal,
  item: WantedItem,
  { invoice, creditType }: Planning,
): WantedLine {
  if (others.length > 0) {
    const description = `${line.name}; ${others.length + 1} lines, listed at ${invoice.pageUrl}`;
    return { amount, quantity: dec("1"), unitPrice: amount, description, item };
  }
  const { isCollapsed, ...priced } = toLineAmount(line, amount, creditType);
  const description = describeLine(line, creditType, invoice.conventions, isCollapsed);
  return { amount, ...priced, description, item };
}

/** Of a credit memo every amount is what it credits; of usage that was taken back it credits the quantity. */
const flipped = (line: WantedLine): WantedLine => ({
  ...line,
  amount: line.amount.neg(),
  ...(line.quantity.lt(ZERO)
    ? { quantity: line.quantity.neg() }
    : { unitPrice: line.unitPrice.neg() }),
});

function currencyOf({
  settings,
  creditType,
}: Planning): Pick<QuickBooksDocument, "currency" | "exchangeRate"> | string {
  const { code } = creditType.currency;
  if (!settings.multicurrency) {
    return code === settings.home_currency
      ? { currency: undefined, exchangeRate: undefined }
      : `The invoice is in ${code}, and the company keeps its books in ${settings.home_currency} alone. Switch multicurrency on, in QuickBooks and in the connection's settings, or bill over another company; then retry.`;
  }
  const rate = code === settings.home_currency ? undefined : settings.exchange_rates[code];
  return { currency: code, exchangeRate: rate === undefined ? undefined : dec(rate) };
}

function makeLines(
  planning: Planning,
  sent: readonly InvoiceLine[],
): { readonly lines: WantedLine[]; readonly total: Decimal } | Refusal {
  const { invoice, creditType } = planning;
  const pieces = toPieces(sent, planning);
  if (pieces.length > MAX_LINES) {
    const message = `The invoice has lines of ${pieces.length} products; QuickBooks takes ${MAX_LINES} lines. Book it there by hand, or put later ones on several contracts.`;
    return refuse("too_many_lines", message);
  }
  const { amountsMinor, totalMinor } = allocateMinor(
    pieces.map(({ total }) => total),
    creditType,
    invoice.conventions,
  );
  const whole = (minor: bigint): Decimal =>
    dec(minor.toString()).times(dec(`1e-${creditType.currency.exponent}`));
  const lines: WantedLine[] = [];
  for (const [index, piece] of pieces.entries()) {
    const minor = amountsMinor[index] ?? 0n;
    // What is less than half a unit is zero as well.
    if (minor === 0n && planning.settings.zero_lines === "drop") continue;
    const item = toItem(piece.of[0], planning);
    if (typeof item === "string") return refuse("item_missing", item);
    lines.push(toLine(piece, whole(minor), item, planning));
  }
  return { lines, total: whole(totalMinor) };
}

/** The document for an invoice, or why there will be none (docs/quickbooks.md). Pure. */
export function toQuickBooksDocument(
  invoice: DeliverableInvoice,
  options: RouteOptions,
  connection: PlannedConnection,
): Plan<QuickBooksDocument> {
  const settings = settingsOf(toQuickBooksSettings(connection), options);
  const creditType = findCreditType(invoice.creditTypeId);
  if (creditType === undefined) {
    return refuse("currency_not_supported", "The invoice is not in a currency.");
  }
  if (settings.realm_id === null) {
    return refuse(
      "authorization_required",
      "No company is connected yet. Open the connection's authorize_url, then retry.",
    );
  }
  const realmId = settings.realm_id;
  const planning = { invoice, settings, creditType, realmId };
  const currency = currencyOf(planning);
  if (typeof currency === "string") return refuse("currency_mismatch", currency);
  const sent = invoice.lines.filter((line) =>
    isSent(line, invoice.creditTypeId, settings.zero_lines === "send"),
  );
  if (sent.length === 0) return { outcome: "skip", reason: "There is nothing to pay." };
  const made = makeLines(planning, sent);
  if ("outcome" in made) return made;
  if (made.lines.length === 0) return { outcome: "skip", reason: "There is nothing to pay." };
  if (isZero(made.total) && settings.zero_totals === "skip") {
    return { outcome: "skip", reason: "The total is zero (zero_totals)." };
  }
  const isCredit = made.total.lt(ZERO);
  const isDue = !isCredit && sendsDueDate(options);
  const due = isDue ? dueOf(invoice, settings) : { dueDate: undefined, termId: undefined };
  if (typeof due === "string") return refuse("sales_term_missing", due);
  const { customerId: ourId, customerName } = invoice;
  const mapped = mappedIn(invoice, realmId, "customer", ourId);
  const customerId = (options[CUSTOMER_FIELD] as string | undefined) ?? mapped.id;
  return {
    outcome: "send",
    document: {
      kind: isCredit ? "CreditMemo" : "Invoice",
      realmId,
      homeCurrency: settings.home_currency,
      invoiceId: invoice.id,
      customer:
        customerId === undefined
          ? {
              id: undefined,
              name: toName(customerName, ourId),
              ourId,
              isMappedElsewhere: mapped.isMappedElsewhere,
            }
          : { id: customerId },
      numbers: toNumbers(invoice.id, settings.doc_number_prefix),
      date: invoice.issuedAt.toString().slice(0, 10),
      ...due,
      note: toNote(invoice, fieldOf(invoice, "contract", invoice.contractId, MEMO_FIELD)),
      memo: toMemo(invoice),
      ...currency,
      taxCodeId: settings.tax_code_id ?? undefined,
      lines: isCredit ? made.lines.map(flipped) : made.lines,
      total: made.total.abs(),
      createCustomers: settings.create_customers,
      incomeAccountId: settings.create_items
        ? (settings.income_account_id ?? undefined)
        : undefined,
      defaultItemId: settings.default_item_id ?? undefined,
    },
  };
}
