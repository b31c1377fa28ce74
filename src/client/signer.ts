// The client's key: signs the login with WebCrypto, which Node and browsers share.
//
// tidy: tested by test/src/client/client.test.ts
import { AlphaError } from "../errors.ts";

/** Something that can prove who it is. */
export interface Signer {
  /** Id of the key, as the server stores it. */
  id: string;
  sign(message: Uint8Array<ArrayBuffer>): Promise<Uint8Array>;
}

/** DER before the 32 bytes of an Ed25519 public key (SPKI). */
const SPKI_HEAD = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/** A signer from the PEM text of a private half (PKCS 8); throws KEY_INVALID. */
export async function signerFromPem(pem: string): Promise<Signer> {
  const { subtle } = globalThis.crypto;
  try {
    const body = pem.replace(/-----[A-Z ]+-----/g, "").replace(/\s+/g, "");
    const der = bytesOf(atob(body));
    const key = await subtle.importKey("pkcs8", der, { name: "Ed25519" }, true, ["sign"]);
    const { x } = await subtle.exportKey("jwk", key);
    const raw = bytesOf(atob((x ?? "").replace(/-/g, "+").replace(/_/g, "/")));
    const digest = await subtle.digest("SHA-256", new Uint8Array([...SPKI_HEAD, ...raw]));
    return {
      id: hexOf(new Uint8Array(digest, 0, 8)),
      sign: async (message) => new Uint8Array(await subtle.sign("Ed25519", key, message)),
    };
  } catch (fault) {
    throw new AlphaError(
      "KEY_INVALID",
      "the key is no Ed25519 private key in PEM form",
      "pass the text of a file <dataDir>/keys/*.pem",
      fault,
    );
  }
}

function bytesOf(binary: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(binary, (char) => char.charCodeAt(0));
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
