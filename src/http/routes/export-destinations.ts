import { Type } from "typebox";
import {
  changeExportDestination,
  createExportDestination,
  deleteExportDestination,
} from "../../operations/exports/change-destinations.ts";
import type { DestinationKind } from "../../operations/exports/destination-settings.ts";
import { requestExport } from "../../operations/exports/request-export.ts";
import { getExportDestination, listExportDestinations } from "../../store/exports/destinations.ts";
import { listExportRunTables } from "../../store/exports/run-tables.ts";
import { makeBodyOptional } from "../optional-body.ts";
import { fromPageToken, toPage, toPageToken } from "../pagination.ts";
import { operationOf } from "../request-context.ts";
import { EnumField, IdField, ObjectField, pageQuery, TextField } from "../schemas/fields.ts";
import type { CoreServer } from "../server.ts";
import { toExportDestinationView, toExportView } from "../views/export.ts";

const DEFAULT_LIMIT = 100;
const MAX_HOURS = 24 * 31;
const MAX_TABLES = 100;

const tags = ["exports"];
const url = "/v1/exports/destinations";
const params = ObjectField({ id: IdField() });

/** Checked by the kind they belong to. */
const WordsOfKindField = () => Type.Record(Type.String(), Type.Unknown());
const tables = () =>
  Type.Optional(Type.Array(TextField({ max: 100 }), { minItems: 1, maxItems: MAX_TABLES }));
const everyHours = () =>
  Type.Optional(Type.Union([Type.Integer({ minimum: 1, maximum: MAX_HOURS }), Type.Null()]));

/** Where an environment's data is exported to. */
export function addExportDestinationRoutes(http: CoreServer): void {
  http.route({
    method: "POST",
    url,
    schema: {
      tags,
      summary: "Add a destination of exports",
      body: ObjectField({
        name: TextField({ max: 200 }),
        kind: EnumField(["FOLDER", "S3", "POSTGRES"]),
        format: Type.Optional(EnumField(["PARQUET", "CSV"])),
        tables: tables(),
        every_hours: everyHours(),
        settings: WordsOfKindField(),
        credential: Type.Optional(WordsOfKindField()),
      }),
    },
    handler: async (request) => {
      const { name, kind, format, tables: names, ...body } = request.body;
      const added = await createExportDestination(operationOf(request), {
        name,
        kind: kind.toLowerCase() as DestinationKind,
        format: format && (format.toLowerCase() as "parquet" | "csv"),
        tables: names,
        everyHours: body.every_hours ?? null,
        settings: body.settings,
        credential: body.credential,
      });
      return { data: toExportDestinationView(added) };
    },
  });
  http.route({
    method: "GET",
    url,
    schema: {
      tags,
      summary: "List the destinations of exports, oldest first",
      querystring: ObjectField(pageQuery),
    },
    handler: async (request) => {
      const { db, environment } = operationOf(request);
      const { limit = DEFAULT_LIMIT, next_page: token } = request.query;
      const after = fromPageToken(token);
      const page = toPage(
        await listExportDestinations(db, environment.id, { after, limit }),
        limit,
      );
      return { data: page.rows.map(toExportDestinationView), next_page: toPageToken(page.next) };
    },
  });
  http.route({
    method: "GET",
    url: `${url}/:id`,
    schema: { tags, summary: "Get a destination of exports", params },
    handler: async (request) => {
      const { db, environment } = operationOf(request);
      const found = await getExportDestination(db, environment.id, request.params.id);
      return { data: toExportDestinationView(found) };
    },
  });
  http.route({
    method: "PATCH",
    url: `${url}/:id`,
    schema: {
      tags,
      summary: "Change a destination's name, tables, schedule or credential",
      params,
      body: ObjectField({
        name: Type.Optional(TextField({ max: 200 })),
        tables: tables(),
        every_hours: everyHours(),
        credential: Type.Optional(WordsOfKindField()),
      }),
    },
    handler: async (request) => {
      const { every_hours: hours, ...changes } = request.body;
      const changed = await changeExportDestination(operationOf(request), request.params.id, {
        ...changes,
        everyHours: hours,
      });
      return { data: toExportDestinationView(changed) };
    },
  });
  http.route({
    method: "DELETE",
    url: `${url}/:id`,
    schema: { tags, summary: "Delete a destination of exports", params },
    handler: async (request) => {
      await deleteExportDestination(operationOf(request), request.params.id);
      return { data: { id: request.params.id } };
    },
  });
  http.route({
    method: "POST",
    url: `${url}/:id/run`,
    preValidation: makeBodyOptional,
    schema: { tags, summary: "Export to a destination now", params, body: ObjectField({}) },
    handler: async (request) => {
      const ctx = operationOf(request);
      const run = await requestExport(ctx, request.params.id);
      const found = await listExportRunTables(ctx.db, [run.id]);
      return { data: toExportView(run, found.get(run.id) ?? []) };
    },
  });
}
