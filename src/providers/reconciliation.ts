import type { FindingClass } from "../domain/reconciliation/finding-class.ts";
import type { Standing } from "../domain/reconciliation/stray.ts";
import type { ExternalState, ProviderRequest } from "./delivery-step.ts";
import type { ProviderConnection } from "./provider-connection.ts";

/** A credit note of ours for an invoice. */
export interface DeliveredNote {
  readonly id: string;
  /** The provider's id of it; null: it was never there, or is to be sent anew. */
  readonly externalId: string | null;
  readonly amountMinor: bigint;
  /** pending: it is on its way, or was refused, and may stand there or not. */
  readonly wanted: "issued" | "void" | "pending";
}

/** What we know of a delivery that is compared with what stands at the provider. */
export interface Delivered<Document = unknown> {
  /** As it would be planned today; undefined: today nothing would be sent. */
  readonly document: Document | undefined;
  readonly externalId: string;
  /** The writes of its delivery that were not refused, in order: what was sent counts, not what would be. */
  readonly sent: readonly ProviderRequest[];
  /** Our status of the document in the words of the public contract; null: a draft. */
  readonly notedStatus: string | null;
  readonly notedDetails: Readonly<Record<string, unknown>>;
  /** FAILED: the delivery ended before the document was what it should be. */
  readonly delivery: "SENT" | "FAILED";
  readonly isVoid: boolean;
  /** Credit notes of ours that go over this delivery. */
  readonly notes: readonly DeliveredNote[];
}

/** One thing that is not as it should be. */
export interface Discrepancy {
  readonly class: FindingClass;
  /** Which part of the document; empty: the document itself. */
  readonly subject: string;
  readonly expected: Readonly<Record<string, unknown>>;
  readonly found: Readonly<Record<string, unknown>>;
}

/**
 * What is to be done about a discrepancy. The writes go one at a time, each after a new look and a new
 * decision; `after` is what the core does when none is left:
 * refresh - take over the status that stands there,
 * redeliver - forget the document and deliver the invoice once more,
 * retry - let the delivery go on from what stands there,
 * resend - deliver the credit note once more.
 */
export type Repair =
  | { readonly outcome: "refuse"; readonly reason: string }
  | {
      readonly outcome: "act";
      readonly action: string;
      readonly description: string;
      readonly writes: readonly { readonly name: string; readonly request: ProviderRequest }[];
      readonly after?: "refresh" | "redeliver" | "retry" | { readonly resend: string };
    };

/** A document at the provider that carries our metadata. */
export interface ListedDocument {
  readonly externalId: string;
  /** Our invoice's id, as the document names it. */
  readonly invoiceId: string;
  readonly kind: "invoice" | "payment";
  readonly standing: Standing;
}

/** How a provider's documents are compared and put right; the loop is the core's. */
export interface Reconciler<Document = unknown, Observed = unknown> {
  /** Every document of ours that was created in the range, a page at a time. Throws ProviderReadError. */
  listDocuments(
    connection: ProviderConnection,
    range: { readonly since: string | undefined; readonly until: string | undefined },
    page: string | undefined,
  ): Promise<{ readonly documents: readonly ListedDocument[]; readonly next: string | undefined }>;
  /** A document as it stands, whole, with what there is there for these notes of it. Throws ProviderReadError. */
  inspect(
    connection: ProviderConnection,
    externalId: string,
    notes: readonly DeliveredNote[],
  ): Promise<Observed>;
  kind(observed: Observed): ListedDocument["kind"];
  standing(observed: Observed): Standing;
  /** undefined: the provider does not have it. */
  external(observed: Observed): ExternalState | undefined;
  /** Pure: everything that is not as it should be. */
  compare(delivered: Delivered<Document>, observed: Observed): Discrepancy[];
  /** Pure: what is to be done about one of them, from the present state. */
  repair(
    discrepancy: Pick<Discrepancy, "class" | "subject">,
    delivered: Delivered<Document>,
    observed: Observed,
  ): Repair;
  /** Pure: takes a document away that should not be there. */
  discard(externalId: string, observed: Observed): Repair;
}
