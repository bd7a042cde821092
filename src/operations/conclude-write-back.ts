import { type CreditType, getCreditType } from "../domain/credit-type.ts";
import type { Decimal } from "../domain/decimal.ts";
import { toInvoiceDocument } from "../domain/invoices/invoice-document.ts";
import {
  findDifference,
  type WriteBack,
  type WrittenAmounts,
} from "../domain/invoices/write-back.ts";
import { fromMinor, roundToMinor } from "../domain/money.ts";
import type { ExternalState } from "../providers/delivery-step.ts";
import type { IntegrationRun } from "../store/integration-run.ts";
import type { FrozenInvoice } from "../store/invoices.ts";
import type { RunConclusion } from "./conclude-run.ts";

/** What a system that fetched an invoice says became of it; null: not told, and as it was told before. */
export interface InvoiceWriteBack extends WriteBack, WrittenAmounts {
  readonly issuedAt: string | null;
  readonly dueDate: string | null;
  readonly url: string | null;
  readonly pdfUrl: string | null;
}

/** The document as it is known after a write-back; without an id there is none. */
export interface WrittenDocument {
  readonly externalId: string | null;
  readonly details: Readonly<Record<string, unknown>>;
}

/** What is known of the document now: what is told anew, and of the same document what was told before. Pure. */
export function toDetails(
  run: Pick<IntegrationRun, "externalId" | "externalDetails">,
  externalId: string | null,
  told: InvoiceWriteBack,
  creditType: CreditType,
): WrittenDocument["details"] {
  const minor = (amount: Decimal | null) =>
    amount === null ? null : Number(roundToMinor(amount, creditType, "half_away_from_zero"));
  const before = externalId === run.externalId ? run.externalDetails : {};
  const known = {
    issued_at: told.issuedAt,
    due_date: told.dueDate,
    url: told.url,
    pdf_url: told.pdfUrl,
    total_minor: minor(told.total),
    tax_minor: minor(told.tax),
  };
  const given = Object.entries(known).filter(([, value]) => value !== null);
  return { ...before, ...Object.fromEntries(given) };
}

/** How the run ends by a write-back. A document that comes to another amount is kept and reported. Pure. */
export function toConclusion(
  invoice: FrozenInvoice,
  told: InvoiceWriteBack,
  { externalId, details }: WrittenDocument,
  observedAt: string,
): RunConclusion {
  const { status } = told;
  if (status === "SKIPPED") {
    return { status, reason: told.error ?? "The system that fetched it did not take it" };
  }
  if (externalId === null) {
    return { status: "FAILED", code: "refused_by_system", message: told.error ?? "" };
  }
  const seen = { externalId, status, details };
  const message = differenceOf(invoice, seen);
  if (message === undefined) return { status: "SENT", external: seen, observedAt };
  return { status: "FAILED", code: "external_total_differs", message, external: seen };
}

/** Nobody owes what is void or deleted, so only a document that stands is compared. */
function differenceOf(
  { content, creditTypeId }: FrozenInvoice,
  { externalId, status, details }: ExternalState,
): string | undefined {
  if (status === "VOID" || status === "DELETED") return undefined;
  const creditType = getCreditType(creditTypeId);
  const amount = (minor: unknown) =>
    typeof minor === "number" ? fromMinor(BigInt(minor), creditType) : null;
  const told = { total: amount(details.total_minor), tax: amount(details.tax_minor) };
  const { totalMinor } = toInvoiceDocument(content, creditType);
  return findDifference(externalId, told, totalMinor, creditType);
}
