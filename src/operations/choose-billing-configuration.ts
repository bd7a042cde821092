import { invalid, notFound } from "../errors.ts";
import {
  type BillingConfiguration,
  listBillingConfigurations,
} from "../store/billing-configurations.ts";
import type { OperationContext } from "./context.ts";

/** Which of a customer's billing configurations a contract takes: by id, or by what it is. */
export interface BillingChoice {
  readonly id: string | undefined;
  readonly billingProvider: string | undefined;
  readonly deliveryMethod: string | undefined;
}

/** The one active configuration of the customer that matches. Several or none are refused. */
export async function chooseBillingConfiguration(
  ctx: OperationContext,
  customerId: string,
  { id, billingProvider, deliveryMethod }: BillingChoice,
): Promise<BillingConfiguration> {
  const field = "billing_provider_configuration";
  const active = await listBillingConfigurations(ctx.db, ctx.environment.id, [customerId]);
  if (id !== undefined) {
    const found = active.find((configuration) => configuration.id === id);
    if (found === undefined) throw notFound("billing provider configuration", id);
    return found;
  }
  if (billingProvider === undefined || deliveryMethod === undefined) {
    throw invalid(
      `${field} must have billing_provider_configuration_id, or billing_provider and delivery_method`,
      field,
    );
  }
  const matching = active.filter(
    (configuration) =>
      configuration.billingProvider === billingProvider &&
      configuration.deliveryMethod === deliveryMethod,
  );
  const [only, second] = matching;
  if (only === undefined) throw invalid(`${field} matches no configuration of the customer`, field);
  if (second !== undefined) {
    throw invalid(
      `${field} matches several configurations of the customer: give billing_provider_configuration_id`,
      field,
    );
  }
  return only;
}
