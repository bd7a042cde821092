import { openQuickBooks } from "./open-quickbooks.ts";

const REDIRECT = "http://localhost:3000/oauth/quickbooks/callback";

const quickBooks = await openQuickBooks({
  port: Number(process.env.PORT ?? 4020),
  redirectUris: [process.env.REDIRECT_URI ?? REDIRECT],
});
const { app, realmId, apiBase, oauthBase } = quickBooks;
console.log(
  JSON.stringify(
    {
      QBO_API_BASE: apiBase,
      QBO_OAUTH_BASE: oauthBase,
      realm_id: realmId,
      client_id: app.clientId,
      client_secret: app.clientSecret,
      webhook_verifier_token: app.verifierToken,
      redirect_uris: app.redirectUris,
      access_token: quickBooks.issueTokens().access_token,
    },
    null,
    2,
  ),
);
