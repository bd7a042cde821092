import { assert } from "../../errors.ts";
import { listDestinations } from "../../operations/find-destination.ts";
import { toConfigData, warnOf } from "../../operations/read-integration-options.ts";
import type { ProviderRegistry } from "../../providers/provider.ts";
import type { IntegrationConfiguration } from "../../store/integration-configurations.ts";

/** What a full replace may send back unchanged. */
export const READ_ONLY_OF_CONFIGURATION = [
  "id",
  "authorized",
  "enabled",
  "status",
  "statusMessage",
  "errorCount",
  "disabledReason",
  "dtDisabled",
  "triggerType",
  "warnings",
  "dtCreated",
  "createdBy",
  "dtLastModified",
  "lastModifiedBy",
] as const;

/** A configuration with every option and the value that holds, and whether it can send. */
export function toConfigurationView(
  configuration: IntegrationConfiguration,
  providers: ProviderRegistry,
) {
  const { connectionId, options } = configuration;
  const destination = listDestinations(providers).find(
    (each) => each.destination === configuration.destination,
  );
  assert(destination !== undefined, `there is a destination ${configuration.destination}`);
  const authorized = connectionId !== null;
  return {
    id: configuration.id,
    name: configuration.name,
    entityType: configuration.entityType,
    destination: configuration.destination,
    destinationId: connectionId,
    integrationCredentialsId: connectionId,
    configData: toConfigData(destination.target, options),
    exclusiveGroup: configuration.exclusiveGroup,
    authorized,
    enabled: configuration.enabled,
    status: authorized ? "CONNECTED" : "NOT_CONNECTED",
    statusMessage: authorized
      ? null
      : `The integration is not yet connected to ${destination.label}: add a credential`,
    errorCount: configuration.errorCount,
    disabledReason: configuration.disabledReason,
    dtDisabled: configuration.disabledAt,
    triggerType: "EVENT",
    warnings: warnOf(destination.target, options),
    version: configuration.version,
    dtCreated: configuration.createdAt,
    createdBy: configuration.createdBy,
    dtLastModified: configuration.updatedAt,
    lastModifiedBy: configuration.updatedBy,
  };
}
