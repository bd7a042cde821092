import type { CoreTransaction } from "../db/database.ts";
import { instantText } from "../domain/time.ts";
import { enqueueJob } from "../platform/jobs/enqueue.ts";
import { insertMail } from "../platform/mail/outbox.ts";
import type { IntegrationRule } from "../store/integration-rules.ts";
import { listUserAddresses } from "../store/user-addresses.ts";
import type { OperationContext } from "./context.ts";
import { organizationUrl } from "./raise-integration-event.ts";

/** A mail server that is down for a day does not lose a mail. */
const MAX_ATTEMPTS = 20;

/** Tells the users that the configuration names that it was switched off, in the transaction that does. */
export async function mailDisabled(
  tx: CoreTransaction,
  ctx: OperationContext,
  rule: Pick<IntegrationRule, "id" | "name" | "options">,
  reason: string,
): Promise<void> {
  const { environment, services } = ctx;
  const users = rule.options.disabledNotificationUserIds;
  const createdAt = instantText(ctx.now);
  const test = environment.name === "SANDBOX" ? "[Test] " : "";
  for (const to of await listUserAddresses(tx, environment.id, users)) {
    const mail = await insertMail(tx, {
      environment: environment.name,
      to,
      subject: `${test}The integration ${rule.name} was disabled`,
      text: [
        `The integration ${rule.name} sends no bills any more.`,
        "",
        reason,
        "",
        "Mend the cause, then enable it again:",
        `POST ${organizationUrl(ctx, `integrationconfigs/${rule.id}/enable`)}`,
        "Runs that failed meanwhile can be retried then.",
      ].join("\n"),
      createdAt,
      isSent: services.mailer !== undefined,
    });
    if (services.mailer === undefined) continue;
    await enqueueJob(tx, "core_jobs", {
      clock: environment.name,
      kind: "send-mail",
      key: mail,
      payload: { mail },
      dueAt: createdAt,
      maxAttempts: MAX_ATTEMPTS,
    });
  }
}
