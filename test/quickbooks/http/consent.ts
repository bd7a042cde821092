/** Opens the page of consent, fills its form in and answers where the browser would go next. */
export async function consent(
  authorizeUrl: string,
  realmId: string,
  isDenied: boolean,
): Promise<string> {
  const page = await fetch(authorizeUrl);
  const text = await page.text();
  if (page.status !== 200) throw new Error(`No page of consent: ${page.status} ${text}`);
  const target = new URL(authorizeUrl);
  const form = new URLSearchParams(target.search);
  form.set("realmId", realmId);
  form.set("decision", isDenied ? "deny" : "approve");
  const answer = await fetch(`${target.origin}${target.pathname}`, {
    method: "POST",
    body: form,
    redirect: "manual",
  });
  const location = answer.headers.get("location");
  if (location === null) throw new Error(`No way back: ${answer.status} ${await answer.text()}`);
  return location;
}
