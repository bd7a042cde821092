import { Type } from "typebox";
import { FINDING_CLASSES } from "../../domain/reconciliation/finding-class.ts";
import { assert } from "../../errors.ts";
import type { OperationContext } from "../../operations/context.ts";
import { approveRepairs } from "../../operations/reconciliation/approve-repairs.ts";
import { changeReconciliationSettings } from "../../operations/reconciliation/change-reconciliation-settings.ts";
import { requestReconciliation } from "../../operations/reconciliation/request-reconciliation.ts";
import { countFindings, listFindings } from "../../store/reconciliation-findings.ts";
import { getReconciliationSettings } from "../../store/reconciliation-settings.ts";
import { listRepairSteps } from "../../store/reconciliation-steps.ts";
import {
  getReconciliation,
  listReconciliations,
  type Reconciliation,
} from "../../store/reconciliations.ts";
import { makeBodyOptional } from "../optional-body.ts";
import { fromPageToken, toPage, toPageToken } from "../pagination.ts";
import { operationOf } from "../request-context.ts";
import {
  EnumField,
  IdField,
  InstantField,
  ObjectField,
  pageQuery,
  TextField,
} from "../schemas/fields.ts";
import type { CoreServer } from "../server.ts";
import {
  toFindingView,
  toReconciliationSettingsView,
  toReconciliationView,
} from "../views/reconciliation.ts";

const DEFAULT_LIMIT = 100;
const MAX_IDS = 1000;
const STATES = [
  "PROPOSED",
  "APPLYING",
  "APPLIED",
  "VERIFIED",
  "RESOLVED",
  "REFUSED",
  "FAILED",
] as const;

const tags = ["reconciliation"];
const params = ObjectField({ id: IdField() });

/** docs/reconciliation.md says what each class is. */
const classList = () =>
  Type.Optional(Type.Array(EnumField(FINDING_CLASSES), { maxItems: FINDING_CLASSES.length }));
const idList = () => Type.Optional(Type.Array(IdField(), { minItems: 1, maxItems: MAX_IDS }));

async function show({ db }: OperationContext, rows: readonly Reconciliation[]) {
  const counts = await countFindings(
    db,
    rows.map(({ id }) => id),
  );
  return rows.map((row) => toReconciliationView(row, counts.get(row.id) ?? []));
}

async function showOne(ctx: OperationContext, row: Reconciliation) {
  const [data] = await show(ctx, [row]);
  assert(data !== undefined, "one row has one view");
  return data;
}

/** Comparing deliveries with their providers, and repairing what is not as it should be. */
export function addReconciliationRoutes(http: CoreServer): void {
  http.route({
    method: "POST",
    url: "/v1/reconciliations",
    preValidation: makeBodyOptional,
    schema: {
      tags,
      summary: "Compare deliveries with what stands at their providers",
      body: ObjectField({
        connection_id: Type.Optional(IdField()),
        provider: Type.Optional(TextField({ max: 100 })),
        starting_on: Type.Optional(InstantField()),
        ending_before: Type.Optional(InstantField()),
        invoice_ids: idList(),
        automatic: classList(),
      }),
    },
    handler: async (request) => {
      const ctx = operationOf(request);
      const { body } = request;
      const made = await requestReconciliation(ctx, {
        filter: {
          connectionId: body.connection_id,
          provider: body.provider?.toLowerCase(),
          startingOn: body.starting_on,
          endingBefore: body.ending_before,
          invoiceIds: body.invoice_ids,
        },
        automaticClasses: body.automatic,
      });
      assert(made !== undefined, "a request without an id of its own always makes one");
      return { data: await showOne(ctx, made) };
    },
  });
  http.route({
    method: "GET",
    url: "/v1/reconciliations",
    schema: {
      tags,
      summary: "List reconciliations, oldest first",
      querystring: ObjectField(pageQuery),
    },
    handler: async (request) => {
      const ctx = operationOf(request);
      const { limit = DEFAULT_LIMIT, next_page: token } = request.query;
      const rows = await listReconciliations(ctx.db, ctx.environment.id, {
        after: fromPageToken(token),
        limit,
      });
      const page = toPage(rows, limit);
      return { data: await show(ctx, page.rows), next_page: toPageToken(page.next) };
    },
  });
  http.route({
    method: "GET",
    url: "/v1/reconciliations/:id",
    schema: {
      tags,
      summary: "One reconciliation with a page of its findings",
      params,
      querystring: ObjectField({
        ...pageQuery,
        class: Type.Optional(EnumField(FINDING_CLASSES)),
        state: Type.Optional(EnumField(STATES)),
      }),
    },
    handler: async (request) => {
      const ctx = operationOf(request);
      const { limit = DEFAULT_LIMIT, next_page: token, class: name, state } = request.query;
      const found = await getReconciliation(ctx.db, ctx.environment.id, request.params.id);
      const rows = await listFindings(ctx.db, found.id, {
        classes: name && [name],
        state,
        after: fromPageToken(token),
        limit,
      });
      const page = toPage(rows, limit);
      const steps = await listRepairSteps(
        ctx.db,
        page.rows.map(({ id }) => id),
      );
      const findings = page.rows.map((row) => toFindingView(row, steps.get(row.id) ?? []));
      return {
        data: { ...(await showOne(ctx, found)), findings },
        next_page: toPageToken(page.next),
      };
    },
  });
  http.route({
    method: "POST",
    url: "/v1/reconciliations/:id/apply",
    preValidation: makeBodyOptional,
    schema: {
      tags,
      summary: "Repair findings, by id or by class",
      params,
      body: ObjectField({ finding_ids: idList(), classes: classList() }),
    },
    handler: async (request) => {
      const ctx = operationOf(request);
      const { finding_ids: findingIds, classes } = request.body;
      const { id } = request.params;
      return { data: { id, ...(await approveRepairs(ctx, id, { findingIds, classes })) } };
    },
  });
}

/** Whether an environment is compared by itself, and what is repaired without approval. */
export function addReconciliationSettingRoutes(http: CoreServer): void {
  const url = "/v1/settings/reconciliation";
  const read = async ({ db, environment }: OperationContext) => ({
    data: toReconciliationSettingsView(await getReconciliationSettings(db, environment.id)),
  });
  http.route({
    method: "GET",
    url,
    schema: { tags, summary: "Read the reconciliation settings" },
    handler: async (request) => read(operationOf(request)),
  });
  http.route({
    method: "PATCH",
    url,
    schema: {
      tags,
      summary: "Change the reconciliation settings",
      body: ObjectField({
        schedule: Type.Optional(EnumField(["off", "daily"])),
        automatic_classes: classList(),
      }),
    },
    handler: async (request) => {
      const ctx = operationOf(request);
      const { schedule, automatic_classes: automaticClasses } = request.body;
      await changeReconciliationSettings(ctx, {
        ...(schedule === undefined ? {} : { schedule }),
        ...(automaticClasses === undefined
          ? {}
          : { automaticClasses: [...new Set(automaticClasses)] }),
      });
      return read(ctx);
    },
  });
}
