import { instantText } from "../domain/time.ts";
import { notFound } from "../errors.ts";
import { inTransaction } from "../platform/database/database.ts";
import {
  archiveBillingConfigurations,
  type BillingConfiguration,
  listBillingConfigurations,
  updateBillingConfiguration,
} from "../store/billing-configurations.ts";
import { lockCustomer } from "../store/customers.ts";
import {
  addBillingConfigurations,
  getProvider,
  type RouteRequest,
} from "./add-billing-configurations.ts";
import type { OperationContext } from "./context.ts";
import { lockActiveCustomer } from "./lock-active-customer.ts";

export interface CustomerRouteRequest extends RouteRequest {
  readonly customerId: string;
}

/** Adds routes to one or more customers, all or none; answers them in the order of the request. */
export async function setBillingConfigurations(
  ctx: OperationContext,
  requests: readonly CustomerRouteRequest[],
): Promise<BillingConfiguration[]> {
  return inTransaction(ctx.db, async (tx) => {
    const customers = [...new Set(requests.map((request) => request.customerId))].toSorted();
    for (const id of customers) await lockActiveCustomer(tx, ctx, id);
    const added = [];
    for (const request of requests) {
      added.push(...(await addBillingConfigurations(tx, ctx, request.customerId, [request])));
    }
    return added;
  });
}

/**
 * Makes this the customer's configuration of the provider. One that is there is changed in place, so
 * that contracts which name it follow; otherwise it is added.
 */
export async function putBillingConfiguration(
  ctx: OperationContext,
  customerId: string,
  request: RouteRequest,
): Promise<void> {
  await inTransaction(ctx.db, async (tx) => {
    await lockActiveCustomer(tx, ctx, customerId);
    const active = await listBillingConfigurations(tx, ctx.environment.id, [customerId]);
    const current = active.find((row) => row.billingProvider === request.billingProvider);
    if (current === undefined) {
      await addBillingConfigurations(tx, ctx, customerId, [request]);
      return;
    }
    const provider = getProvider(ctx, request.billingProvider);
    const configuration = provider.readRouteOptions(request.configuration ?? {});
    await updateBillingConfiguration(tx, current.id, configuration);
  });
}

/**
 * Ends configurations of one customer, all or none. It acts at once: invoices that were not handed
 * over yet are not sent this way any more.
 */
export async function endBillingConfigurations(
  ctx: OperationContext,
  customerId: string,
  ids: readonly string[],
): Promise<void> {
  await inTransaction(ctx.db, async (tx) => {
    await lockCustomer(tx, ctx.environment.id, customerId);
    const rows = await listBillingConfigurations(tx, ctx.environment.id, [customerId], {
      archived: true,
    });
    const known = new Set(rows.map((row) => row.id));
    for (const id of ids) if (!known.has(id)) throw notFound("billing provider configuration", id);
    await archiveBillingConfigurations(tx, ids, instantText(ctx.now));
  });
}

/** Ends every configuration the customer has with the provider. Throws not_found without one. */
export async function endProviderConfigurations(
  ctx: OperationContext,
  customerId: string,
  billingProvider: string,
): Promise<void> {
  await inTransaction(ctx.db, async (tx) => {
    await lockCustomer(tx, ctx.environment.id, customerId);
    const active = await listBillingConfigurations(tx, ctx.environment.id, [customerId]);
    const ended = active.filter((row) => row.billingProvider === billingProvider);
    if (ended.length === 0)
      throw notFound(`${billingProvider} configuration of customer`, customerId);
    await archiveBillingConfigurations(
      tx,
      ended.map((row) => row.id),
      instantText(ctx.now),
    );
  });
}
