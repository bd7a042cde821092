import { createOutgoing } from "../../src/platform/network/outgoing.ts";
import { quickBooksProvider } from "../../src/providers/quickbooks_online/provider.ts";
import { openQuickBooks } from "../quickbooks/open-quickbooks.ts";
import { checkProvider, type Trouble } from "./contract.ts";

type Kind = Parameters<Awaited<ReturnType<typeof openQuickBooks>>["trouble"]>[1];

const KINDS: Readonly<Record<Trouble, Kind>> = {
  refused: "6210",
  unauthorized: "expired",
  throttled: "throttled",
  locked: "10000",
  "broken before": "broken before",
  "broken after": "broken after",
  "cut before": "cut before",
  "cut after": "cut after",
  "page after": "page after",
};

checkProvider(
  "quickbooks_online",
  async () => {
    const quickBooks = await openQuickBooks({ limits: false });
    const { company, realmId, app } = quickBooks;
    const customer = company.addCustomer("Acme").Id;
    const { access_token: token, refresh_token: refresh } = quickBooks.issueTokens();
    const outgoing = createOutgoing({ allowPrivateNetwork: true, trustedHosts: () => [] });
    const hosts = { api: quickBooks.apiBase, oauth: quickBooks.oauthBase, pauseSeconds: 0 };
    return {
      provider: quickBooksProvider(outgoing, hosts),
      connection: {
        id: "connection",
        environment: "SANDBOX",
        builtIn: false,
        credential: {
          client_id: app.clientId,
          client_secret: app.clientSecret,
          access_token: token,
          refresh_token: refresh,
        },
        settings: {
          realm_id: realmId,
          requests_per_second: 100,
          item_strategy: "single",
          default_item_id: company.ids.services,
        },
      },
      options: { qbo_customer_id: customer },
      secrets: [app.clientSecret, token, refresh],
      badCredentials: [
        {},
        { client_id: "only" },
        { client_id: "with a blank", client_secret: "secret-value" },
        { client_id: "fine-value", client_secret: "secret-value", unheard_of: "value-of-it" },
      ],
      list: async (invoiceId) =>
        company
          .list("Invoice")
          .filter(({ PrivateNote = "" }) => PrivateNote.includes(invoiceId))
          .map(({ Id, Line = [], TotalAmt = 0 }) => ({
            id: Id,
            isDraft: false,
            lines: Line.filter(({ DetailType }) => DetailType === "SalesItemLineDetail").length,
            totalMinor: Math.round(TotalAmt * 100),
          })),
      // A kept connection that breaks before an answer is tried anew once: both are cut.
      trouble: (method, trouble) =>
        quickBooks.trouble(
          ({ method: sent }) => sent === method,
          KINDS[trouble],
          trouble.startsWith("cut") ? 2 : 1,
        ),
      mend: quickBooks.mend,
      async meddle(id) {
        const { Line = [] } = company.get("Invoice", id) ?? {};
        const [first, ...rest] = Line.filter(
          ({ DetailType }) => DetailType !== "SubTotalLineDetail",
        );
        const detail = { ...first?.SalesItemLineDetail, Qty: 1, UnitPrice: 7 };
        const changed = { ...first, Amount: 7, SalesItemLineDetail: detail };
        company.edit("Invoice", id, { Line: [changed, ...rest] });
      },
      remove: async (id) => company.delete("Invoice", id),
      // Its webhooks have a test of their own: they name neither a time nor our invoice.
      event: () => "",
      sign: () => ({}),
      webhookSecret: "",
      close: quickBooks.close,
    };
  },
  {
    writes: 1,
    hasDrafts: false,
    needsPayer: false,
    bindsEnvironment: false,
    datesWebhooks: false,
    marksRepeats: false,
    unknownId: "4711",
    throttleSeconds: 60,
  },
);
