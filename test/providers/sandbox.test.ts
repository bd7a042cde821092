import { createOutgoing } from "../../src/platform/network/outgoing.ts";
import { sandboxProvider } from "../../src/providers/sandbox/provider.ts";
import { signWebhook } from "../../src/providers/sandbox/webhooks.ts";
import { type Failure, startSandboxSystem } from "../support/sandbox-system.ts";
import { checkProvider, type Trouble } from "./contract.ts";

const FAILURES: Readonly<Record<Trouble, Failure>> = {
  refused: "refuse",
  unauthorized: "unauthorized",
  throttled: "throttle",
  locked: "lock",
  "broken before": "break-before",
  "broken after": "break-after",
  "cut before": "cut-before",
  "cut after": "cut-after",
  "page after": "page-after",
};

checkProvider("sandbox", async () => {
  const system = await startSandboxSystem();
  const outgoing = createOutgoing({ allowPrivateNetwork: true, trustedHosts: () => [] });
  return {
    provider: sandboxProvider(outgoing),
    connection: {
      id: "connection",
      environment: "SANDBOX",
      builtIn: false,
      credential: { token: system.token, webhook_secret: system.webhookSecret },
      settings: { base_url: system.url },
    },
    options: { payer: "payer_1" },
    secrets: [system.token, system.webhookSecret],
    badCredentials: [
      {},
      { token: "short" },
      { token: 12345678 },
      { token: "long enough", extra: "long-value" },
    ],
    list: async (invoiceId) =>
      [...system.documents.values()]
        .filter(({ reference }) => reference === invoiceId)
        .map(({ id, status, lines, total_minor }) => ({
          id,
          isDraft: status === "draft",
          lines: lines.length,
          totalMinor: Number(total_minor),
        })),
    // A kept connection that breaks before an answer is tried anew once: both are cut.
    trouble: (method, trouble) =>
      system.fail(FAILURES[trouble], method, trouble.startsWith("cut") ? 2 : 1),
    mend: system.mend,
    async meddle(id) {
      const { lines = [] } = system.documents.get(id) ?? {};
      const foreign = { key: "foreign", description: "foreign", amount_minor: "1" };
      system.edit(id, { lines: [...lines, foreign], total_minor: "501" });
    },
    remove: async (id) => system.remove(id),
    event: (id, reference) =>
      JSON.stringify({ id: "event_1", type: "document.changed", document: { id, reference } }),
    sign: (body, secret, seconds) => ({ "sandbox-signature": signWebhook(body, secret, seconds) }),
    webhookSecret: system.webhookSecret,
    close: system.close,
  };
});
