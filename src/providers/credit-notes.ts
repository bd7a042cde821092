import type { ClockName } from "../platform/jobs/job-table.ts";
import type { ActingStep } from "./delivery-step.ts";
import type { ProviderConnection } from "./provider-connection.ts";

/** A credit note as providers see it. */
export interface DeliverableCreditNote {
  readonly id: string;
  readonly environment: ClockName;
  /** The provider's id of the invoice that it credits. */
  readonly externalInvoiceId: string;
  /** In minor units of the invoice's currency, more than 0. */
  readonly amountMinor: bigint;
  /** In our words: duplicate, order_change, ... */
  readonly reason: string;
  readonly memo: string | null;
  readonly wanted: "issued" | "void";
}

/** What a provider that takes credit notes does with them; the loop is the core's. */
export interface CreditNoteTaker<Observed = unknown> {
  /** What stands at the provider for the note. Throws ProviderReadError. */
  observe(connection: ProviderConnection, note: DeliverableCreditNote): Promise<Observed>;
  /** Pure: from any point to the next step. */
  nextStep(note: DeliverableCreditNote, observed: Observed): ActingStep;
}
