import { instantText } from "../../domain/time.ts";
import { assert } from "../../errors.ts";
import { faultPoint } from "../../platform/fault-points.ts";
import type { JobHandler } from "../../platform/jobs/job-handler.ts";
import type { Mailer } from "../../platform/mail/mailer.ts";
import { findWaitingMail, noteAttempt } from "../../platform/mail/outbox.ts";
import type { CollectContext } from "../in-scope.ts";

const MAX_ERROR_LENGTH = 500;

/**
 * Hands a mail to the mail server. The call is made outside of any transaction, so a process that dies after
 * the server took it sends it again, under the same Message-ID: receivers get it at least once.
 */
export function sendMail(context: CollectContext, mailer: Mailer | undefined): JobHandler {
  return async (job) => {
    const { mail: id } = job.payload;
    assert(typeof id === "string", "the payload of a mail's job names the mail");
    assert(mailer !== undefined, "a mail that waits to be sent has a mail server: set SMTP_URL");
    const mail = await findWaitingMail(context.db, id);
    if (mail === undefined) return;
    const { to, subject, text } = mail;
    try {
      await mailer.send({ to, subject, text, messageId: `<${id}@ledgerline>` });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const isLast = job.attempt >= job.maxAttempts;
      await noteAttempt(context.db, id, {
        state: isLast ? "failed" : "waiting",
        sentAt: null,
        error: message.slice(0, MAX_ERROR_LENGTH),
      });
      throw error;
    }
    faultPoint("collect/mail/sent");
    const sentAt = instantText(await context.clock.now(job.clock));
    await noteAttempt(context.db, id, { state: "sent", sentAt, error: null });
  };
}
