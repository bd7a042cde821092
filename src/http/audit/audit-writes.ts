import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { CoreDb } from "../../db/database.ts";
import type { AuditStatus } from "../../db/tables/audit-logs.ts";
import type { OperationContext, Services } from "../../operations/context.ts";
import { recordWrite } from "../../operations/record-write.ts";
import { faultPoint } from "../../platform/fault-points.ts";
import { lockAuditedResource } from "../../store/audit-logs.ts";
import { toOperationContext } from "../request-context.ts";
import { replyData, replyJson, toAuditJson } from "./audit-json.ts";
import { repliedId, requestedId } from "./resource-id.ts";
import { loadResource } from "./resource-views.ts";
import { auditOfRoute, type RouteAudit } from "./route-audit.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** What the audit log says of the route's requests; absent where it says nothing. */
    audit?: RouteAudit;
  }
}

const MAX_TEXT = 512;

/** Text of a request as the database can hold it. */
const clip = (text: string): string => text.toWellFormed().replaceAll("\0", "").slice(0, MAX_TEXT);

const asksPreview = (body: unknown): boolean =>
  typeof body === "object" && body !== null && "preview" in body && body.preview === true;

/** What the log says of this request; undefined: nothing, because it writes nothing. */
export function auditOf(request: FastifyRequest): RouteAudit | undefined {
  const { audit } = request.routeOptions.config;
  // Elsewhere `preview` is a field like any that is not known, and may be ignored.
  return audit?.previews && asksPreview(request.body) ? undefined : audit;
}

/** What was asked for. Fields that the route does not know may hold anything, so they are not kept. */
function changeOf(request: FastifyRequest, reply: FastifyReply): string | null {
  const isKnown = !request.validationError && !reply.hasHeader("x-ignored-fields");
  return isKnown ? toAuditJson(request.body) : null;
}

interface Told {
  readonly status: AuditStatus;
  readonly resourceId: string | undefined;
  readonly description: string;
  readonly change: string | null;
  readonly before?: string | null;
  readonly after?: string | null;
}

const record = (ctx: OperationContext, request: FastifyRequest, audit: RouteAudit, told: Told) =>
  recordWrite(ctx, {
    actorId: request.token?.id ?? "",
    request: {
      id: request.id,
      ip: request.ip,
      userAgent: request.headers["user-agent"] ? clip(request.headers["user-agent"]) : null,
    },
    action: audit.action,
    resourceType: audit.resourceType,
    resourceId: told.resourceId ?? null,
    status: told.status,
    description: clip(told.description),
    change: told.change,
    before: told.before ?? null,
    after: told.after ?? null,
  });

/**
 * Runs a write and records it, in the transaction that `ctx` holds: neither is there without the
 * other. Writes of one object that the log shows before and after take turns, so that each begins with
 * what the one before it left. Of what is made the log shows what was asked and what was answered.
 * Answers the reply's text.
 */
export async function runAudited(
  ctx: OperationContext,
  audit: RouteAudit,
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
  run: () => Promise<string>,
): Promise<string> {
  const { resourceType } = audit;
  const asked = requestedId(request, audit);
  const change = changeOf(request, reply);
  const load = () =>
    audit.shown && asked !== undefined ? loadResource(ctx, resourceType, asked) : undefined;
  // With one snapshot they take turns by it already: the loser begins again.
  const takesTurn = audit.shown && asked !== undefined && !request.routeOptions.config.oneSnapshot;
  if (takesTurn) await lockAuditedResource(ctx.db, resourceType, asked);
  const before = await load();
  const text = await run();
  await record(ctx, request, audit, {
    status: "success",
    resourceId: asked ?? repliedId(replyData(text), audit),
    description: audit.summary,
    change,
    before: toAuditJson(before),
    after: audit.shown && asked !== undefined ? toAuditJson(await load()) : replyJson(text),
  });
  faultPoint("audit-writes/recorded");
  return text;
}

/** The message of a refusal. */
function messageOf(payload: unknown): string {
  try {
    const { message } = JSON.parse(String(payload)) as { message?: unknown };
    return String(message);
  } catch {
    return "no reason given";
  }
}

/** Records what has no transaction of its own: refusals, and writes whose work commits in parts. */
export function addAudit(http: FastifyInstance, db: CoreDb, services: Services): void {
  http.addHook("onRoute", (route) => {
    const audit = auditOfRoute(route);
    if (audit !== undefined) route.config = { ...route.config, audit };
  });

  http.addHook("preHandler", async (request, reply) => {
    const audit = auditOf(request);
    if (!audit?.apart) return;
    await record(await toOperationContext(request, db, services), request, audit, {
      status: "pending",
      resourceId: requestedId(request, audit),
      description: `${audit.summary}: begun`,
      change: changeOf(request, reply),
    });
  });

  http.addHook("onSend", async (request, reply, payload) => {
    const audit = auditOf(request);
    const refused = reply.statusCode >= 400;
    if (audit === undefined || request.token === undefined || !(refused || audit.apart)) return;
    try {
      await record(await toOperationContext(request, db, services), request, audit, {
        status: refused ? "failure" : "success",
        resourceId: requestedId(request, audit),
        description: refused ? `${audit.summary}: ${messageOf(payload)}` : audit.summary,
        change: changeOf(request, reply),
        after: refused ? null : replyJson(String(payload)),
      });
    } catch (error) {
      // The answer stands: what was refused changed nothing, what began apart has its row already.
      request.log.error({ err: error }, "could not record a write in the audit log");
    }
  });
}
