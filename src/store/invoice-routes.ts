import type { CoreDb } from "../db/database.ts";
import { assert } from "../errors.ts";
import { findContractConfiguration } from "./contract-billing-schedule.ts";

export interface InvoiceRoute {
  readonly configurationId: string;
  readonly provider: string;
  /** null = the environment's default connection of the provider. */
  readonly connectionId: string | null;
  readonly options: Readonly<Record<string, unknown>>;
}

/** What of an invoice decides where it goes. */
export interface RoutedInvoice {
  readonly customerId: string;
  readonly contractId: string;
  /** End of its period; null for SCHEDULED, whose date of issue decides. */
  readonly endAt: string | null;
  readonly issuedAt: string | null;
}

/**
 * The billing configuration that decides for an invoice: the contract's own of that time while it is
 * active, else the customer's when exactly one is active. undefined = the invoice is sent nowhere.
 */
export async function findInvoiceRoute(
  db: CoreDb,
  { customerId, contractId, endAt, issuedAt }: RoutedInvoice,
): Promise<InvoiceRoute | undefined> {
  const active = await db
    .selectFrom("customer_billing_configurations")
    .where("customer_id", "=", customerId)
    .where("archived_at", "is", null)
    .orderBy("position")
    .select(["id", "billing_provider", "connection_id", "configuration"])
    .execute();
  const at = endAt ?? issuedAt;
  assert(at !== null, "an invoice that is sent has a period or a date of issue");
  const own = await findContractConfiguration(db, contractId, at);
  const chosen =
    active.find(({ id }) => id === own) ?? (active.length === 1 ? active[0] : undefined);
  if (chosen === undefined) return undefined;
  return {
    configurationId: chosen.id,
    provider: chosen.billing_provider.toLowerCase(),
    connectionId: chosen.connection_id,
    options: chosen.configuration,
  };
}
