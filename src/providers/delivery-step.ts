import type { CustomFieldEntity } from "../domain/custom-fields/entity.ts";
import type { ExternalPayment } from "../domain/payments/workflow.ts";
import type { Instant } from "../domain/time.ts";

/** One write, exactly as it will be sent. */
export interface ProviderRequest {
  readonly method: "POST" | "DELETE";
  readonly path: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** A step that does not wait. */
export type ActingStep = Exclude<Step, { step: "wait" }>;

/** A write and what it is for. */
export interface NamedRequest {
  readonly name: string;
  readonly request: ProviderRequest;
}

/** What may be refused before anything is sent, or decided not to be sent. */
export type Plan<Document> =
  | { readonly outcome: "send"; readonly document: Document }
  | { readonly outcome: "skip"; readonly reason: string }
  | { readonly outcome: "refuse"; readonly code: string; readonly message: string };

/** The next thing to do, decided from what is wanted and what is there. */
export type Step =
  /** `name` says what the write is for: each name has idempotency keys of its own. */
  | {
      readonly step: "write";
      readonly name: string;
      readonly request: ProviderRequest;
      /** It asks for money: a first refusal is an outcome that the next look will see. */
      readonly mayBeDeclined?: boolean;
      /** Writes that may follow it at once, in order: none depends on a look in between. */
      readonly more?: readonly NamedRequest[];
      /** What was found there of things of ours, which is kept with them before the write. */
      readonly learned?: readonly LearnedField[];
    }
  /** Nothing to write now: somebody else is to act at the provider, until this instant at most. */
  | { readonly step: "wait"; readonly until: Instant; readonly reason: string }
  | { readonly step: "done"; readonly external: ExternalState }
  | {
      readonly step: "refuse";
      readonly code: string;
      readonly message: string;
      readonly external?: ExternalState;
    };

/** A custom field of a thing of ours that names something at the provider. */
export interface LearnedField {
  readonly entity: CustomFieldEntity;
  readonly entityId: string;
  readonly key: string;
  readonly value: string;
}

/**
 * The code of a refusal that somebody at the provider can end: nobody said the tax in time and the
 * document was left as a draft. Once it is finalized there, the delivery goes on by itself.
 */
export const TAX_TIMEOUT = "tax_timeout";

/** The code of a refusal that ends when somebody states the invoice's tax: nothing was sent so far. */
export const TAX_MISSING = "tax_missing";

/** The provider's document as we last saw it. */
export interface ExternalState {
  readonly externalId: string;
  /** In the words of the public contract: FINALIZED, PAID, ...; null while it is left as a draft. */
  readonly status: string | null;
  readonly details: Readonly<Record<string, unknown>>;
  /** Of the payment behind it, as far as it tells. */
  readonly payment?: ExternalPayment | undefined;
}

/** The outcome of one write. Unknown outcomes are `retry`: the next look at the provider decides. */
export type WriteResult =
  | {
      readonly outcome: "accepted";
      readonly externalId?: string;
      /** What the provider answered, for `afterWrite`; absent when it only repeated an old answer. */
      readonly reply?: unknown;
    }
  | {
      readonly outcome: "rejected";
      readonly code: string;
      readonly message: string;
      readonly replayed: boolean;
    }
  | {
      readonly outcome: "retry";
      readonly message: string;
      /** Real time that the provider asked for. */
      readonly afterSeconds?: number;
      /** The key is used up: under it the provider would only repeat its answer. */
      readonly newKey: boolean;
      /** It has too much to do, and is not in trouble. */
      readonly throttled?: boolean;
    };

/** A write that was accepted, and what the provider answered. */
export interface AcceptedWrite {
  readonly request: ProviderRequest;
  readonly reply: unknown;
}

/** A write that the provider refused. */
export interface RefusedRequest extends ProviderRequest {
  /** Why, as the write's result said it: what was sent is not always what was wrong. */
  readonly code: string;
}

/** What is known of a delivery before a look at the provider. */
export interface Known {
  /** The provider's id of the document, once its creation was answered. */
  readonly externalId: string | undefined;
  /** Every write that was begun, whatever came of it. */
  readonly begun: readonly ProviderRequest[];
  /** Those of them that the provider accepted: not every write can be seen in what stands there. */
  readonly accepted: readonly ProviderRequest[];
  /** Those of them that it refused. */
  readonly refused: readonly RefusedRequest[];
  /** The environment's time. */
  readonly now: Instant;
  /** Since when, in the environment's time, the delivery waits for somebody at the provider. */
  readonly waitingSince: Instant | undefined;
}
