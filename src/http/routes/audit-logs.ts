import { type Static, Type } from "typebox";
import { invalid } from "../../errors.ts";
import { listAuditLogs, settledPosition } from "../../store/audit-logs.ts";
import { type AuditCursor, fromAuditToken, toAuditToken } from "../audit/page-token.ts";
import { operationOf } from "../request-context.ts";
import { InstantField, ObjectField, pageQuery, TextField } from "../schemas/fields.ts";
import type { CoreServer } from "../server.ts";
import { toAuditLogView } from "../views/audit-log.ts";

const DEFAULT_LIMIT = 100;

const Query = ObjectField({
  ...pageQuery,
  next_page: Type.Optional(TextField({ max: 4096 })),
  starting_on: Type.Optional(InstantField()),
  ending_before: Type.Optional(InstantField()),
  sort: Type.Optional(Type.Enum(["date_asc", "date_desc"])),
  resource_type: Type.Optional(TextField({ max: 200 })),
  resource_id: Type.Optional(TextField({ max: 200 })),
});

function toResource({ resource_type: type, resource_id: id }: Static<typeof Query>) {
  if (type === undefined && id === undefined) return undefined;
  if (type === undefined) throw invalid("resource_id needs resource_type", "resource_type");
  if (id === undefined) throw invalid("resource_type needs resource_id", "resource_id");
  return { type, id };
}

/** A token carries what the first page asked for: beside it the dates are refused, the rest must agree. */
function goOn(query: Static<typeof Query>, token: string): AuditCursor {
  for (const name of ["starting_on", "ending_before"] as const) {
    if (query[name] === undefined) continue;
    throw invalid(`${name} cannot be used with next_page, which holds it already`, name);
  }
  const cursor = fromAuditToken(token);
  const resource = toResource(query);
  if (query.sort !== undefined && (query.sort === "date_desc") !== cursor.newestFirst) {
    throw invalid("sort differs from the page that next_page goes on from", "sort");
  }
  const { type, id } = cursor.resource ?? {};
  if (resource !== undefined && (resource.type !== type || resource.id !== id)) {
    throw invalid("resource_id differs from the page that next_page goes on from", "resource_id");
  }
  return cursor;
}

/** Who changed what, and when (docs/audit.md). */
export function addAuditLogRoutes(http: CoreServer): void {
  http.route({
    method: "GET",
    url: "/v1/auditLogs",
    schema: {
      tags: ["security"],
      summary: "List every write and every refused one, oldest first",
      querystring: Query,
    },
    handler: async (request) => {
      const { db, environment } = operationOf(request);
      const { query } = request;
      const limit = query.limit ?? DEFAULT_LIMIT;
      const { position: after, ...wanted } =
        query.next_page === undefined
          ? {
              position: undefined,
              newestFirst: query.sort === "date_desc",
              startingOn: query.starting_on,
              endingBefore: query.ending_before,
              resource: toResource(query),
            }
          : goOn(query, query.next_page);
      const until = await settledPosition(db, environment.id);
      const rows = await listAuditLogs(db, {
        ...wanted,
        environmentId: environment.id,
        after,
        until,
        limit,
      });
      const page = rows.slice(0, limit);
      // At its end the list goes on from what was there: later rows come next. Backwards nothing does.
      const end = wanted.newestFirst ? 0n : until;
      const position = rows.length > limit ? (page.at(-1)?.position ?? end) : end;
      return {
        data: page.map(toAuditLogView),
        next_page: toAuditToken({ ...wanted, position }),
      };
    },
  });
}
