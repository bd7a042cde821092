import { instantText } from "../domain/time.ts";
import { assert } from "../errors.ts";
import type { JobHandler } from "../platform/jobs/job-handler.ts";
import { findWaitingMail, noteAttempt } from "../platform/mail/outbox.ts";
import type { JobDeps } from "./index.ts";
import { payloadText } from "./job-payload.ts";

const MAX_ERROR_LENGTH = 500;

/**
 * Hands a mail of the core to the mail server, outside of any transaction: a process that dies after
 * the server took it sends it again, under the same Message-ID.
 */
export const sendMailJob =
  ({ db, services }: JobDeps): JobHandler =>
  async (job) => {
    const id = payloadText(job, "mail");
    const { mailer, clock } = services;
    assert(mailer !== undefined, "a mail that waits to be sent has a mail server: set SMTP_URL");
    const mail = await findWaitingMail(db, id);
    if (mail === undefined) return undefined;
    const { to, subject, text } = mail;
    try {
      await mailer.send({ to, subject, text, messageId: `<${id}@ledgerline>` });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      await noteAttempt(db, id, {
        state: job.attempt >= job.maxAttempts ? "failed" : "waiting",
        sentAt: null,
        error: message.slice(0, MAX_ERROR_LENGTH),
      });
      throw error;
    }
    const sentAt = instantText(await clock.now(job.clock));
    await noteAttempt(db, id, { state: "sent", sentAt, error: null });
    return undefined;
  };
