import { type Instant, instant, instantText, later, Temporal } from "../domain/time.ts";
import type { AccountAccess } from "../providers/account.ts";
import type { Connection } from "../store/connection.ts";
import { updateConnection } from "../store/connection-changes.ts";
import type { OperationContext } from "./context.ts";
import { keepEvents } from "./keep-events.ts";
import { openConnection } from "./open-connection.ts";

/** A provider's list may show an event some time after it happened. */
const OVERLAP = Temporal.Duration.from({ hours: 2 });

/**
 * Reads the provider's list of events from a little before where it was read last, and takes in each
 * as if it had been sent: what came by webhook, or by an earlier poll, is known by its id. The first
 * look at an account takes the newest page alone, because what came before it was connected is not
 * about us. Throws ProviderReadError; what was taken in until then stays.
 */
export async function pollEvents(
  ctx: OperationContext,
  connection: Connection,
  account: AccountAccess,
): Promise<void> {
  const { polledUntil } = connection;
  const opened = openConnection(ctx, connection, ctx.environment.name);
  const before = polledUntil === null ? undefined : instant(polledUntil);
  let newest: Instant | undefined = before;
  for await (const page of account.listEvents(opened, { since: before?.subtract(OVERLAP) })) {
    await keepEvents(
      ctx.db,
      ctx.environment.name,
      instantText(ctx.now),
      page.events.map(({ payload, createdAt: _createdAt, ...verified }) => ({
        connectionId: connection.id,
        verified,
        payload,
      })),
    );
    const times = page.events.map(({ createdAt }) => createdAt);
    for (const at of page.readUntil === undefined ? times : [page.readUntil])
      newest = newest === undefined ? at : later(newest, at);
    if (before === undefined && !connection.builtIn) break;
  }
  await updateConnection(ctx.db, connection.id, {
    polledAt: instantText(Temporal.Now.instant()),
    pollError: null,
    ...(newest === undefined ? {} : { polledUntil: instantText(newest) }),
  });
}
