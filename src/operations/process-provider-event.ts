import { instantText, Temporal } from "../domain/time.ts";
import { findConnection } from "../store/connections.ts";
import { findRunOfDocument, updateRunObservation } from "../store/integration-runs.ts";
import { updateProviderEventProcessed } from "../store/provider-events.ts";
import type { OperationContext } from "./context.ts";
import { openConnection } from "./open-connection.ts";

export interface ProviderEventHint {
  readonly connectionId: string;
  readonly eventId: string;
  readonly externalId: string | undefined;
  readonly invoiceId: string | undefined;
}

/**
 * An event is only a hint that something changed: the provider's document is fetched anew and its
 * state counts, whatever order events come in. Documents that are not ours are passed over.
 */
export async function processProviderEvent(
  ctx: OperationContext,
  hint: ProviderEventHint,
): Promise<void> {
  const { connectionId, eventId, externalId } = hint;
  const run =
    externalId === undefined ? undefined : await findRunOfDocument(ctx.db, connectionId, hint);
  const connection = await findConnection(ctx.db, ctx.environment.id, connectionId);
  const provider = run === undefined ? undefined : ctx.services.providers[run.provider];
  if (
    run !== undefined &&
    provider !== undefined &&
    connection !== undefined &&
    externalId !== undefined
  ) {
    const observedAt = instantText(Temporal.Now.instant());
    const opened = openConnection(ctx.services.vault, connection, ctx.environment.name);
    const external = await provider.fetch(opened, externalId);
    await updateRunObservation(ctx.db, run.id, {
      externalId,
      status: external === undefined ? "DELETED" : external.status,
      details: external?.details ?? run.externalDetails,
      observedAt,
      updatedAt: instantText(ctx.now),
    });
  }
  await updateProviderEventProcessed(ctx.db, connectionId, eventId, instantText(ctx.now));
}
