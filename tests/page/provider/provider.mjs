// A provider of identities that signs in whoever says who they are: provider.mjs PORT PLATFORM FOLDER
// PLATFORM is where its one client is, FOLDER has oidc-provider. It has new keys, and has forgotten everybody, each time it starts.
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [port, platform, folder] = process.argv.slice(2);
const { default: Provider } = await import(pathToFileURL(join(folder, "node_modules/oidc-provider/lib/index.js")));
const issuer = `http://localhost:${port}`;
const atPlatform = (path) => `${platform}/users/identity-providers/company/${path}`;

function signingKey() {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return { ...privateKey.export({ format: "jwk" }), kid: randomBytes(4).toString("hex"), use: "sig", alg: "RS256" };
}

/** What is said of somebody: an address that begins with `root` is of an administrator, one with `new` is not confirmed. */
const claimsOf = (address) => ({
  sub: address,
  email: address,
  email_verified: !address.startsWith("new"),
  groups: address.startsWith("root") ? ["staff", "admins"] : ["staff"],
});

const provider = new Provider(issuer, {
  clients: [{
    client_id: "w2meet",
    client_secret: "a-secret-of-the-test",
    redirect_uris: [atPlatform("callback")],
    post_logout_redirect_uris: [`${platform}/account`],
    backchannel_logout_uri: atPlatform("back-channel-logout"),
    backchannel_logout_session_required: true,
  }],
  jwks: { keys: [signingKey()] },
  cookies: { keys: [randomBytes(16).toString("hex")] },
  claims: { openid: ["sub"], email: ["email", "email_verified"], groups: ["groups"] },
  scopes: ["openid", "email", "groups"],
  features: { devInteractions: { enabled: false }, backchannelLogout: { enabled: true } },
  // The platform is on this machine, where the provider asks nobody of its own accord.
  fetch: (url, { dispatcher: _, ...options }) => fetch(url, options),
  findAccount: (_, address) => ({ accountId: address, claims: () => claimsOf(address) }),
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  renderError: (ctx, out, error) => {
    ctx.type = "text";
    ctx.body = `${out.error}: ${out.error_description} ${error.stack}`;
  },
});

// Whoever runs the tests by hand sees it.
provider.on("backchannel.error", (_, error) => console.error(`back-channel: ${error.message} ${error.cause ?? ""}`));

const asked = { login: '<label>Address <input name="address" autofocus></label>', consent: "<p>W2Meet wants to know your address.</p>" };
const pageOf = (prompt) => `<!doctype html><title>Company</title><h1>Company: ${prompt}</h1><form method="post">${asked[prompt]}
  <button name="answer" value="go">Continue</button> <button name="answer" value="refuse">Refuse</button></form>`;

async function grantOf({ grantId, params, session }) {
  const known = grantId ? await provider.Grant.find(grantId) : undefined;
  const grant = known ?? new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  grant.addOIDCScope("openid email groups");
  return grant.save();
}

provider.use(async (ctx, next) => {
  if (!ctx.path.startsWith("/interaction/")) return next();
  const interaction = await provider.interactionDetails(ctx.req, ctx.res);
  const prompt = interaction.prompt.name;
  if (ctx.method === "GET") {
    ctx.type = "html";
    ctx.body = pageOf(prompt);
    return;
  }
  let body = "";
  for await (const piece of ctx.req) body += piece;
  const form = new URLSearchParams(body);
  const refused = form.get("answer") === "refuse";
  const login = () => ({ login: { accountId: form.get("address") } });
  const result = refused ? { error: "access_denied" } : prompt === "login" ? login() : { consent: { grantId: await grantOf(interaction) } };
  ctx.respond = false;
  await provider.interactionFinished(ctx.req, ctx.res, result, { mergeWithLastSubmission: prompt === "consent" });
});

provider.listen(Number(port), "127.0.0.1", () => console.log("listening"));
