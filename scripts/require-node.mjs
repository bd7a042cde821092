// Preloaded by every npm script (`node --import`). Plain JavaScript: a Node that is too old cannot
// even read a .ts file, and would say so in words that help nobody.
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(
    `Ledgerline needs Node.js 22.18 or newer; this is ${process.versions.node} (${process.execPath}). On Linux x64 and arm64 "npm ci" brings a fitting one along: start through npm, for example "npm start".`,
  );
  process.exit(1);
}
