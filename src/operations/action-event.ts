import { instantText } from "../domain/time.ts";
import { inTransaction } from "../platform/database/database.ts";
import {
  getIntegrationEvent,
  type IntegrationEvent,
  markActioned,
} from "../store/integration-events.ts";
import type { OperationContext } from "./context.ts";

/** Marks an event as dealt with; doing it again changes nothing. Throws not_found. */
export const actionEvent = (
  ctx: OperationContext,
  id: string,
  notBefore: string,
): Promise<IntegrationEvent> =>
  inTransaction(ctx.db, async (tx) => {
    await getIntegrationEvent(tx, ctx.environment.id, id, notBefore);
    await markActioned(tx, id, { at: instantText(ctx.now), by: ctx.actor });
    return getIntegrationEvent(tx, ctx.environment.id, id, notBefore);
  });
