import type { Conventions } from "../domain/conventions.ts";
import type { CustomFieldEntity } from "../domain/custom-fields/entity.ts";
import type { Decimal } from "../domain/decimal.ts";
import type { InvoiceLine } from "../domain/invoices/line.ts";
import type { PaymentMethod } from "../domain/payments/payment-gate.ts";
import type { ExternalPayment } from "../domain/payments/workflow.ts";
import type { Instant } from "../domain/time.ts";
import type { ClockName } from "../platform/jobs/job-table.ts";
import type { AccountAccess } from "./account.ts";
import type { CreditNoteTaker } from "./credit-notes.ts";
import type { EntityMapper } from "./entity-mappings.ts";
import type { IntegrationRoute } from "./integration-route.ts";
import type { IntegrationTarget } from "./integration-target.ts";
import type { MappingTables } from "./mapping-tables.ts";
import type { OAuthAccess } from "./oauth.ts";
import type { Reconciler } from "./reconciliation.ts";
import type { SettingFields } from "./setting-fields.ts";

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
  /** How it rounds, and how it states the end of a period: those it was made with. */
  readonly conventions: Conventions;
  readonly total: Decimal;
  readonly lines: readonly InvoiceLine[];
  /** Where the customer sees every line of it. */
  readonly pageUrl: string;
  /** Values by entity ("contract", "contract_product", ...), id and key, as they were frozen with it. */
  readonly customFields: EntityFields;
  /** The buyer's own number for it: the contract's, else the account's; null: there is none. */
  readonly purchaseOrderNumber: string | null;
  /** By when it is to be paid, where the account or the contract gives a number of days; else null. */
  readonly dueAt: Instant | null;
  readonly finalizedAt: Instant;
  /** What the contract is called; null: it has no name. */
  readonly contractName?: string | null;
  /** Custom fields as they stand now, of the keys that the provider asks for (`Provider.currentFields`). */
  readonly currentFields?: EntityFields | undefined;
  /** Whose name the environment's invoices carry; null: nothing is told. */
  readonly sellerName: string | null;
  /** Set when it is collected at once, and no payment may be left open. */
  readonly collection?: Collection | undefined;
  /**
   * draft: what a calculation found of it, which stays a draft at the provider and is revised there;
   * revised: it is final, and its draft stands there. Else nothing of it stands there yet.
   */
  readonly stage?: "draft" | "revised" | undefined;
}

/** Custom fields by entity, id of the thing and key. */
export type EntityFields = Readonly<
  Record<string, Readonly<Record<string, Readonly<Record<string, string>>>>>
>;

/** How an invoice is collected at once. */
export interface Collection {
  readonly method: PaymentMethod;
  /** `canceled`: take back what stands at the provider, so that nobody can pay it any more. */
  readonly wanted: "paid" | "canceled";
  /** The payer is there to confirm the payment. */
  readonly isOnSession: boolean;
  readonly metadata: Readonly<Record<string, string>>;
}

/** An account at a provider, opened: its credential is in the clear and must not be logged. */
export interface ProviderConnection {
  readonly id: string;
  readonly environment: ClockName;
  /** Our own Collect in the place of the provider. */
  readonly builtIn: boolean;
  readonly credential: Readonly<Record<string, unknown>>;
  readonly settings: Readonly<Record<string, unknown>>;
  /**
   * A credential that is good again in the place of `used`, which was refused or is about to run out: whoever
   * asks first refreshes it, and what came of that is stored before it is answered. Set where the provider
   * is let in by consent. Throws ProviderReadError.
   */
  readonly renew?: (used: Credential) => Promise<Credential>;
}

/** What of a connection shapes a document. */
export type PlannedConnection = Omit<ProviderConnection, "credential" | "renew">;

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

/** Error codes of what only a change of the key or of its rights can help, whoever the provider is. */
export const ACCESS_CODES = { refused: "auth_failed", forbidden: "permission_denied" } as const;

export const isAccessCode = (code: string): boolean =>
  code === ACCESS_CODES.refused || code === ACCESS_CODES.forbidden;

/** A write that was accepted, and what the provider answered. */
export interface AcceptedWrite {
  readonly request: ProviderRequest;
  readonly reply: unknown;
}

export interface ReadFailure {
  readonly code: string;
  /** A person must act; otherwise it is worth trying again. */
  readonly permanent: boolean;
  /** Real time that the provider asked for. */
  readonly afterSeconds?: number | undefined;
  /** The provider has too much to do, and is not in trouble. */
  readonly throttled?: boolean | undefined;
  readonly cause?: unknown;
}

/** A read that failed. */
export class ProviderReadError extends Error {
  override readonly name = "ProviderReadError";
  readonly code: string;
  readonly permanent: boolean;
  readonly afterSeconds: number | undefined;
  readonly throttled: boolean;
  constructor(
    message: string,
    { code, permanent, afterSeconds, throttled = false, cause }: ReadFailure,
  ) {
    super(message, { cause });
    this.code = code;
    this.permanent = permanent;
    this.afterSeconds = afterSeconds;
    this.throttled = throttled;
  }
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
  readonly refused: readonly ProviderRequest[];
  /** The environment's time. */
  readonly now: Instant;
  /** Since when, in the environment's time, the delivery waits for somebody at the provider. */
  readonly waitingSince: Instant | undefined;
}

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
}

/**
 * A provider is one folder. It decides purely (`plan`, `nextStep`) and does one call at a time
 * (`observe`, `execute`); the loop that resumes, journals and retries is the core's.
 */
export interface Provider<Document = unknown, Observed = unknown> {
  readonly name: string;
  /** The ways in which it collects an invoice at once (`DeliverableInvoice.collection`); may be none. */
  readonly payments: readonly PaymentMethod[];
  /** The account-wide settings of its connections. */
  readonly settings: SettingFields;
  /** Custom fields that it reads as they stand at the time of the delivery, and may learn; absent: none. */
  readonly currentFields?: readonly {
    readonly entity: CustomFieldEntity;
    readonly key: string;
  }[];
  /** Where its places for custom fields are; absent: it takes none. */
  readonly mappings?: EntityMapper;
  /** A credential as it was given, checked for form and mode. Pure; throws AppError. */
  readCredential(credential: Credential, environment: ClockName): Credential;
  /** A customer's billing configuration, checked and completed. Pure; throws AppError. */
  readRouteOptions(configuration: RouteOptions): RouteOptions;
  /**
   * Who pays there, by options that were read: no two deliveries to a payer run at the same time.
   * undefined: they may. Pure.
   */
  payer(options: RouteOptions): string | undefined;
  /** The provider's document for an invoice; of the connection only what is no secret. Pure. */
  plan(
    invoice: DeliverableInvoice,
    options: RouteOptions,
    connection: PlannedConnection,
  ): Plan<Document>;
  /** The writes of a first delivery, in order, with placeholders for ids the provider assigns. Pure. */
  rehearse(document: Document): readonly NamedRequest[];
  /**
   * Looks at what stands at the provider. Without an id it looks for a document whose creation was
   * begun, since that may have an unknown outcome. Throws ProviderReadError.
   */
  observe(connection: ProviderConnection, document: Document, known: Known): Promise<Observed>;
  /** Pure: from any point of a delivery to its next step. */
  nextStep(document: Document, observed: Observed): Step;
  execute(
    connection: ProviderConnection,
    request: ProviderRequest,
    idempotencyKey: string,
  ): Promise<WriteResult>;
  /**
   * What stands at the provider after a write, when its `reply` and the look before tell that as well as
   * another look would; undefined: look. What is checked before a document counts, its lines and its
   * total, is always looked at. Pure. Absent: each step looks.
   */
  afterWrite?(
    document: Document,
    before: Observed,
    written: AcceptedWrite,
    known: Known,
  ): Observed | undefined;
  /** The document's present state, or undefined when the provider no longer has it. */
  fetch(connection: ProviderConnection, externalId: string): Promise<ExternalState | undefined>;
  /**
   * Every document of ours that an invoice of somebody else has taken along. Throws ProviderReadError.
   * Absent: nothing is left for others' invoices.
   */
  listCarried?(
    connection: ProviderConnection,
    carrierId: string,
  ): Promise<readonly NamedDocument[]>;
  /** Checks signature and mode on the raw bytes; undefined when no secret of the connection fits. */
  verifyWebhook(
    connection: ProviderConnection,
    rawBody: Buffer,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): VerifiedEvent | undefined;
  /** What makes it a destination of integration configurations; absent: it is none. */
  readonly target?: IntegrationTarget;
  /** Credit notes, where the provider takes them; absent: it does not. */
  readonly creditNotes?: AnyCreditNoteTaker;
  /** How rules of the integrations API lead to it; absent: they do not. */
  readonly routing?: IntegrationRoute;
  /** The account itself: its test, its list of events, our endpoints there; absent: it cannot be asked. */
  readonly account?: AccountAccess;
  /** How a person's consent lets us in; absent: the credential alone does. */
  readonly oauth?: OAuthAccess;
  /** What of ours can be mapped to what there; absent: nothing. */
  readonly mappingTables?: MappingTables;
  /** Compares what stands at the provider with what was sent; absent: that is not done. */
  readonly reconciler?: AnyReconciler;
  /** Makes the provider send its events to `url`; answers the credential that is to be stored. */
  subscribe(
    connection: ProviderConnection,
    url: string,
  ): Promise<Readonly<Record<string, unknown>>>;
}

// biome-ignore lint/suspicious/noExplicitAny: the core hands back what the provider observed.
type AnyCreditNoteTaker = CreditNoteTaker<any>;
// biome-ignore lint/suspicious/noExplicitAny: as above.
type AnyReconciler = Reconciler<any, any>;
// biome-ignore lint/suspicious/noExplicitAny: the core hands a provider's own document back to it.
export type AnyProvider = Provider<any, any>;
export type ProviderRegistry = Readonly<Record<string, AnyProvider>>;
