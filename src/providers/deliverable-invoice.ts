import type { Conventions } from "../domain/conventions.ts";
import type { Decimal } from "../domain/decimal.ts";
import type { InvoiceLine } from "../domain/invoices/line.ts";
import type { StatedTax } from "../domain/invoices/stated-tax.ts";
import type { PaymentMethod } from "../domain/payments/payment-gate.ts";
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
  /** What external mappings call things of it there (`Provider.currentMappings`), by entity and id. */
  readonly externalIds?: EntityIds | undefined;
  /** What its products are called now, by id; for a provider that asks for current fields. */
  readonly productNames?: Readonly<Record<string, string>> | undefined;
  /** Tax that was calculated elsewhere; empty: that there is none. undefined: nobody has said. */
  readonly taxes?: readonly StatedTax[] | undefined;
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

/** What things of ours are called elsewhere, by entity and id of the thing. */
export type EntityIds = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** How an invoice is collected at once. */
export interface Collection {
  readonly method: PaymentMethod;
  /** `canceled`: take back what stands at the provider, so that nobody can pay it any more. */
  readonly wanted: "paid" | "canceled";
  /** The payer is there to confirm the payment. */
  readonly isOnSession: boolean;
  readonly metadata: Readonly<Record<string, string>>;
}
