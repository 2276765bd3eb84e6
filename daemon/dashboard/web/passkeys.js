// Passkeys: keys that a device keeps, and gives to nobody. The browser makes them and asks who is there; the daemon checks.
import { post } from "./api.js";

const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const octets = (value) => Uint8Array.from(atob(value.replaceAll("-", "+").replaceAll("_", "/")), (each) => each.charCodeAt(0));
const es256 = -7, rs256 = -257;

export const canBeHere = () => globalThis.PublicKeyCredential !== undefined && globalThis.isSecureContext;

/** Rejects with NotAllowedError where somebody would rather not. */
export async function signIn() {
  const asked = await post("/dashboard/api/passkeys/ask");
  const { rawId, response } = await navigator.credentials.get({
    publicKey: { challenge: octets(asked.challenge), rpId: asked.rpId, userVerification: "required" } });
  await post("/dashboard/api/passkeys/sign-in", {
    id: text(rawId), clientData: text(response.clientDataJSON), authenticatorData: text(response.authenticatorData),
    signature: text(response.signature), user: text(response.userHandle ?? new ArrayBuffer(0)) });
}

/** Makes one for whoever is signed in. */
export async function add() {
  const asked = await post("/dashboard/api/passkeys/new");
  const { response } = await navigator.credentials.create({
    publicKey: {
      challenge: octets(asked.challenge), rp: { id: asked.rpId, name: "XionID" }, attestation: "none",
      user: { id: octets(asked.user.id), name: asked.user.name, displayName: asked.user.name },
      pubKeyCredParams: [es256, rs256].map((alg) => ({ type: "public-key", alg })),
      authenticatorSelection: { residentKey: "required", requireResidentKey: true, userVerification: "required" },
    } });
  await post("/dashboard/api/passkeys/add", {
    clientData: text(response.clientDataJSON), authenticatorData: text(response.getAuthenticatorData()), publicKey: text(response.getPublicKey()) });
}
