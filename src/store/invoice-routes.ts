import type { CoreDb } from "../db/database.ts";

export interface InvoiceRoute {
  readonly configurationId: string;
  readonly provider: string;
  /** null = the environment's default connection of the provider. */
  readonly connectionId: string | null;
  readonly options: Readonly<Record<string, unknown>>;
}

/**
 * The billing configuration that decides for an invoice: the contract's own while it is active, else
 * the customer's when exactly one is active. undefined = the invoice is sent nowhere.
 */
export async function findInvoiceRoute(
  db: CoreDb,
  { customerId, contractId }: { readonly customerId: string; readonly contractId: string },
): Promise<InvoiceRoute | undefined> {
  const active = await db
    .selectFrom("customer_billing_configurations as configuration")
    .leftJoin("contracts", (join) =>
      join
        .onRef("contracts.billing_configuration_id", "=", "configuration.id")
        .on("contracts.id", "=", contractId),
    )
    .where("configuration.customer_id", "=", customerId)
    .where("configuration.archived_at", "is", null)
    .orderBy("configuration.position")
    .select([
      "configuration.id",
      "configuration.billing_provider",
      "configuration.connection_id",
      "configuration.configuration",
      "contracts.id as chosen_by",
    ])
    .execute();
  const chosen =
    active.find((row) => row.chosen_by !== null) ?? (active.length === 1 ? active[0] : undefined);
  if (chosen === undefined) return undefined;
  return {
    configurationId: chosen.id,
    provider: chosen.billing_provider.toLowerCase(),
    connectionId: chosen.connection_id,
    options: chosen.configuration,
  };
}
