import type { CoreTransaction } from "../db/database.ts";
import type { AlertTrigger } from "../db/tables/alerts.ts";
import type { Alert } from "../domain/alerts/alert.ts";
import { type AlertState, decideCrossings } from "../domain/alerts/decide-crossings.ts";
import { nextLookAt } from "../domain/alerts/measure-balances.ts";
import { type Instant, instantText } from "../domain/time.ts";
import { inTransaction } from "../platform/database/database.ts";
import { listAlertStates, upsertAlertStates } from "../store/alert-states.ts";
import { listAlertsOf } from "../store/alerts.ts";
import { findCustomer } from "../store/customers.ts";
import { takeInvoicingTurn } from "../store/freeze-invoice.ts";
import { announceAlert } from "./announce-alert.ts";
import type { OperationContext } from "./context.ts";
import { type AlertFacts, loadAlertFacts } from "./load-alert-facts.ts";
import { measureAlert } from "./measure-alert.ts";

/**
 * Looks at every alert that watches a customer, and tells what was crossed since the last look, in the
 * transaction that keeps it: one crossing is told once, however often and from how many processes this
 * is called. Costs a rating of the customer's drafts, so hours x groups and never events. Answers when
 * time alone may change something next.
 */
export async function evaluateAlerts(
  ctx: OperationContext,
  customerId: string,
  trigger: AlertTrigger,
): Promise<Instant | undefined> {
  return inTransaction(
    ctx.db,
    async (tx) => {
      await takeInvoicingTurn(tx, customerId);
      const environmentId = ctx.environment.id;
      const customer = await findCustomer(tx, environmentId, customerId);
      if (customer === undefined || customer.archivedAt !== null) return undefined;
      const enabled = { environmentId, customerId, enabled: true, archived: false };
      const alerts = await listAlertsOf(tx, enabled);
      if (alerts.length === 0) return undefined;
      const facts = await loadAlertFacts({ ...ctx, db: tx }, customerId, alerts);
      const ids = alerts.map(({ id }) => id);
      const states = await listAlertStates(tx, customerId, ids);
      const byAlert = Map.groupBy(states, ({ alertId }) => alertId);
      for (const alert of alerts) {
        const watched = { alert, customerId, trigger, states: byAlert.get(alert.id) ?? [] };
        await evaluate(tx, ctx, watched, facts);
      }
      return nextLookAt(alerts, facts.segments, ctx.now);
    },
    { oneSnapshot: true },
  );
}

interface Watched {
  readonly alert: Alert;
  readonly customerId: string;
  readonly trigger: AlertTrigger;
  readonly states: readonly AlertState[];
}

async function evaluate(
  tx: CoreTransaction,
  ctx: OperationContext,
  { alert, customerId, trigger, states }: Watched,
  facts: AlertFacts,
): Promise<void> {
  const readings = await measureAlert({ ...ctx, db: tx }, customerId, alert, facts);
  const { changes, crossings } = decideCrossings(readings, states);
  const changedAt = instantText(ctx.now);
  await upsertAlertStates(
    tx,
    customerId,
    changes.map((state) => ({
      ...state,
      alertId: alert.id,
      triggeredBy: state.status === "in_alarm" ? trigger : null,
      changedAt,
    })),
  );
  for (const crossing of crossings) {
    await announceAlert(tx, ctx, { alert, customerId, trigger, crossing });
  }
}
