import type { AlertTrigger } from "../db/tables/alerts.ts";
import type { Alert } from "../domain/alerts/alert.ts";
import type { AlertStatus } from "../domain/alerts/decide-crossings.ts";
import { WHOLE } from "../domain/alerts/reading.ts";
import { instant, instantText, later } from "../domain/time.ts";
import { invalid, notFound } from "../errors.ts";
import { listAlertStates, type StoredAlertState } from "../store/alert-states.ts";
import { type AlertFilter, getAlert, listAlertsOf } from "../store/alerts.ts";
import { getCustomer } from "../store/customers.ts";
import { listUnitNames } from "../store/pricing-units.ts";
import type { OperationContext } from "./context.ts";

/** An alert, and where one customer stands with it. */
export interface CustomerAlert {
  readonly alert: Alert;
  /** null: the alert is archived. */
  readonly status: AlertStatus | null;
  readonly triggeredBy: AlertTrigger | null;
  /** When the alert or the status last changed. */
  readonly updatedAt: string;
  /** What the environment's pricing units are called, by id. */
  readonly units: ReadonlyMap<string, string>;
}

/** A page of the alerts that watch a customer, one more than asked for where more follow. */
export async function listCustomerAlerts(
  ctx: OperationContext,
  filter: Omit<AlertFilter, "environmentId">,
): Promise<CustomerAlert[]> {
  const environmentId = ctx.environment.id;
  await getCustomer(ctx.db, environmentId, filter.customerId);
  const alerts = await listAlertsOf(ctx.db, { environmentId, ...filter });
  const states = await listAlertStates(
    ctx.db,
    filter.customerId,
    alerts.map(({ id }) => id),
  );
  const units = await listUnitNames(ctx.db, environmentId);
  const byAlert = Map.groupBy(states, ({ alertId }) => alertId);
  return alerts.map((alert) => toCustomerAlert(alert, byAlert.get(alert.id) ?? [], WHOLE, units));
}

export interface CustomerAlertQuery {
  readonly customerId: string;
  readonly alertId: string;
  /** Of an alert on the balances of seats: only this seat. */
  readonly seat: { readonly groupKey: string; readonly seatId: string } | undefined;
}

/** One alert, and where a customer stands with it. Throws not found, also for one of another customer. */
export async function getCustomerAlert(
  ctx: OperationContext,
  { customerId, alertId, seat }: CustomerAlertQuery,
): Promise<CustomerAlert> {
  const environmentId = ctx.environment.id;
  await getCustomer(ctx.db, environmentId, customerId);
  const alert = await getAlert(ctx.db, environmentId, alertId);
  if (alert.customerId !== null && alert.customerId !== customerId) {
    throw notFound("alert", alertId);
  }
  if (seat !== undefined) checkSeat(alert, seat);
  const states = await listAlertStates(ctx.db, customerId, [alertId]);
  const units = await listUnitNames(ctx.db, environmentId);
  return toCustomerAlert(alert, states, seat?.seatId ?? WHOLE, units);
}

function checkSeat({ seatFilter }: Alert, seat: NonNullable<CustomerAlertQuery["seat"]>): void {
  const isWatched =
    seatFilter?.groupKey === seat.groupKey &&
    (seatFilter.seatId === null || seatFilter.seatId === seat.seatId);
  if (!isWatched) throw invalid("seat_filter is of no seat that the alert watches", "seat_filter");
}

function toCustomerAlert(
  alert: Alert,
  states: readonly StoredAlertState[],
  subject: string,
  units: CustomerAlert["units"],
): CustomerAlert {
  const whole = states.find((state) => state.subject === WHOLE);
  const own = states.find((state) => state.subject === subject);
  // A seat that never crossed has no state of its own.
  const isLookedAt = whole !== undefined && whole.status !== "evaluating";
  const status = own?.status ?? (isLookedAt ? "ok" : "evaluating");
  const changes = [own?.changedAt, alert.archivedAt].filter((at) => typeof at === "string");
  return {
    alert,
    status: alert.archivedAt === null ? status : null,
    triggeredBy: alert.archivedAt === null ? (own?.triggeredBy ?? null) : null,
    updatedAt: instantText(changes.map(instant).reduce(later, instant(alert.createdAt))),
    units,
  };
}
