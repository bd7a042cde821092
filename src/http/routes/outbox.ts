import { Type } from "typebox";
import { listMails, type OutboxMail } from "../../platform/mail/outbox.ts";
import { fromPageToken, toPage, toPageToken } from "../pagination.ts";
import { operationOf } from "../request-context.ts";
import { EnumField, ObjectField, pageQuery, TextField } from "../schemas/fields.ts";
import type { CoreServer } from "../server.ts";

const DEFAULT_LIMIT = 100;

const toMailView = (mail: OutboxMail) => ({
  id: mail.id,
  to: mail.to,
  subject: mail.subject,
  text: mail.text,
  time: mail.createdAt,
  status: mail.state,
  sent_at: mail.sentAt,
  attempts: mail.attempts,
  error: mail.error,
});

/** Mails that were sent, or kept because no mail server is configured. */
export function addOutboxRoutes(http: CoreServer): void {
  http.route({
    method: "GET",
    url: "/v1/outbox",
    schema: {
      tags: ["mail"],
      summary: "List mails that were sent or kept, oldest first",
      querystring: ObjectField({
        ...pageQuery,
        to: Type.Optional(TextField({ max: 512 })),
        status: Type.Optional(EnumField(["kept", "waiting", "sent", "failed"])),
      }),
    },
    handler: async (request) => {
      const { db, environment } = operationOf(request);
      const { limit = DEFAULT_LIMIT, next_page: token, to, status: state } = request.query;
      const after = fromPageToken(token);
      const page = toPage(
        await listMails(db, environment.name, { to, state, after, limit }),
        limit,
      );
      return { data: page.rows.map(toMailView), next_page: toPageToken(page.next) };
    },
  });
}
