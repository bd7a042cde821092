import { Type } from "typebox";
import { instantText } from "../../../domain/time.ts";
import { notFound } from "../../../errors.ts";
import { listBills, readBill, readLatestBill } from "../../../operations/read-bills.ts";
import { BILL_STATUSES } from "../../../store/bills.ts";
import { DateField, readDate } from "../../organization/date-field.ts";
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
import { toPage } from "../../pagination.ts";
import { EnumField, IdField, ObjectField } from "../../schemas/fields.ts";
import type { CoreServer } from "../../server.ts";
import { toBillLineView, toBillView } from "../../views/bill.ts";
import { addBillReviewRoutes } from "./bill-review.ts";

const tags = ["bills"];
const url = `${ORGANIZATION}/bills`;
const params = ObjectField(orgIdParams);
/** Each account on a page is rated, so pages are short unless asked. */
const DEFAULT_BILLS = 20;

const listQuery = ObjectField(
  {
    ...orgPageQuery,
    accountId: Type.Optional(IdField()),
    ids: Type.Optional(ManyField()),
    status: Type.Optional(EnumField(BILL_STATUSES)),
    locked: Type.Optional(Type.Boolean()),
    billDate: Type.Optional(DateField()),
    billDateStart: Type.Optional(DateField()),
    billDateEnd: Type.Optional(DateField()),
    externalInvoiceDateStart: Type.Optional(DateField()),
    externalInvoiceDateEnd: Type.Optional(DateField()),
    billJobId: Type.Optional(IdField()),
    excludeLineItems: Type.Optional(Type.Boolean()),
  },
  // A bill always has its total.
  { unsupported: { includeBillTotal: true, billingFrequency: null, additional: [] } },
);

/** Invoices in the words of the integrations API: docs/bills.md. */
export function addBillRoutes(http: CoreServer): void {
  http.route({
    method: "GET",
    url,
    schema: {
      tags,
      summary: "List bills of all accounts, oldest first",
      params: ObjectField(orgParams),
      querystring: listQuery,
    },
    handler: async (request) => {
      const { query } = request;
      const day = readDate(query.billDate, "billDate");
      const page = await listBills(organizationOf(request), {
        customerId: query.accountId,
        ids: readManyIds(query.ids, "ids"),
        status: query.status,
        locked: query.locked,
        billDate: {
          from: day ?? readDate(query.billDateStart, "billDateStart"),
          to: day ?? readDate(query.billDateEnd, "billDateEnd"),
        },
        externalInvoiceDate: {
          from: readDate(query.externalInvoiceDateStart, "externalInvoiceDateStart"),
          to: readDate(query.externalInvoiceDateEnd, "externalInvoiceDateEnd"),
        },
        billJobId: query.billJobId,
        after: readPageQuery(query).after,
        limit: query.pageSize ?? DEFAULT_BILLS,
      });
      const withLines = !query.excludeLineItems;
      return toTokenPage(page, (bill) => toBillView(bill, { withLines }));
    },
  });
  http.route({
    method: "GET",
    url: `${url}/:id`,
    schema: { tags, summary: "Get a bill", params },
    handler: async (request) =>
      toBillView(await readBill(organizationOf(request), request.params.id)),
  });
  http.route({
    method: "GET",
    url: `${url}/latest/:accountId`,
    schema: {
      tags,
      summary: "The bill of an account that began last",
      params: ObjectField({ ...orgParams, accountId: IdField() }),
    },
    handler: async (request) => {
      const ctx = organizationOf(request);
      return toBillView(await readLatestBill(ctx, request.params.accountId, instantText(ctx.now)));
    },
  });
  addLineRoutes(http);
  addBillReviewRoutes(http);
}

function addLineRoutes(http: CoreServer): void {
  http.route({
    method: "GET",
    url: `${url}/:id/lineitems`,
    schema: {
      tags,
      summary: "List the lines of a bill in its order",
      params,
      querystring: ObjectField(orgPageQuery),
    },
    handler: async (request) => {
      const { after = 0n, limit } = readPageQuery(request.query);
      const bill = await readBill(organizationOf(request), request.params.id);
      const rows = bill.lines
        .slice(Number(after))
        .map((line) => ({ line, position: BigInt(line.sequenceNumber) }));
      return toTokenPage(toPage(rows, limit), ({ line }) => toBillLineView(line, "bandUsage"));
    },
  });
  http.route({
    method: "GET",
    url: `${url}/:id/lineitems/:lineId`,
    schema: {
      tags,
      summary: "Get one line of a bill",
      params: ObjectField({ ...orgIdParams, lineId: IdField() }),
    },
    handler: async (request) => {
      const { id, lineId } = request.params;
      const bill = await readBill(organizationOf(request), id);
      const line = bill.lines.find((each) => each.id === lineId);
      if (line === undefined) throw notFound("line item", lineId);
      return toBillLineView(line, "bandUsage");
    },
  });
}
