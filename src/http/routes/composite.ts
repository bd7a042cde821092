import { createCustomerWithContract } from "../../operations/create-customer-with-contract.ts";
import { createFromBody } from "../create-from-body.ts";
import { operationOf } from "../request-context.ts";
import { NewCustomerContractField } from "../schemas/create-contract.ts";
import { CreateCustomer, fromCreateCustomer } from "../schemas/create-customer.ts";
import { ObjectField } from "../schemas/fields.ts";
import type { CoreServer } from "../server.ts";

/** Several things in one request: all of them, or none. */
export function addCompositeRoutes(http: CoreServer): void {
  http.route({
    method: "POST",
    url: "/v1/composite/createCustomerWithContract",
    schema: {
      tags: ["customers"],
      summary: "Create a customer with a contract",
      body: ObjectField({ customer: CreateCustomer, contract: NewCustomerContractField }),
    },
    handler: async (request) => {
      const { customer: wanted, contract } = request.body;
      const { customer, contractId } = await createCustomerWithContract(
        operationOf(request),
        fromCreateCustomer(wanted),
        (ctx, customer_id) => createFromBody(ctx, { ...contract, customer_id }),
      );
      return {
        data: {
          customer_id: customer.id,
          customer_name: customer.name,
          ingest_aliases: customer.ingestAliases,
          contract_id: contractId,
        },
      };
    },
  });
}
