import type { CustomFieldEntity } from "../domain/custom-fields/entity.ts";
import type { PaymentMethod } from "../domain/payments/payment-gate.ts";
import type { ClockName } from "../platform/jobs/job-table.ts";
import type { AccountAccess } from "./account.ts";
import type { CreditNoteTaker } from "./credit-notes.ts";
import type { DeliverableInvoice } from "./deliverable-invoice.ts";
import type {
  AcceptedWrite,
  ExternalState,
  Known,
  NamedRequest,
  Plan,
  ProviderRequest,
  Step,
  WriteResult,
} from "./delivery-step.ts";
import type { EntityMapper } from "./entity-mappings.ts";
import type { IntegrationRoute, MappingTarget } from "./integration-route.ts";
import type { IntegrationTarget } from "./integration-target.ts";
import type { MappingTables } from "./mapping-tables.ts";
import type { OAuthAccess } from "./oauth.ts";
import type {
  Credential,
  PlannedConnection,
  ProviderConnection,
  RouteOptions,
} from "./provider-connection.ts";
import type { Reconciler } from "./reconciliation.ts";
import type { SettingFields } from "./setting-fields.ts";
import type { NamedDocument, VerifiedEvent } from "./verified-event.ts";

/** A custom field of things of ours that names something at the provider. */
export interface CurrentField {
  readonly entity: CustomFieldEntity;
  readonly key: string;
}

/** The table whose external mappings name things of ours at the provider. */
export interface CurrentMapping extends MappingTarget {
  readonly entity: CustomFieldEntity;
}

/**
 * A provider is one folder. It decides purely (`plan`, `nextStep`) and does one call at a time
 * (`observe`, `execute`); the loop that resumes, journals and retries is the core's.
 */
export interface Provider<Document = unknown, Observed = unknown> {
  readonly name: string;
  /** What stands for it in the public addresses that it calls. Default: its name. */
  readonly path?: string;
  /** The ways in which it collects an invoice at once (`DeliverableInvoice.collection`); may be none. */
  readonly payments: readonly PaymentMethod[];
  /** The account-wide settings of its connections. */
  readonly settings: SettingFields;
  /** Custom fields that it reads as they stand at the time of the delivery, and may learn; absent: none. */
  readonly currentFields?: readonly CurrentField[];
  /** External mappings that count as they stand at the time of the delivery; absent: none do. */
  readonly currentMappings?: readonly CurrentMapping[];
  /** Tax that was stated for an invoice goes with it; absent: such an invoice is not sent. */
  readonly takesStatedTax?: true;
  /**
   * It is never called, and sends no events: it fetches invoices by itself and writes back what became of
   * them, within the hours that this answers if all is well. Pure. Absent: we deliver.
   */
  writesBack?(connection: PlannedConnection): number;
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
  /**
   * Checks signature and mode on the raw bytes, and answers what of the delivery is about the connection's
   * account, which may be nothing; undefined when no secret of the connection fits.
   */
  verifyWebhook(
    connection: ProviderConnection,
    rawBody: Buffer,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): readonly VerifiedEvent[] | undefined;
  /**
   * The documents that something else there changes, such as a payment, by `VerifiedEvent.related`;
   * undefined: it is gone, and what it changed can only be polled. Throws ProviderReadError.
   */
  relatedDocuments?(
    connection: ProviderConnection,
    related: string,
  ): Promise<readonly string[] | undefined>;
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
type AnyCreditNoteTaker = CreditNoteTaker<any, any>;
// biome-ignore lint/suspicious/noExplicitAny: as above.
type AnyReconciler = Reconciler<any, any>;
// biome-ignore lint/suspicious/noExplicitAny: the core hands a provider's own document back to it.
export type AnyProvider = Provider<any, any>;
export type ProviderRegistry = Readonly<Record<string, AnyProvider>>;
