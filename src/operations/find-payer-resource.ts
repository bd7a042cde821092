import type { CoreTransaction } from "../db/database.ts";
import type { ProviderRegistry } from "../providers/provider.ts";
import { getCreditNote } from "../store/credit-notes.ts";
import { findRunOfInvoice, getRun, type IntegrationRun } from "../store/integration-runs.ts";
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

/** As payerResource, of a run as it is in this transaction. Throws AppError (not_found). */
export const findRunResource = async (
  tx: CoreTransaction,
  { environment, services }: OperationContext,
  runId: string,
): Promise<string | undefined> =>
  payerResource(services.providers, await getRun(tx, environment.id, runId));

/** As payerResource, of the delivery that a credit note belongs to. Throws AppError (not_found). */
export async function findNoteResource(
  tx: CoreTransaction,
  { environment, services }: OperationContext,
  creditNoteId: string,
): Promise<string | undefined> {
  const { invoiceId } = await getCreditNote(tx, environment.id, creditNoteId);
  const run = await findRunOfInvoice(tx, invoiceId);
  return run && payerResource(services.providers, run);
}
