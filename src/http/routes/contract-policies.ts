import { Type } from "typebox";
import { FINALIZATION_POLICIES, LATE_USAGE_POLICIES } from "../../domain/invoices/policies.ts";
import { changeContractPolicies } from "../../operations/change-contract-policies.ts";
import { type ContractPolicies, getContractPolicies } from "../../store/invoicing-policies.ts";
import { operationOf } from "../request-context.ts";
import { EnumField, IdField, ObjectField } from "../schemas/fields.ts";
import { NullableField } from "../schemas/nullable-field.ts";
import type { CoreServer } from "../server.ts";

const tags = ["settings"];
const url = "/v1/contracts/:contract_id/invoicing-settings";
const params = ObjectField({ contract_id: IdField() });

const toView = ({ finalization, lateUsage }: ContractPolicies) => ({
  data: { finalization, late_usage: lateUsage },
});

/** What a contract chooses for its own invoices; null: as its environment says. */
export function addContractPolicyRoutes(http: CoreServer): void {
  http.route({
    method: "GET",
    url,
    schema: { tags, summary: "What a contract chose for its invoices", params },
    handler: async (request) => {
      const { db, environment } = operationOf(request);
      return toView(await getContractPolicies(db, environment.id, request.params.contract_id));
    },
  });
  http.route({
    method: "PATCH",
    url,
    schema: {
      tags,
      summary: "Choose for the invoices of one contract; null gives the choice back",
      params,
      body: ObjectField({
        finalization: Type.Optional(NullableField(EnumField(FINALIZATION_POLICIES))),
        late_usage: Type.Optional(NullableField(EnumField(LATE_USAGE_POLICIES))),
      }),
    },
    handler: async (request) => {
      const { finalization, late_usage: lateUsage } = request.body;
      const { contract_id: id } = request.params;
      return toView(
        await changeContractPolicies(operationOf(request), id, { finalization, lateUsage }),
      );
    },
  });
}
