import { Type } from "typebox";
import type { BillJobTerms } from "../../../domain/integrations/bill-job.ts";
import { cancelBillJob, createBillJob } from "../../../operations/create-bill-job.ts";
import {
  BILL_JOB_STATUSES,
  type BillJob,
  getBillJob,
  listBillJobs,
} from "../../../store/bill-jobs.ts";
import { makeBodyOptional } from "../../optional-body.ts";
import { DateField, readDate } from "../../organization/date-field.ts";
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
import { NullableField } from "../../schemas/nullable-field.ts";
import type { CoreServer } from "../../server.ts";

const tags = ["bill jobs"];
const url = `${ORGANIZATION}/billjobs`;
const one = `${url}/:id`;
const params = ObjectField(orgIdParams);
const MAX_IDS = 1000;

const IdsField = () => Type.Array(IdField(), { minItems: 1, maxItems: MAX_IDS, uniqueItems: true });
const optionalDate = Type.Optional(NullableField(DateField()));

/** Drafts follow their contracts: their rhythm and currency are not a job's to say. */
const UNSUPPORTED = {
  billingFrequency: null,
  billFrequencyInterval: null,
  targetCurrency: null,
  currencyConversions: [],
  timezone: "UTC",
  dayEpoch: null,
  weekEpoch: null,
  monthEpoch: null,
  yearEpoch: null,
  version: null,
};

const CreateBillJob = ObjectField(
  {
    accountIds: Type.Optional(NullableField(IdsField())),
    billDate: optionalDate,
    lastDateInBillingPeriod: optionalDate,
    dueDate: optionalDate,
    externalInvoiceDate: optionalDate,
  },
  { unsupported: UNSUPPORTED },
);

function toTerms(body: Type.Static<typeof CreateBillJob>): BillJobTerms {
  const dates = {
    billDate: readDate(body.billDate, "billDate"),
    lastDateInBillingPeriod: readDate(body.lastDateInBillingPeriod, "lastDateInBillingPeriod"),
    dueDate: readDate(body.dueDate, "dueDate"),
    externalInvoiceDate: readDate(body.externalInvoiceDate, "externalInvoiceDate"),
  };
  const given = Object.entries({ ...dates, accountIds: body.accountIds ?? undefined });
  return Object.fromEntries(given.filter(([, value]) => value !== undefined));
}

/** `total` counts the bills that were calculated, `regenerated` those of them that had changed. */
const toJobView = (job: BillJob) => ({
  id: job.id,
  type: job.type,
  status: job.status,
  accountIds: job.terms.accountIds ?? [],
  billIds: job.terms.billIds ?? [],
  billDate: job.terms.billDate ?? null,
  lastDateInBillingPeriod: job.terms.lastDateInBillingPeriod ?? null,
  dueDate: job.terms.dueDate ?? null,
  externalInvoiceDate: job.terms.externalInvoiceDate ?? null,
  scheduled: job.scheduled,
  total: job.calculated,
  regenerated: job.regenerated,
  timezone: "UTC",
  version: job.version,
  dtCreated: job.createdAt,
  dtLastModified: job.updatedAt,
  createdBy: job.createdBy,
  lastModifiedBy: job.updatedBy,
});

/** Requests to calculate bills anew: docs/bills.md. */
export function addBillJobRoutes(http: CoreServer): void {
  http.route({
    method: "POST",
    url,
    preValidation: makeBodyOptional,
    schema: {
      tags,
      summary: "Calculate the drafts of some accounts, or of all",
      params: ObjectField(orgParams),
      body: CreateBillJob,
    },
    handler: async (request) => {
      const ctx = organizationOf(request);
      return toJobView(await createBillJob(ctx, "CREATE", toTerms(request.body)));
    },
  });
  http.route({
    method: "POST",
    url: `${url}/recalculate`,
    schema: {
      tags,
      summary: "Calculate some bills anew",
      params: ObjectField(orgParams),
      body: ObjectField({ billIds: IdsField() }),
    },
    handler: async (request) => {
      const { billIds } = request.body;
      return toJobView(await createBillJob(organizationOf(request), "RECALCULATE", { billIds }));
    },
  });
  http.route({
    method: "GET",
    url,
    schema: {
      tags,
      summary: "List bill jobs, oldest first",
      params: ObjectField(orgParams),
      querystring: ObjectField(
        { ...orgPageQuery, status: Type.Optional(EnumField(BILL_JOB_STATUSES)) },
        { unsupported: { active: null } },
      ),
    },
    handler: async (request) => {
      const ctx = organizationOf(request);
      const { after, limit } = readPageQuery(request.query);
      const { status } = request.query;
      const found = await listBillJobs(ctx.db, ctx.environment.id, { status, after, limit });
      return toTokenPage(toPage(found, limit), toJobView);
    },
  });
  http.route({
    method: "GET",
    url: one,
    schema: { tags, summary: "Get a bill job", params },
    handler: async (request) => {
      const ctx = organizationOf(request);
      return toJobView(await getBillJob(ctx.db, ctx.environment.id, request.params.id));
    },
  });
  http.route({
    method: "POST",
    url: `${one}/cancel`,
    preValidation: makeBodyOptional,
    schema: {
      tags,
      summary: "Stop a bill job; what it has calculated stays",
      params,
      body: ObjectField({}),
    },
    handler: async (request) =>
      toJobView(await cancelBillJob(organizationOf(request), request.params.id)),
  });
}
