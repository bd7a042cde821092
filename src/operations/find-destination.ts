import { AppError, invalid } from "../errors.ts";
import type { IntegrationTarget, TargetDestination } from "../providers/integration-target.ts";
import type { ProviderRegistry } from "../providers/provider.ts";
import type { OperationContext } from "./context.ts";

/** A destination with the provider behind it. */
export interface Destination extends TargetDestination {
  readonly provider: string;
  readonly target: IntegrationTarget;
}

/** Every destination there is, of every environment. */
export const listDestinations = (providers: ProviderRegistry): Destination[] =>
  Object.values(providers).flatMap(({ name, target }) =>
    target === undefined
      ? []
      : target.destinations.map((each) => ({ ...each, provider: name, target })),
  );

type Scope = Pick<OperationContext, "environment" | "services">;

/** Those that may be used in the environment. */
export const listUsableDestinations = ({ environment, services }: Scope): Destination[] =>
  listDestinations(services.providers).filter((each) => each.environment === environment.name);

/** Why a destination of another environment cannot be used in this one. */
export const unusableReason = ({ label, destination, environment }: TargetDestination): string =>
  `${destination} is ${label}, which only the ${environment} environment may use`;

/**
 * The destination of that name, in any case. Throws AppError naming `field` when there is none, or when
 * it belongs to the other environment.
 */
export function getDestination(ctx: Scope, name: string, field = "destination"): Destination {
  const usable = listUsableDestinations(ctx)
    .map(({ destination }) => destination)
    .join(", ");
  const found = listDestinations(ctx.services.providers).find(
    ({ destination }) => destination === name.toUpperCase(),
  );
  if (found === undefined) {
    throw new AppError(
      "unsupported",
      "unsupported",
      `${field} ${name} is not supported yet; the ${ctx.environment.name} environment has ${usable}`,
      { field },
    );
  }
  if (found.environment === ctx.environment.name) return found;
  throw invalid(`${field} ${unusableReason(found)}; this one has ${usable}`, field);
}
