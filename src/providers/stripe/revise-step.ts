import type Stripe from "stripe";
import type { ProviderRequest, Step } from "../delivery-step.ts";
import { withoutTax } from "./compare-invoice.ts";
import type { StripeDocument, StripeLine } from "./document.ts";
import { type FoundInvoice, invoicePath } from "./observed.ts";
import {
  digestOf,
  LINE_DIGEST,
  type Params,
  TERMS_DIGEST,
  toDraftLine,
  toDraftParams,
} from "./to-draft.ts";
import { CREATE_PATH, LINE_KEY } from "./to-requests.ts";

/** What a draft has for good, or what other steps decide. */
const FIXED = new Set([
  "customer",
  "currency",
  "pending_invoice_items_behavior",
  "discounts",
  "auto_advance",
  "automatic_tax",
]);
/** Due terms follow each other: the one that is sent replaces what stood there. */
const REPLACED = new Set(["days_until_due", "due_date", "collection_method"]);

const write = (name: string, invoice: Stripe.Invoice, verb: string, params: Params): Step => ({
  step: "write",
  name: `${name}-${digestOf(params)}`,
  request: { method: "POST", path: `${invoicePath(invoice)}${verb}`, params },
});

const isTerms = (path: string) => (request: ProviderRequest) =>
  request.path === CREATE_PATH || request.path === path;

/** Of what we said of this draft before, the names that are not wanted any more: each is cleared. */
function clear(before: readonly Params[], wanted: Params): Record<string, string> {
  const names = before.flatMap((params) => Object.keys(params));
  return Object.fromEntries(names.filter((name) => !(name in wanted)).map((name) => [name, ""]));
}

const metadataOf = ({ metadata }: Params): Params =>
  typeof metadata === "object" && metadata !== null ? (metadata as Params) : {};

/** Due terms, collection, custom fields and metadata, when they are others than those of the draft. */
function reviseTerms(document: StripeDocument, { invoice, known }: FoundInvoice): Step | undefined {
  const wanted = toDraftParams(document);
  const metadata = metadataOf(wanted);
  const isSame =
    invoice.metadata?.[TERMS_DIGEST] === metadata[TERMS_DIGEST] &&
    invoice.collection_method === document.collectionMethod;
  if (isSame) return undefined;
  const before = known.begun.filter(isTerms(invoicePath(invoice))).map(({ params }) => params);
  const isRevisable = (name: string): boolean => !FIXED.has(name);
  const cleared = Object.entries(clear(before, wanted)).filter(
    ([name]) => isRevisable(name) && !REPLACED.has(name),
  );
  return write("revise", invoice, "", {
    ...Object.fromEntries(Object.entries(wanted).filter(([name]) => isRevisable(name))),
    ...Object.fromEntries(cleared),
    metadata: { ...clear(before.map(metadataOf), metadata), ...metadata },
  });
}

/** A line that stands there and is not wanted: another version's, or one that came twice. */
function findUnwanted(
  document: StripeDocument,
  lines: readonly Stripe.InvoiceLineItem[],
): Stripe.InvoiceLineItem[] {
  const wanted = new Set(document.lines.map(({ key }) => key));
  const seen = new Set<string>();
  return lines.filter(({ metadata }) => {
    const key = metadata[LINE_KEY] ?? "";
    const isWanted = wanted.has(key) && !seen.has(key);
    seen.add(key);
    return !isWanted;
  });
}

/** The parameters that turn the line that stands there into the one we want; undefined: it is that one. */
function toLineUpdate(
  document: StripeDocument,
  line: StripeLine,
  standing: Stripe.InvoiceLineItem,
): Params | undefined {
  const wanted = toDraftLine(document, line);
  const metadata = metadataOf(wanted);
  const isSame =
    standing.metadata[LINE_DIGEST] === metadata[LINE_DIGEST] &&
    BigInt(standing.amount) === line.amountMinor;
  if (isSame) return undefined;
  const losesTax = line.taxes.length === 0 && (standing.taxes ?? []).length > 0;
  return {
    id: standing.id,
    ...wanted,
    ...(losesTax && document.tax.mode === "precalculated" ? { tax_amounts: "" } : {}),
    metadata: { ...clear([standing.metadata], metadata), ...metadata },
  };
}

/**
 * Turns a draft of an earlier version into the one that is wanted: its terms, then the lines that go,
 * then those that change; what is missing is added afterwards like to any draft. What is not ours is
 * refused. undefined: nothing is to be revised. Pure.
 */
export function revise(document: StripeDocument, found: FoundInvoice): Step | undefined {
  const { invoice } = found;
  if (!document.revises || invoice.status !== "draft") return undefined;
  const lines = withoutTax(document, found.lines);
  if (lines.some(({ metadata }) => metadata[LINE_KEY] === undefined)) return undefined;
  const terms = reviseTerms(document, found);
  if (terms !== undefined) return terms;
  const unwanted = findUnwanted(document, lines);
  if (unwanted.length > 0) {
    const removed = unwanted.map(({ id }) => ({ id, behavior: "delete" }));
    return write("remove", invoice, "/remove_lines", { lines: removed });
  }
  const standing = new Map(lines.map((line) => [line.metadata[LINE_KEY], line]));
  const updates = document.lines.flatMap((line) => {
    const there = standing.get(line.key);
    return (there && toLineUpdate(document, line, there)) ?? [];
  });
  return updates.length === 0
    ? undefined
    : write("update", invoice, "/update_lines", { lines: updates.slice(0, MAX_UPDATES) });
}

/** As many lines as are added at a time. */
const MAX_UPDATES = 100;
