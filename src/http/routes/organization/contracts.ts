import { Type } from "typebox";
import { AppError } from "../../../errors.ts";
import {
  type DetailedContract,
  detailContracts,
  setPurchaseOrder,
} from "../../../operations/set-purchase-order.ts";
import { getLiveContract, listContractPage } from "../../../store/contract-list.ts";
import { ManyField, readManyIds } from "../../organization/list-query.ts";
import {
  ORGANIZATION,
  organizationOf,
  orgIdParams,
  orgPageQuery,
  orgParams,
  readPageQuery,
  toTokenPage,
} from "../../organization/organization.ts";
import { readOnlyFields, refuseChanged } from "../../organization/read-only.ts";
import { toPage } from "../../pagination.ts";
import { IdField, ObjectField, TextField } from "../../schemas/fields.ts";
import { NullableField } from "../../schemas/nullable-field.ts";
import type { CoreServer } from "../../server.ts";

const tags = ["contracts"];
const url = `${ORGANIZATION}/contracts`;
const one = `${url}/:id`;
const params = ObjectField(orgIdParams);

/** The terms of a contract are the core API's; they may be sent back as they were read. */
const READ_ONLY = [
  "id",
  "accountId",
  "name",
  "startDate",
  "endDate",
  "dtCreated",
  "dtLastModified",
  "createdBy",
  "lastModifiedBy",
] as const;

/** Known to the matched API, and not kept here. */
const UNSUPPORTED = {
  code: null,
  description: null,
  customFields: {},
  billGroupingKeyId: null,
  usageFilters: [],
  applyContractPeriodLimits: false,
};

/** Dates are those of UTC; the end is exclusive, null: it has none. */
const toContractView = ({ contract, details }: DetailedContract) => ({
  id: contract.id,
  accountId: contract.customer_id,
  name: contract.name,
  startDate: contract.starting_at.slice(0, 10),
  endDate: contract.ending_before?.slice(0, 10) ?? null,
  purchaseOrderNumber: details.purchaseOrderNumber,
  version: details.version,
  dtCreated: contract.created_at,
  dtLastModified: details.updatedAt ?? contract.created_at,
  createdBy: contract.created_by,
  lastModifiedBy: details.updatedBy ?? contract.created_by,
});

/** Contracts in the words of the integrations API, which keeps their purchase order numbers. */
export function addOrganizationContractRoutes(http: CoreServer): void {
  http.route({
    method: "GET",
    url,
    schema: {
      tags,
      summary: "List contracts, oldest first",
      params: ObjectField(orgParams),
      querystring: ObjectField(
        { ...orgPageQuery, accountId: Type.Optional(IdField()), ids: Type.Optional(ManyField()) },
        { unsupported: { codes: null } },
      ),
    },
    handler: async (request) => {
      const ctx = organizationOf(request);
      const { after, limit } = readPageQuery(request.query);
      const found = await listContractPage(ctx.db, {
        environmentId: ctx.environment.id,
        customerId: request.query.accountId,
        ids: readManyIds(request.query.ids, "ids"),
        after,
        limit,
      });
      const page = toPage(found, limit);
      return toTokenPage({ ...page, rows: await detailContracts(ctx, page.rows) }, toContractView);
    },
  });
  http.route({
    method: "GET",
    url: one,
    schema: { tags, summary: "Get a contract", params },
    handler: async (request) => {
      const ctx = organizationOf(request);
      const contract = await getLiveContract(ctx.db, ctx.environment.id, request.params.id);
      return (await detailContracts(ctx, [contract])).map(toContractView)[0];
    },
  });
  http.route({
    method: "PUT",
    url: one,
    schema: {
      tags,
      summary: "Set or take away a contract's purchase order number",
      params,
      body: ObjectField(
        {
          ...readOnlyFields(READ_ONLY),
          purchaseOrderNumber: Type.Optional(NullableField(TextField({ max: 140 }))),
          version: Type.Integer({ minimum: 1 }),
        },
        { unsupported: UNSUPPORTED },
      ),
    },
    handler: async (request) => {
      const { body } = request;
      const changed = await setPurchaseOrder(
        organizationOf(request),
        request.params.id,
        body.purchaseOrderNumber ?? null,
        {
          version: body.version,
          check: (contract) => refuseChanged(toContractView(contract), body, READ_ONLY),
        },
      );
      return toContractView(changed);
    },
  });
  for (const [method, at, instead] of [
    ["POST", url, "created here, because it needs its prices: use POST /v1/contracts/create"],
    ["DELETE", one, "deleted here: use POST /v1/contracts/archive"],
  ] as const) {
    http.route({
      method,
      url: at,
      schema: { hide: true },
      handler: async (request) => {
        organizationOf(request);
        throw new AppError("unsupported", "unsupported", `A contract is not ${instead}`);
      },
    });
  }
}
