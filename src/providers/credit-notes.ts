import type { CreditLine } from "../domain/credit-notes/creditable.ts";
import type { Instant } from "../domain/time.ts";
import type { ClockName } from "../platform/jobs/job-table.ts";
import type { DeliverableInvoice } from "./deliverable-invoice.ts";
import type { ActingStep, Plan, RefusedRequest } from "./delivery-step.ts";
import type { PlannedConnection, ProviderConnection, RouteOptions } from "./provider-connection.ts";

/** A credit note as providers see it. */
export interface DeliverableCreditNote {
  readonly id: string;
  readonly environment: ClockName;
  /** The provider's id of the invoice that it credits. */
  readonly externalInvoiceId: string;
  /** In minor units of the invoice's currency, more than 0. */
  readonly amountMinor: bigint;
  /** What it credits of which line, exact, in the unit of the invoice's credit type. */
  readonly lines: readonly CreditLine[];
  readonly issuedAt: Instant;
  /** In our words: duplicate, order_change, ... */
  readonly reason: string;
  readonly memo: string | null;
  readonly wanted: "issued" | "void";
}

/** The invoice that a note credits, and how it went to its provider. */
export interface CreditedDelivery {
  /** With the custom fields that the provider reads as they stand now. */
  readonly invoice: DeliverableInvoice;
  readonly options: RouteOptions;
}

/** What is known of a note's delivery before a look at the provider. */
export interface KnownNote {
  /** The provider's id of the note, once its creation was answered. */
  readonly externalId: string | undefined;
  /** Writes that this attempt has seen refused. */
  readonly refused: readonly RefusedRequest[];
}

/** What a provider that takes credit notes does with them; the loop is the core's. */
export interface CreditNoteTaker<Document = unknown, Observed = unknown> {
  /** The provider's document for a note, or why there is none; of the connection only what is no secret. Pure. */
  plan(
    note: DeliverableCreditNote,
    credited: CreditedDelivery,
    connection: PlannedConnection,
  ): Exclude<Plan<Document>, { readonly outcome: "skip" }>;
  /** What stands at the provider for the note. Throws ProviderReadError. */
  observe(connection: ProviderConnection, document: Document, known: KnownNote): Promise<Observed>;
  /** Pure: from any point to the next step. */
  nextStep(document: Document, observed: Observed): ActingStep;
}
