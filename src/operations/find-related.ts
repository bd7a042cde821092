import { findConnection } from "../store/connections.ts";
import type { OperationContext } from "./context.ts";
import { openConnection } from "./open-connection.ts";
import type { ProviderEventHint } from "./process-provider-event.ts";
import { tendSoon } from "./tend-soon.ts";

/** The documents that one event changed which is about something else, such as a payment. */
async function findOf(
  ctx: OperationContext,
  { connectionId, related = "" }: ProviderEventHint,
): Promise<readonly string[]> {
  const connection = await findConnection(ctx.db, ctx.environment.id, connectionId);
  if (connection === undefined || connection.archivedAt !== null) return [];
  const provider = ctx.services.providers[connection.provider];
  const opened = openConnection(ctx, connection, ctx.environment.name);
  const found = await provider?.relatedDocuments?.(opened, related);
  // What a thing that is gone had changed is in the provider's own list of changes.
  if (found === undefined) await tendSoon(ctx.db, ctx, connection);
  return found ?? [];
}

/** A hint for each document that these events changed beside those that they name. Throws ProviderReadError. */
export async function findRelated(
  ctx: OperationContext,
  hints: readonly ProviderEventHint[],
): Promise<ProviderEventHint[]> {
  const all: ProviderEventHint[] = [];
  for (const hint of hints) {
    if (hint.related === undefined) continue;
    const documents = await findOf(ctx, hint);
    all.push(...documents.map((externalId) => ({ ...hint, externalId, related: undefined })));
  }
  return all;
}
