import { invalid } from "../../errors.ts";
import type { Step } from "../delivery-step.ts";
import type { Provider } from "../provider.ts";
import type { Credential, RouteOptions } from "../provider-connection.ts";
import { ProviderReadError } from "../read-error.ts";
import { integerSetting, type SettingFields } from "../setting-fields.ts";

/** How long a system may take to write back before somebody is told. */
const WRITE_BACK_HOURS = 24;

const SETTINGS: SettingFields = {
  write_back_hours: integerSetting({ minimum: 1, maximum: 8760 }, () => WRITE_BACK_HOURS),
};

/** There is nothing to let us in: nobody is called. Throws invalid. */
function readCredential(credential: Credential): Credential {
  const [given] = Object.keys(credential);
  if (given === undefined) return {};
  throw invalid(
    `credential must be {}: a custom system calls us with a token of ours, and ${given} would be used for nothing`,
    `credential.${given}`,
  );
}

/** Who pays there is the system's own knowledge; our place for it is a custom field. Throws invalid. */
function readRouteOptions(configuration: RouteOptions): RouteOptions {
  const [given] = Object.keys(configuration);
  if (given === undefined) return {};
  throw invalid(
    `unknown field configuration.${given}: keep ids of a custom system in custom fields`,
    `configuration.${given}`,
  );
}

const NOT_CALLED = "A custom system is not called: it fetches invoices and writes back.";
const REFUSED: Step = { step: "refuse", code: "not_callable", message: NOT_CALLED };

/**
 * Any system that somebody connects by hand: it hears of an invoice by webhook, fetches it, and writes
 * back what became of it (docs/any-system.md). It is the other side's turn from the start, so that no
 * document is planned and nothing is ever sent there by us.
 */
export const customProvider = (): Provider<null, null> => ({
  name: "custom",
  payments: [],
  settings: SETTINGS,
  writesBack: ({ settings }) => Number(settings.write_back_hours ?? WRITE_BACK_HOURS),
  readCredential,
  readRouteOptions,
  payer: () => undefined,
  plan: () => ({ outcome: "send", document: null }),
  rehearse: () => [],
  observe: async () => null,
  nextStep: () => REFUSED,
  execute: async () => ({
    outcome: "rejected",
    code: "not_callable",
    message: NOT_CALLED,
    replayed: false,
  }),
  async fetch() {
    throw new ProviderReadError(NOT_CALLED, { code: "not_callable", permanent: true });
  },
  verifyWebhook: () => undefined,
  subscribe: async ({ credential }) => credential,
});
