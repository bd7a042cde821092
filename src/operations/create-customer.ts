import type { CustomFields } from "../domain/custom-fields/entity.ts";
import { instantText } from "../domain/time.ts";
import { inTransaction } from "../platform/database/database.ts";
import { insertCustomer } from "../store/customers.ts";
import { addBillingConfigurations, type RouteRequest } from "./add-billing-configurations.ts";
import type { OperationContext } from "./context.ts";
import { toCustomerName } from "./customer-name.ts";
import { type CustomerDetail, loadCustomer } from "./load-customers.ts";
import { requestAlertEvaluation } from "./request-threshold-evaluation.ts";
import { setCustomFields } from "./set-custom-fields.ts";
import { assignIngestAliases } from "./set-ingest-aliases.ts";

export interface CustomerRequest {
  readonly name: string;
  readonly ingestAliases: readonly string[];
  readonly customFields: CustomFields | undefined;
  readonly routes: readonly RouteRequest[];
}

/** Creates a customer with all that the request gives it, or nothing at all. */
export async function createCustomer(
  ctx: OperationContext,
  request: CustomerRequest,
): Promise<CustomerDetail> {
  const environmentId = ctx.environment.id;
  return inTransaction(ctx.db, async (tx) => {
    const customer = await insertCustomer(tx, {
      environmentId,
      name: toCustomerName(request.name),
      createdAt: instantText(ctx.now),
    });
    await assignIngestAliases(tx, ctx, customer.id, request.ingestAliases);
    await setCustomFields(tx, ctx, "customer", customer.id, request.customFields);
    await addBillingConfigurations(tx, ctx, customer.id, request.routes);
    await requestAlertEvaluation(tx, ctx, customer.id);
    return loadCustomer(tx, environmentId, customer);
  });
}
