import type { CoreTransaction } from "../db/database.ts";
import type { ProviderRegistry } from "../providers/provider.ts";
import { findRule } from "../store/integration-rules.ts";
import type { IntegrationRun } from "../store/integration-run.ts";
import { getRun } from "../store/integration-runs.ts";
import { getInvoice } from "../store/invoices.ts";
import { findExternalId } from "../store/payer-mappings.ts";
import type { OperationContext } from "./context.ts";

type Routed = Pick<IntegrationRun, "provider" | "connectionId" | "route">;

/**
 * What a delivery has to itself while it runs: the payer at its account. Two customers of ours may share
 * one, and a provider that sees two writes for it at a time refuses one of them, or mixes them.
 */
export function payerResource(
  providers: ProviderRegistry,
  { provider, connectionId, route }: Routed,
): string | undefined {
  const payer = providers[provider]?.payer(route.options);
  return connectionId === null || payer === undefined ? undefined : `${connectionId} ${payer}`;
}

/**
 * As payerResource, of a run as it is in this transaction. Who pays over a rule is known before its first
 * attempt only where the account is mapped; unmapped accounts share no payer. Throws AppError (not_found).
 */
export async function findRunResource(
  tx: CoreTransaction,
  { environment, services }: OperationContext,
  runId: string,
): Promise<string | undefined> {
  const run = await getRun(tx, environment.id, runId);
  const known = payerResource(services.providers, run);
  const { configurationId, connectionId, invoiceId } = run;
  if (known !== undefined || configurationId === null || connectionId === null) return known;
  const rule = await findRule(tx, environment.id, configurationId);
  const mapping = services.providers[run.provider]?.routing?.mapping;
  if (!rule?.options.useExternalMappingAccountCode || mapping === undefined) return undefined;
  const payer = await findExternalId(tx, {
    environmentId: environment.id,
    entity: "Account",
    entityId: (await getInvoice(tx, environment.id, invoiceId)).customerId,
    ...mapping,
    configurationId,
  });
  return payer && `${connectionId} ${payer}`;
}
