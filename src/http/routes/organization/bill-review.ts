import { Type } from "typebox";
import { instantText } from "../../../domain/time.ts";
import { conflict, invalid } from "../../../errors.ts";
import { approveInvoice } from "../../../operations/approve-invoice.ts";
import { approveInvoices, MAX_APPROVALS } from "../../../operations/approve-invoices.ts";
import type { OperationContext } from "../../../operations/context.ts";
import { lockInvoice } from "../../../operations/lock-invoice.ts";
import { readBill } from "../../../operations/read-bills.ts";
import { withdrawApproval } from "../../../operations/withdraw-approval.ts";
import { BILL_STATUSES, getBill, listPendingBillIds } from "../../../store/bills.ts";
import { makeBodyOptional } from "../../optional-body.ts";
import { ManyField, readManyIds } from "../../organization/list-query.ts";
import {
  ORGANIZATION,
  organizationOf,
  orgIdParams,
  orgParams,
} from "../../organization/organization.ts";
import { EnumField, IdField, ObjectField } from "../../schemas/fields.ts";
import type { CoreServer } from "../../server.ts";
import { toBillView } from "../../views/bill.ts";

const tags = ["bills"];
const url = `${ORGANIZATION}/bills`;
const params = ObjectField(orgIdParams);

/** What people decide about bills; the decisions are those of the invoices. */
export function addBillReviewRoutes(http: CoreServer): void {
  http.route({
    method: "PUT",
    url: `${url}/:id/status`,
    config: { oneSnapshot: true },
    schema: {
      tags,
      summary: "Approve a bill as it is now, or take its approval back",
      params,
      body: ObjectField({ status: EnumField(BILL_STATUSES) }),
    },
    handler: async (request) => {
      const ctx = organizationOf(request);
      const { id } = request.params;
      const bill = await getBill(ctx.db, ctx.environment.id, id);
      if (request.body.status === "PENDING") await withdrawApproval(ctx, id);
      // What is final counts as approved already.
      else if (bill.status === "DRAFT") await approveInvoice(ctx, id);
      return toBillView(await readBill(ctx, id));
    },
  });
  http.route({
    method: "PUT",
    url: `${url}/:id/lock`,
    config: { oneSnapshot: true },
    preValidation: makeBodyOptional,
    schema: {
      tags,
      summary: "Lock a bill for good; an approved one becomes final at once",
      params,
      body: ObjectField({}),
    },
    handler: async (request) => {
      const ctx = organizationOf(request);
      const { id } = request.params;
      await getBill(ctx.db, ctx.environment.id, id);
      await lockInvoice(ctx, id);
      return toBillView(await readBill(ctx, id));
    },
  });
  http.route({
    method: "POST",
    url: `${url}/approve`,
    preValidation: makeBodyOptional,
    schema: {
      tags,
      summary: "Approve several bills, or all of some accounts whose period has ended",
      params: ObjectField(orgParams),
      querystring: ObjectField(
        { accountIds: Type.Optional(ManyField()) },
        { unsupported: { externalInvoiceDateStart: null, externalInvoiceDateEnd: null } },
      ),
      body: ObjectField({
        billIds: Type.Optional(Type.Array(IdField(), { minItems: 1, maxItems: MAX_APPROVALS })),
      }),
    },
    handler: async (request) => {
      const ctx = organizationOf(request);
      const accountIds = readManyIds(request.query.accountIds, "accountIds");
      const ids = request.body.billIds ?? (await listPendingOf(ctx, accountIds));
      const { approved, refused } = await approveInvoices(ctx, { ids });
      return { message: `${approved.length} of ${ids.length} bills approved`, approved, refused };
    },
  });
  http.route({
    method: "DELETE",
    url: `${url}/:id`,
    schema: { tags, summary: "Refused, with what to do in its place", params },
    handler: async (request) => {
      const ctx = organizationOf(request);
      const bill = await getBill(ctx.db, ctx.environment.id, request.params.id);
      throw conflict(
        bill.status === "DRAFT"
          ? `Bill ${bill.id} follows from contract ${bill.contractId}: it is there as long as that has it. Change or archive the contract, or remove the scheduled charge`
          : `Bill ${bill.id} is final: void it with POST /v1/invoices/void, or give a credit note`,
        "bill_not_deletable",
      );
    },
  });
}

/** The first bills of these accounts that may be approved; the body's bills come before the query. */
async function listPendingOf(ctx: OperationContext, accountIds: readonly string[]) {
  if (accountIds.length === 0) {
    throw invalid("give billIds in the body, or accountIds in the query", "billIds");
  }
  return listPendingBillIds(ctx.db, ctx.environment.id, accountIds, {
    now: instantText(ctx.now),
    limit: MAX_APPROVALS,
  });
}
