import type { Provider } from "../../../src/providers/provider.ts";
import { textSetting } from "../../../src/providers/setting-fields.ts";

interface Sheet {
  readonly invoiceId: string;
  readonly total: string;
}

/** The least provider there can be: it writes one sheet for each invoice, into `sheets`. */
export function paperProvider(sheets: Map<string, Sheet>): Provider<Sheet, Sheet | undefined> {
  const toExternal = ({ invoiceId }: Sheet) =>
    ({ externalId: invoiceId, status: "FINALIZED", details: {} }) as const;
  const toRequest = (sheet: Sheet) =>
    ({ method: "POST", path: `/${sheet.invoiceId}`, params: { ...sheet } }) as const;
  return {
    name: "paper",
    payments: [],
    settings: { drawer: textSetting({ max: 20 }) },
    readCredential: () => ({}),
    readRouteOptions: () => ({}),
    payer: () => undefined,
    plan: ({ id, total }) => ({
      outcome: "send",
      document: { invoiceId: id, total: total.toFixed() },
    }),
    rehearse: (sheet) => [{ name: "write", request: toRequest(sheet) }],
    observe: async (_connection, { invoiceId }) => sheets.get(invoiceId),
    nextStep: (sheet, observed) =>
      observed === undefined
        ? { step: "write", name: "write", request: toRequest(sheet) }
        : { step: "done", external: toExternal(observed) },
    async execute(_connection, { params }) {
      const sheet = params as unknown as Sheet;
      sheets.set(sheet.invoiceId, sheet);
      return { outcome: "accepted", externalId: sheet.invoiceId };
    },
    async fetch(_connection, externalId) {
      const sheet = sheets.get(externalId);
      return sheet && toExternal(sheet);
    },
    verifyWebhook: () => undefined,
    subscribe: async ({ credential }) => credential,
  };
}
