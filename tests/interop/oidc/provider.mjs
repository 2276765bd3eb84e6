// oidc-provider of npm, certified by the OpenID Foundation: provider.mjs PORT CALLBACK. Everybody is let in by the name that they type; "chief" is one of
// the chiefs, everybody else of support. A client for each way to sign: xionid-RS256, xionid-PS256, xionid-ES256.
import { generateKeyPairSync } from "node:crypto";
import { Provider } from "oidc-provider";

const [port, callback] = process.argv.slice(2);
const jwk = (type, options, more) => ({ ...generateKeyPairSync(type, options).privateKey.export({ format: "jwk" }), use: "sig", ...more });
const clients = ["RS256", "PS256", "ES256"].map((alg) => ({
  client_id: `xionid-${alg}`, client_secret: "p@ss word", redirect_uris: [callback], id_token_signed_response_alg: alg,
  token_endpoint_auth_method: "client_secret_basic",
}));
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients,
  jwks: { keys: [jwk("rsa", { modulusLength: 2048 }, { kid: "rsa" }), jwk("ec", { namedCurve: "P-256" }, { kid: "ec" })] },
  cookies: { keys: ["of this test"] },
  claims: { openid: ["sub", "groups"], email: ["email", "email_verified"], profile: ["name"] },
  conformIdTokenClaims: false,
  pkce: { required: () => true },
  enabledJWA: { idTokenSigningAlgValues: ["RS256", "PS256", "ES256"] },
  features: { devInteractions: { enabled: true } },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, email: `${id}@example.am`, email_verified: true, groups: [id === "chief" ? "chiefs" : "support"] }),
  }),
});
provider.listen(Number(port), "127.0.0.1", () => console.log("listening"));
