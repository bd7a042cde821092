import { amendContract } from "../../operations/amend-contract.ts";
import { editContract } from "../../operations/edit-contract.ts";
import { readContractEdits } from "../../operations/read-contract-edits.ts";
import { operationOf } from "../request-context.ts";
import { AmendContractBody, fromAmendContract } from "../schemas/amend-contract.ts";
import { EditContractBody, fromEditContract } from "../schemas/edit-contract.ts";
import { IdField, ObjectField } from "../schemas/fields.ts";
import type { CoreServer } from "../server.ts";
import { toContractEditView } from "../views/contract-edit.ts";

const tags = ["contracts"];

/** Changes of contracts after they were made, and their history. */
export function addEditContractRoutes(http: CoreServer): void {
  http.route({
    method: "POST",
    url: "/v2/contracts/edit",
    config: { codes: true, oneSnapshot: true },
    schema: { tags, summary: "Change a contract", body: EditContractBody },
    handler: async (request) => {
      const edit = await editContract(operationOf(request), fromEditContract(request.body));
      return { data: { id: edit.id, edit: toContractEditView(edit) } };
    },
  });

  http.route({
    method: "POST",
    url: "/v1/contracts/amend",
    config: { oneSnapshot: true },
    schema: { tags, summary: "Add to a contract under a date", body: AmendContractBody },
    handler: async (request) => ({
      data: { id: await amendContract(operationOf(request), fromAmendContract(request.body)) },
    }),
  });

  http.route({
    method: "POST",
    url: "/v2/contracts/getEditHistory",
    config: { codes: true },
    schema: {
      tags,
      summary: "List the changes of a contract",
      body: ObjectField({ customer_id: IdField(), contract_id: IdField() }),
    },
    handler: async (request) => {
      const { customer_id: customerId, contract_id: contractId } = request.body;
      const edits = await readContractEdits(operationOf(request), { customerId, contractId });
      return { data: edits.map(toContractEditView) };
    },
  });
}
