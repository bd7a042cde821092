import type { CoreTransaction } from "../db/database.ts";
import { type BillingProvider, type DeliveryMethod, DIRECT } from "../domain/billing-provider.ts";
import { instantText } from "../domain/time.ts";
import { conflict, invalid, unsupported } from "../errors.ts";
import type { RouteOptions } from "../providers/provider-connection.ts";
import type { Connectable } from "../providers/usage-reporter.ts";
import {
  type BillingConfiguration,
  findSameConfiguration,
  insertBillingConfigurations,
} from "../store/billing-configurations.ts";
import type { Connection } from "../store/connection.ts";
import { getLiveConnection, listConnections } from "../store/connections.ts";
import type { OperationContext } from "./context.ts";
import { findConnectable } from "./find-connectable.ts";
import { openMeters } from "./open-meters.ts";

export interface RouteRequest {
  readonly billingProvider: BillingProvider;
  readonly deliveryMethod?: DeliveryMethod | undefined;
  /** A connection; absent = the only one there is. */
  readonly deliveryMethodId?: string | undefined;
  readonly configuration?: Readonly<Record<string, unknown>> | undefined;
}

/** The provider that does the work. Throws unsupported for the others of the wire's list. */
export function getProvider(ctx: OperationContext, name: string): Connectable {
  const provider = findConnectable(ctx.services, name);
  if (provider === undefined) throw unsupported(`billing_provider ${name}`);
  return provider;
}

/** Refuses a route that could lead nowhere, or to more than one account. */
function demandOneAccount(ctx: OperationContext, provider: string, live: readonly Connection[]) {
  if (live.length === 0) {
    throw invalid(
      `${provider} is not connected to the ${ctx.environment.name} environment; connect it first`,
      "billing_provider",
      "provider_not_connected",
    );
  }
  if (live.filter((connection) => !connection.builtIn).length > 1) {
    throw invalid(
      `delivery_method_id is required: several ${provider} accounts are connected`,
      "delivery_method_id",
    );
  }
}

/** The connection that a request names, or null for the environment's default. */
async function chooseConnection(
  tx: CoreTransaction,
  ctx: OperationContext,
  { billingProvider, deliveryMethodId }: RouteRequest,
): Promise<string | null> {
  const { id: environmentId } = ctx.environment;
  if (deliveryMethodId === undefined) {
    const live = await listConnections(tx, environmentId, billingProvider);
    demandOneAccount(ctx, billingProvider, live);
    return null;
  }
  const connection = await getLiveConnection(tx, environmentId, deliveryMethodId);
  if (connection.provider === billingProvider) return connection.id;
  throw invalid(
    `delivery_method_id is a ${connection.provider} account, not ${billingProvider}`,
    "delivery_method_id",
  );
}

/** Where usage is taken a buyer has one record an hour: two configurations would stand in each other's way. */
async function refuseSameBuyer(
  tx: CoreTransaction,
  { environment, services }: OperationContext,
  billingProvider: string,
  configuration: RouteOptions,
): Promise<void> {
  if (!Object.hasOwn(services.usageReporters, billingProvider)) return;
  const same = { environmentId: environment.id, billingProvider, configuration };
  const found = await findSameConfiguration(tx, same);
  if (found === undefined) return;
  throw conflict(
    `This buyer is reported for customer ${found.customerId} already, by billing configuration ${found.id}: archive that one first`,
    "buyer_configured",
  );
}

/** Adds routes for one customer, which the caller has created or locked; answers them in order. */
export async function addBillingConfigurations(
  tx: CoreTransaction,
  ctx: OperationContext,
  customerId: string,
  requests: readonly RouteRequest[],
): Promise<BillingConfiguration[]> {
  const checked = [];
  for (const request of requests) {
    const provider = getProvider(ctx, request.billingProvider);
    const deliveryMethod = request.deliveryMethod ?? DIRECT;
    if (deliveryMethod !== DIRECT) throw unsupported(`delivery_method ${deliveryMethod}`);
    const connectionId = await chooseConnection(tx, ctx, request);
    const configuration = provider.readRouteOptions(request.configuration ?? {});
    await refuseSameBuyer(tx, ctx, request.billingProvider, configuration);
    checked.push({
      environmentId: ctx.environment.id,
      customerId,
      billingProvider: request.billingProvider,
      deliveryMethod,
      connectionId,
      configuration,
      createdAt: instantText(ctx.now),
    });
  }
  const added = await insertBillingConfigurations(tx, checked);
  await openMeters(tx, ctx, added);
  return added;
}
