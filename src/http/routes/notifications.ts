import { type Static, Type } from "typebox";
import { LIFECYCLE_TYPES } from "../../domain/notifications/lifecycle-types.ts";
import { invalid } from "../../errors.ts";
import {
  archiveNotification,
  createNotification,
  moveNotification,
  switchSystemNotification,
} from "../../operations/change-notifications.ts";
import type { OperationContext } from "../../operations/context.ts";
import {
  getOffsetNotification,
  listEnabledTypes,
  listOffsetNotifications,
} from "../../store/notifications.ts";
import { makeBodyOptional } from "../optional-body.ts";
import { fromPageToken, toPage, toPageToken } from "../pagination.ts";
import { operationOf } from "../request-context.ts";
import { EnumField, IdField, ObjectField, TextField } from "../schemas/fields.ts";
import type { CoreServer } from "../server.ts";
import { toOffsetNotificationView, toSystemNotificationView } from "../views/notification.ts";

const tags = ["notifications"];
const MAX_PAGE = 400;
const config = { codes: true, invalidCode: "BadRequest" };
const OffsetField = () => TextField({ max: 64 });
const TypeField = () => EnumField(LIFECYCLE_TYPES);
const page = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_PAGE })),
  cursor: Type.Optional(TextField({ max: 512 })),
};

const EditBody = ObjectField({
  id: Type.Optional(IdField()),
  is_enabled: Type.Optional(Type.Boolean()),
  policy: ObjectField({ type: TypeField(), offset: Type.Optional(OffsetField()) }),
});

/** What an environment wants to be told of the lives of contracts, commits and credits. */
export function addNotificationRoutes(http: CoreServer): void {
  http.route({
    method: "POST",
    url: "/v2/notifications/create",
    config,
    schema: {
      tags,
      summary: "Be told some time before or after lifecycle events",
      body: ObjectField({
        name: TextField(),
        policy: ObjectField({ type: TypeField(), offset: OffsetField() }),
        uniqueness_key: Type.Optional(TextField({ max: 128 })),
      }),
    },
    handler: async (request) => {
      const ctx = operationOf(request);
      const { name, policy, uniqueness_key: uniquenessKey = null } = request.body;
      const row = await createNotification(ctx, { name, policy, uniquenessKey });
      return { data: toOffsetNotificationView(row, ctx.environment) };
    },
  });
  http.route({
    method: "POST",
    url: "/v2/notifications/edit",
    config,
    schema: {
      tags,
      summary: "Switch lifecycle events on or off, or change an offset",
      body: EditBody,
    },
    handler: async (request) => ({ data: await edit(operationOf(request), request.body) }),
  });
  http.route({
    method: "POST",
    url: "/v2/notifications/archive",
    config: { ...config, missingIs404: true },
    schema: { tags, summary: "Archive a notification", body: ObjectField({ id: IdField() }) },
    handler: async (request) => {
      const ctx = operationOf(request);
      const row = await archiveNotification(ctx, request.body.id);
      return { data: toOffsetNotificationView(row, ctx.environment) };
    },
  });
  addReadRoutes(http);
}

async function edit(
  ctx: OperationContext,
  { id, is_enabled: isEnabled, policy }: Static<typeof EditBody>,
): Promise<object> {
  const { type, offset } = policy;
  if (id === undefined) {
    if (isEnabled === undefined) throw invalid("Give id, or is_enabled", "is_enabled");
    if (offset !== undefined) {
      throw invalid("policy.offset is for notifications that have an id", "policy.offset");
    }
    await switchSystemNotification(ctx, type, isEnabled);
    return toSystemNotificationView(type, isEnabled);
  }
  if (isEnabled !== undefined) {
    throw invalid("is_enabled is for lifecycle events, without id", "is_enabled");
  }
  if (offset === undefined) throw invalid("policy.offset is required", "policy.offset");
  return toOffsetNotificationView(
    await moveNotification(ctx, id, { type, offset }),
    ctx.environment,
  );
}

function addReadRoutes(http: CoreServer): void {
  http.route({
    method: "POST",
    url: "/v2/notifications/get",
    config: { ...config, missingIs404: true },
    schema: { tags, summary: "Get a notification", body: ObjectField({ id: IdField() }) },
    handler: async (request) => {
      const { db, environment } = operationOf(request);
      const row = await getOffsetNotification(db, environment.id, request.body.id);
      return { data: toOffsetNotificationView(row, environment) };
    },
  });
  http.route({
    method: "POST",
    url: "/v2/notifications/offset/list",
    config,
    preValidation: makeBodyOptional,
    schema: {
      tags,
      summary: "List the notifications before or after lifecycle events",
      body: ObjectField({
        ...page,
        archive_filter: Type.Optional(EnumField(["ARCHIVED", "NOT_ARCHIVED", "ALL"])),
      }),
    },
    handler: async (request) => {
      const { db, environment } = operationOf(request);
      const { limit = MAX_PAGE, cursor, archive_filter: archived = "NOT_ARCHIVED" } = request.body;
      const after = fromPageToken(cursor, "cursor");
      const filter = { environmentId: environment.id, archived, after, limit };
      const { rows, next } = toPage(await listOffsetNotifications(db, filter), limit);
      const data = rows.map((row) => toOffsetNotificationView(row, environment));
      return { data, cursor: toPageToken(next) };
    },
  });
  http.route({
    method: "POST",
    url: "/v2/notifications/system/list",
    config,
    preValidation: makeBodyOptional,
    schema: {
      tags,
      summary: "List the lifecycle events, and which are told",
      body: ObjectField(page),
    },
    handler: async (request) => {
      const { db, environment } = operationOf(request);
      const { limit = MAX_PAGE, cursor } = request.body;
      const first = fromPageToken(cursor, "cursor") ?? 0n;
      const enabled = await listEnabledTypes(db, environment.id);
      const all = LIFECYCLE_TYPES.map((type, n) => ({ type, position: BigInt(n + 1) }));
      const { rows, next } = toPage(
        all.filter(({ position }) => position > first),
        limit,
      );
      const data = rows.map(({ type }) => toSystemNotificationView(type, enabled.has(type)));
      return { data, cursor: toPageToken(next) };
    },
  });
}
