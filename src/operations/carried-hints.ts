import { fewAtATime } from "../platform/few-at-a-time.ts";
import type { NamedDocument } from "../providers/verified-event.ts";
import { listCarriedRuns, listConnectionsWithWaiting } from "../store/carried-runs.ts";
import { findConnection } from "../store/connections.ts";
import type { OperationContext } from "./context.ts";
import { openConnection } from "./open-connection.ts";
import type { ProviderEventHint } from "./process-provider-event.ts";
import { reportingRefusal } from "./report-issue.ts";

/** How many invoices are read at a time. */
const AT_ONCE = 4;

type CarrierHint = ProviderEventHint & {
  readonly carrier: NonNullable<ProviderEventHint["carrier"]>;
};

const hasCarrier = (hint: ProviderEventHint): hint is CarrierHint => hint.carrier !== undefined;

const toHints = (
  { connectionId, eventId }: ProviderEventHint,
  documents: readonly NamedDocument[],
): ProviderEventHint[] => documents.map((document) => ({ connectionId, eventId, ...document }));

/** What of ours is on an invoice that holds more than its event shows. Throws ProviderReadError. */
async function readCarrier(
  ctx: OperationContext,
  hint: CarrierHint,
): Promise<readonly NamedDocument[]> {
  const connection = await findConnection(ctx.db, ctx.environment.id, hint.connectionId);
  const provider = connection && ctx.services.providers[connection.provider];
  if (connection === undefined || provider?.listCarried === undefined) return [];
  const opened = openConnection(ctx, connection, ctx.environment.name);
  const listing = provider.listCarried(opened, hint.carrier.externalId);
  return reportingRefusal(ctx, connection.id, listing);
}

/**
 * An invoice of somebody else may have taken along what several of our deliveries left for it: an event
 * about it is one about each of them. They are those that the event shows, those that an earlier look
 * found there, and, where the event does not show all and something of ours waits, those that the
 * provider lists. Throws ProviderReadError.
 */
export async function listCarriedHints(
  ctx: OperationContext,
  hints: readonly ProviderEventHint[],
): Promise<ProviderEventHint[]> {
  const carriers = hints.filter(hasCarrier);
  if (carriers.length === 0) return [];
  const known = await listCarriedRuns(
    ctx.db,
    carriers.map(({ connectionId, carrier: { externalId } }) => ({ connectionId, externalId })),
  );
  const found = carriers.flatMap((hint) => [
    ...toHints(hint, hint.carrier.others),
    ...toHints(
      hint,
      known
        .filter(
          ({ connectionId, carrierId }) =>
            connectionId === hint.connectionId && carrierId === hint.carrier.externalId,
        )
        .map(({ externalId }) => ({ externalId, invoiceId: undefined })),
    ),
  ]);
  const unread = carriers.filter(({ carrier }) => carrier.hasMore);
  if (unread.length === 0) return found;
  const waiting = await listConnectionsWithWaiting(
    ctx.db,
    unread.map(({ connectionId }) => connectionId),
  );
  const byCarrier = new Map(
    unread
      .filter(({ connectionId }) => waiting.has(connectionId))
      .map((hint) => [`${hint.connectionId} ${hint.carrier.externalId}`, hint]),
  );
  await fewAtATime(AT_ONCE, [...byCarrier.values()], async (hint) => {
    found.push(...toHints(hint, await readCarrier(ctx, hint)));
  });
  return found;
}
