import { Type } from "typebox";
import type { OperationContext } from "../../operations/context.ts";
import { retryExport } from "../../operations/exports/request-export.ts";
import { EXPORT_TABLES } from "../../operations/exports/tables.ts";
import { listExportFiles, listExportRunTables } from "../../store/exports/run-tables.ts";
import { type ExportRun, getExportRun, listExportRuns } from "../../store/exports/runs.ts";
import { makeBodyOptional } from "../optional-body.ts";
import { fromPageToken, toPage, toPageToken } from "../pagination.ts";
import { operationOf } from "../request-context.ts";
import { EnumField, IdField, ObjectField, pageQuery } from "../schemas/fields.ts";
import type { CoreServer } from "../server.ts";
import { toExportTableView, toExportView } from "../views/export.ts";

const DEFAULT_LIMIT = 100;
const STATUSES = ["QUEUED", "RUNNING", "COMPLETED", "FAILED", "CANCELED"] as const;

const tags = ["exports"];
const params = ObjectField({ id: IdField() });

async function show({ db }: OperationContext, runs: readonly ExportRun[]) {
  const tables = await listExportRunTables(
    db,
    runs.map(({ id }) => id),
  );
  return runs.map((run) => toExportView(run, tables.get(run.id) ?? []));
}

/** Runs of exports, and the tables there are. */
export function addExportRoutes(http: CoreServer): void {
  http.route({
    method: "GET",
    url: "/v1/exports/tables",
    schema: { tags, summary: "List the tables that can be exported, with their columns" },
    handler: async () => ({ data: EXPORT_TABLES.map(toExportTableView) }),
  });
  http.route({
    method: "GET",
    url: "/v1/exports",
    schema: {
      tags,
      summary: "List exports, oldest first",
      querystring: ObjectField({
        ...pageQuery,
        destination_id: Type.Optional(IdField()),
        status: Type.Optional(EnumField(STATUSES)),
      }),
    },
    handler: async (request) => {
      const ctx = operationOf(request);
      const { limit = DEFAULT_LIMIT, next_page: token, status } = request.query;
      const filter = { destinationId: request.query.destination_id, status };
      const after = fromPageToken(token);
      const runs = await listExportRuns(ctx.db, ctx.environment.id, { ...filter, after, limit });
      const page = toPage(runs, limit);
      return { data: await show(ctx, page.rows), next_page: toPageToken(page.next) };
    },
  });
  http.route({
    method: "GET",
    url: "/v1/exports/:id",
    schema: { tags, summary: "One export with the files it wrote", params },
    handler: async (request) => {
      const ctx = operationOf(request);
      const run = await getExportRun(ctx.db, ctx.environment.id, request.params.id);
      const files = await listExportFiles(ctx.db, run.id);
      const [view] = await show(ctx, [run]);
      return {
        data: {
          ...view,
          files: files.map(({ tableName, ...file }) => ({ table: tableName, ...file })),
        },
      };
    },
  });
  http.route({
    method: "POST",
    url: "/v1/exports/:id/retry",
    preValidation: makeBodyOptional,
    schema: {
      tags,
      summary: "Let a failed export go on from where it stopped",
      params,
      body: ObjectField({}),
    },
    handler: async (request) => {
      const ctx = operationOf(request);
      const [data] = await show(ctx, [await retryExport(ctx, request.params.id)]);
      return { data };
    },
  });
}
