import { Type } from "typebox";
import { instant } from "../../domain/time.ts";
import { archiveContract, updateContractEndDate } from "../../operations/end-contract.ts";
import type { ContractDetail } from "../../operations/load-contract-details.ts";
import { readContract, readContracts } from "../../operations/read-contracts.ts";
import { createFromBody } from "../create-from-body.ts";
import { operationOf } from "../request-context.ts";
import {
  fromContractFilter,
  GetContractBody,
  ListContractsBody,
} from "../schemas/contract-reads.ts";
import { CreateContractBody } from "../schemas/create-contract.ts";
import { IdField, InstantField, ObjectField } from "../schemas/fields.ts";
import { NullableField } from "../schemas/nullable-field.ts";
import type { CoreServer } from "../server.ts";
import { toContractV2View, toContractView } from "../views/contract.ts";

const UpdateEndBody = ObjectField({
  customer_id: IdField(),
  contract_id: IdField(),
  ending_before: Type.Optional(NullableField(InstantField({ onHour: true }))),
  allow_ending_before_finalized_invoice: Type.Optional(Type.Boolean()),
});

const ArchiveBody = ObjectField({
  customer_id: IdField(),
  contract_id: IdField(),
  void_invoices: Type.Boolean(),
});

const tags = ["contracts"];

/** What customers have agreed to. */
export function addContractRoutes(http: CoreServer): void {
  http.route({
    method: "POST",
    url: "/v1/contracts/create",
    schema: { tags, summary: "Create a contract", body: CreateContractBody },
    handler: async (request) => ({
      data: { id: await createFromBody(operationOf(request), request.body) },
    }),
  });

  http.route({
    method: "POST",
    url: "/v1/contracts/updateEndDate",
    config: { oneSnapshot: true },
    schema: { tags, summary: "Move the end of a contract", body: UpdateEndBody },
    handler: async (request) => {
      const { body } = request;
      await updateContractEndDate(operationOf(request), {
        customerId: body.customer_id,
        contractId: body.contract_id,
        endingBefore: body.ending_before == null ? null : instant(body.ending_before),
        beforeFinalizedInvoice: body.allow_ending_before_finalized_invoice ?? true,
      });
      return { data: { id: body.contract_id } };
    },
  });

  http.route({
    method: "POST",
    url: "/v1/contracts/archive",
    config: { oneSnapshot: true },
    schema: { tags, summary: "Archive a contract", body: ArchiveBody },
    handler: async (request) => {
      const { customer_id: customerId, contract_id: contractId, void_invoices } = request.body;
      await archiveContract(operationOf(request), {
        customerId,
        contractId,
        voidInvoices: void_invoices,
      });
      return { data: { id: contractId } };
    },
  });

  addReadRoutes(http);
}

function addReadRoutes(http: CoreServer): void {
  const versions: readonly {
    base: string;
    config: { codes?: boolean };
    toView: (contract: ContractDetail) => object;
  }[] = [
    { base: "/v1/contracts", config: {}, toView: toContractView },
    { base: "/v2/contracts", config: { codes: true }, toView: toContractV2View },
  ];
  for (const { base, config, toView } of versions) {
    http.route({
      method: "POST",
      url: `${base}/get`,
      config,
      schema: { tags, summary: "Get a contract", body: GetContractBody },
      handler: async (request) => {
        const { body } = request;
        const contract = await readContract(
          operationOf(request),
          { customerId: body.customer_id, contractId: body.contract_id },
          { balance: body.include_balance ?? false, ledgers: body.include_ledgers ?? false },
        );
        return { data: toView(contract) };
      },
    });

    http.route({
      method: "POST",
      url: `${base}/list`,
      config,
      schema: { tags, summary: "List a customer's contracts", body: ListContractsBody },
      handler: async (request) => {
        const { body } = request;
        const contracts = await readContracts(operationOf(request), fromContractFilter(body), {
          balance: body.include_balance ?? false,
          ledgers: body.include_ledgers ?? false,
        });
        return { data: contracts.map(toView) };
      },
    });
  }
}
