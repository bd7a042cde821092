import { DIRECT } from "../../domain/billing-provider.ts";
import type { BillingConfiguration } from "../../store/billing-configurations.ts";
import type { Connection } from "../../store/connection.ts";

/** The connection that a route shows: the one it names, else its provider's default. */
const findShown = (row: BillingConfiguration, connections: readonly Connection[]) =>
  connections.find((connection) => connection.id === row.connectionId) ??
  connections.find(
    (connection) => connection.provider === row.billingProvider && connection.isDefault,
  );

/** A route as it is answered when it is set. `connections` are the environment's live ones. */
export const toConfigurationView = (
  row: BillingConfiguration,
  connections: readonly Connection[],
) => ({
  id: row.id,
  billing_provider: row.billingProvider,
  customer_id: row.customerId,
  configuration: row.configuration,
  delivery_method: row.deliveryMethod,
  delivery_method_id: findShown(row, connections)?.id ?? row.connectionId,
});

/** A route as it is answered when it is read. */
export const toConfigurationDetailView = (
  row: BillingConfiguration,
  connections: readonly Connection[],
) => ({
  ...toConfigurationView(row, connections),
  delivery_method_configuration: findShown(row, connections)?.settings ?? {},
  archived_at: row.archivedAt,
});

/** A connection as a means of delivery. */
export const toDeliveryMethodView = (connection: Connection) => ({
  billing_provider: connection.provider,
  delivery_method: DIRECT,
  delivery_method_id: connection.id,
  delivery_method_configuration: connection.settings,
});
