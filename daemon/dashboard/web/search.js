// What somebody means who types into the search: a request's id, a phone in any spelling, a reference, a user, the last digits.
import { Problem, get } from "./api.js";
import * as f from "./format.js";

const isDay = (text) => /^\d{4}-\d\d-\d\d$/.test(text);

/** A page's filter as the API's: days begin and end where they do for whoever looks. */
export function paramsOf({ q, from, to, ...same }) {
  return {
    ...same,
    from: isDay(from) ? f.beginOf(from) : from,
    to: isDay(to) ? f.beginOf(to, 1) : to,
  };
}

/** The digits of what may be a phone; empty: it is none. */
export function digitsOf(text) {
  const folded = text.normalize("NFKC").replaceAll(/[\s()./\u2010-\u2015\u2212\u200b-\u200f\u202a-\u202e\u2060-]/gu, "");
  const plain = folded.replaceAll(/\p{Nd}/gu, (digit) => String(valueOf(digit)));
  return /^\+?\d{2,20}$/.test(plain) ? plain : "";
}
/** Digits of every script stand ten in a row, from the one of zero on. */
function valueOf(digit) {
  const code = digit.codePointAt(0);
  let zero = code;
  while (/^\p{Nd}$/u.test(String.fromCodePoint(zero - 1)) && code - zero < 9) --zero;
  return code - zero;
}
const isId = (text) => /^(OTP-)?[0-9A-HJKMNP-TV-Z]{13,16}$/i.test(text);
const idOf = (text) => (/^OTP-/i.test(text) ? text : `OTP-${text}`).toUpperCase();

/** What the text may be, the surest first: [way, parameters]. A national number is one of the countries that the app sends to. */
export function meaningsOf(text, countries) {
  const digits = digitsOf(text), full = digits.startsWith("+") ? digits : `+${digits.replace(/^00/, "")}`;
  const all = [["reference", { reference: text }], ["userId", { userId: text }]];
  if (digits.replace("+", "").length >= 6) {
    all.unshift(["phone", { phone: full }]);
    if (!digits.startsWith("+")) for (const country of countries) all.push(["phone", { phone: digits, country }]);
  }
  return all;
}

/** What is no number of a country, or no filter of this daemon, finds nothing. */
async function finds(params) {
  try {
    const answer = await get("/v1/otp", { ...params, limit: 1 });
    return answer.items.length > 0;
  } catch (failure) {
    if (failure instanceof Problem && failure.status < 429) return false;
    throw failure;
  }
}
async function isThere(id) {
  try {
    await get(`/v1/otp/${id}`);
    return true;
  } catch (failure) {
    if (failure instanceof Problem && failure.status < 429) return false;
    throw failure;
  }
}

const countries_tried = 6;
async function usualCountries(chosen) {
  if (chosen) return [chosen];
  const { items } = await get("/v1/stats/countries", { window: "90d" }).catch(() => ({ items: [] }));
  return items.map((item) => item.country).filter(Boolean).slice(0, countries_tried);
}

/** Which of its meanings has requests: {params, way}; or {id} of the one request that is meant. `fixed`: the other filters. */
export async function resolve(text, fixed) {
  if (/^OTP-/i.test(text) && isId(text)) return { id: idOf(text) };
  const digits = digitsOf(text), isNational = digits && !digits.startsWith("+");
  const meanings = meaningsOf(text, isNational ? await usualCountries(fixed.country) : []);
  const [isOne, ...found] = await Promise.all([isId(text) && isThere(idOf(text)),
    ...meanings.map(([, params]) => finds({ ...fixed, ...params }))]);
  if (isOne) return { id: idOf(text) };
  const at = found.indexOf(true);
  if (at >= 0) return { way: meanings[at][0], params: meanings[at][1] };
  const last = digits.replace("+", "");
  if (last && last.length <= 8) return { way: "phoneEnds", params: { phoneEnds: last } };
  return { way: "", params: { reference: text } };
}
