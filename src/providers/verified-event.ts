/** Words for a document's state that an event alone may tell, from the earliest to the latest. */
export const TOLD_STATUSES = ["DRAFT", "FINALIZED", "PAID"] as const;

/** A document of ours, by the provider's id, and the invoice of ours that it is of, when it says so. */
export interface NamedDocument {
  readonly externalId: string;
  readonly invoiceId: string | undefined;
}

/** An invoice of somebody else, which may have taken along what deliveries of ours had left for it. */
export interface Carrier {
  readonly externalId: string;
  /** What of ours the event shows on it, beside the document that the event is said to speak of. */
  readonly others: readonly NamedDocument[];
  /** It holds more than the event shows. */
  readonly hasMore: boolean;
}

export interface VerifiedEvent {
  readonly eventId: string;
  readonly type: string;
  /** The provider's id of the invoice it speaks of, when it speaks of one. */
  readonly externalId: string | undefined;
  /** Our invoice's id, when the document carries it. */
  readonly invoiceId: string | undefined;
  /**
   * The state that the document had, when the event tells of nothing else: it is no reason to look at a
   * document of which as much or more is known. undefined: always look.
   */
  readonly told?: (typeof TOLD_STATUSES)[number] | undefined;
  /** Set when it speaks of an invoice that is none of ours. */
  readonly carrier?: Carrier | undefined;
  /** What it speaks of when that is no document: which documents that changes, `relatedDocuments` tells. */
  readonly related?: string | undefined;
  /** The event alone, where it came with others. */
  readonly payload?: string | undefined;
}
