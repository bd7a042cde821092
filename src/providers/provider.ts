import type { Decimal } from "../domain/decimal.ts";
import type { InvoiceLine } from "../domain/invoices/line.ts";
import type { Instant } from "../domain/time.ts";
import type { ClockName } from "../platform/jobs/job-table.ts";

/** A finalized invoice as a provider sees it: a value that never changes again. */
export interface DeliverableInvoice {
  readonly id: string;
  readonly version: number;
  readonly environment: ClockName;
  readonly customerId: string;
  readonly customerName: string;
  readonly contractId: string;
  readonly creditTypeId: string;
  readonly issuedAt: Instant;
  readonly startAt: Instant | null;
  readonly endAt: Instant | null;
  readonly total: Decimal;
  readonly lines: readonly InvoiceLine[];
}

/** An account at a provider, opened: its credential is in the clear and must not be logged. */
export interface ProviderConnection {
  readonly id: string;
  readonly environment: ClockName;
  /** Our own Collect in the place of the provider. */
  readonly builtIn: boolean;
  readonly credential: Readonly<Record<string, unknown>>;
  readonly settings: Readonly<Record<string, unknown>>;
}

/** What opens an account at a provider, in the provider's own words. */
export type Credential = Readonly<Record<string, unknown>>;

/** Which customer at the provider, and how to collect: the provider's own words. */
export type RouteOptions = Readonly<Record<string, unknown>>;

/** One write, exactly as it will be sent. */
export interface ProviderRequest {
  readonly method: "POST" | "DELETE";
  readonly path: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** What may be refused before anything is sent, or decided not to be sent. */
export type Plan<Document> =
  | { readonly outcome: "send"; readonly document: Document }
  | { readonly outcome: "skip"; readonly reason: string }
  | { readonly outcome: "refuse"; readonly code: string; readonly message: string };

/** The next thing to do, decided from what is wanted and what is there. */
export type Step =
  | { readonly step: "write"; readonly name: string; readonly request: ProviderRequest }
  | { readonly step: "done"; readonly external: ExternalState }
  | {
      readonly step: "refuse";
      readonly code: string;
      readonly message: string;
      readonly external?: ExternalState;
    };

/** The provider's document as we last saw it. */
export interface ExternalState {
  readonly externalId: string;
  /** In the words of the public contract: FINALIZED, PAID, ...; null while it is left as a draft. */
  readonly status: string | null;
  readonly details: Readonly<Record<string, unknown>>;
}

/** The outcome of one write. Unknown outcomes are `retry`: the next look at the provider decides. */
export type WriteResult =
  | { readonly outcome: "accepted"; readonly externalId?: string }
  | {
      readonly outcome: "rejected";
      readonly code: string;
      readonly message: string;
      readonly replayed: boolean;
    }
  | {
      readonly outcome: "retry";
      readonly message: string;
      readonly afterSeconds?: number;
      readonly newKey: boolean;
    };

/** A read that failed: `permanent` when a person must act, else worth trying again. */
export class ProviderReadError extends Error {
  override readonly name = "ProviderReadError";
  readonly permanent: boolean;
  readonly code: string;
  constructor(message: string, code: string, permanent: boolean, cause?: unknown) {
    super(message, { cause });
    this.code = code;
    this.permanent = permanent;
  }
}

export interface VerifiedEvent {
  readonly eventId: string;
  readonly type: string;
  /** The provider's id of the invoice it speaks of, when it speaks of one. */
  readonly externalId: string | undefined;
  /** Our invoice's id, when the document carries it. */
  readonly invoiceId: string | undefined;
  /** The document is gone: a fetch will find nothing. */
  readonly deleted: boolean;
}

/**
 * A provider is one folder. It decides purely (`plan`, `nextStep`) and does one call at a time
 * (`observe`, `execute`); the loop that resumes, journals and retries is the core's.
 */
export interface Provider<Document = unknown, Observed = unknown> {
  readonly name: string;
  /** A credential as it was given, checked for form and mode. Pure; throws AppError. */
  readCredential(credential: Credential, environment: ClockName): Credential;
  /** A customer's billing configuration, checked and completed. Pure; throws AppError. */
  readRouteOptions(configuration: RouteOptions): RouteOptions;
  /** The provider's document for an invoice. Pure. */
  plan(
    invoice: DeliverableInvoice,
    options: RouteOptions,
    settings: Readonly<Record<string, unknown>>,
  ): Plan<Document>;
  /** The writes of a first delivery, in order, with placeholders for ids the provider assigns. Pure. */
  rehearse(
    document: Document,
  ): readonly { readonly name: string; readonly request: ProviderRequest }[];
  /** Looks at the provider. `search` also looks for a document whose creation has an unknown outcome. */
  observe(
    connection: ProviderConnection,
    document: Document,
    known: { readonly externalId: string | undefined; readonly search: boolean },
  ): Promise<Observed>;
  /** Pure: from any point of a delivery to its next step. */
  nextStep(document: Document, observed: Observed): Step;
  execute(
    connection: ProviderConnection,
    request: ProviderRequest,
    idempotencyKey: string,
  ): Promise<WriteResult>;
  /** The document's present state, or undefined when the provider no longer has it. */
  fetch(connection: ProviderConnection, externalId: string): Promise<ExternalState | undefined>;
  /** Checks signature and mode on the raw bytes; undefined when no secret of the connection fits. */
  verifyWebhook(
    connection: ProviderConnection,
    rawBody: Buffer,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): VerifiedEvent | undefined;
  /** Makes the provider send its events to `url`; answers the credential that is to be stored. */
  subscribe(
    connection: ProviderConnection,
    url: string,
  ): Promise<Readonly<Record<string, unknown>>>;
}

// biome-ignore lint/suspicious/noExplicitAny: the core hands a provider's own document back to it.
export type AnyProvider = Provider<any, any>;
export type ProviderRegistry = Readonly<Record<string, AnyProvider>>;
