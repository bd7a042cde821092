import type { OperationContext } from "../../operations/context.ts";
import type { IntegrationConfiguration } from "../../store/integration-configurations.ts";
import { toConfigurationView } from "../views/integration-configuration.ts";
import { ORGANIZATION } from "./organization.ts";

/** Where integration configurations stand. */
export const CONFIGURATIONS = `${ORGANIZATION}/integrationconfigs`;

/** A configuration as the API shows it. */
export const viewConfiguration = (
  { services }: OperationContext,
  configuration: IntegrationConfiguration,
) => toConfigurationView(configuration, services.providers);
