const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text as it stands in HTML, in content and in quoted attributes. */
export const escapeText = (text: string): string =>
  text.replace(/[&<>"']/g, (char) => ESCAPES[char] ?? "");
