import { Type } from "typebox";
import { invalid } from "../../../errors.ts";
import { addUser, deleteUser, replaceUser } from "../../../operations/change-organization-users.ts";
import { getUser, listUsers } from "../../../store/organization-users.ts";
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
import { ObjectField, TextField } from "../../schemas/fields.ts";
import type { CoreServer } from "../../server.ts";
import { READ_ONLY_OF_USER, toUserView } from "../../views/organization-user.ts";

const tags = ["organization"];
const URL = `${ORGANIZATION}/users`;

/** RFC 5321 4.5.3.1: 64 octets before the @, 254 in all that can be mailed to. */
const MAX_EMAIL = 254;
/** One mailbox without a display name, a comment or quotes: what can be told by mail without doubt. */
const EMAIL =
  /^[^\s@<>()[\]",;:\\]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}$/;

function readEmail(given: string): string {
  const email = given.trim();
  if (EMAIL.test(email)) return email;
  throw invalid("email must be one mail address such as bea@example.com", "email");
}

const fields = { name: TextField({ max: 200 }), email: TextField({ max: MAX_EMAIL }) };

/** People who can be told by mail. They have no login. */
export function addOrganizationUserRoutes(http: CoreServer): void {
  const params = ObjectField(orgIdParams);
  http.route({
    method: "POST",
    url: URL,
    schema: {
      tags,
      summary: "Add a user",
      params: ObjectField(orgParams),
      body: ObjectField(fields),
    },
    handler: async (request) => {
      const { name, email } = request.body;
      const user = await addUser(organizationOf(request), { name, email: readEmail(email) });
      return toUserView(user);
    },
  });
  http.route({
    method: "GET",
    url: URL,
    schema: {
      tags,
      summary: "List the users, oldest first",
      params: ObjectField(orgParams),
      querystring: ObjectField(orgPageQuery),
    },
    handler: async (request) => {
      const { db, environment } = organizationOf(request);
      const { after, limit } = readPageQuery(request.query);
      const rows = await listUsers(db, environment.id, after, limit);
      return toTokenPage(toPage(rows, limit), toUserView);
    },
  });
  http.route({
    method: "GET",
    url: `${URL}/:id`,
    schema: { tags, summary: "Get a user", params },
    handler: async (request) => {
      const { db, environment } = organizationOf(request);
      return toUserView(await getUser(db, environment.id, request.params.id));
    },
  });
  http.route({
    method: "PUT",
    url: `${URL}/:id`,
    schema: {
      tags,
      summary: "Replace what is known of a user",
      params,
      body: ObjectField({
        ...fields,
        version: Type.Integer({ minimum: 1 }),
        ...readOnlyFields(READ_ONLY_OF_USER),
      }),
    },
    handler: async (request) => {
      const ctx = organizationOf(request);
      const { id } = request.params;
      const { name, email, version } = request.body;
      const present = await getUser(ctx.db, ctx.environment.id, id);
      if (version === present.version) {
        refuseChanged(toUserView(present), request.body, READ_ONLY_OF_USER);
      }
      return toUserView(await replaceUser(ctx, id, { name, email: readEmail(email), version }));
    },
  });
  http.route({
    method: "DELETE",
    url: `${URL}/:id`,
    schema: { tags, summary: "Delete a user whom no configuration names", params },
    handler: async (request) =>
      toUserView(await deleteUser(organizationOf(request), request.params.id)),
  });
}
