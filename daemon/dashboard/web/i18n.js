// English is the text in the code; the other languages are tables from it, fetched only where they are wanted.
export const languages = { en: "English", hy: "Հայերեն", ru: "Русский" };

/** What a language's files say beside its words: `meanings` of carriers' errors, `problems` of the API by their code, and names
    that browsers may not know. English has none: those texts are the daemon's own. */
export let local = {};
let words = {};
export let language = "en";

const stored = () => { try { return localStorage.getItem("xionid.language"); } catch { return null; } };

export async function useLanguage(wanted) {
  const first = wanted ?? stored() ?? navigator.languages?.map((tag) => tag.slice(0, 2)).find((tag) => tag in languages) ?? "en";
  language = first in languages ? first : "en";
  const files = language === "en" ? [] : await Promise.all([import(`./languages/${language}.js`), import(`./languages/${language}-errors.js`)]);
  local = Object.assign({}, ...files);
  words = local.default ?? {};
  document.documentElement.lang = language;
  if (wanted) try { localStorage.setItem("xionid.language", wanted); } catch { /* Storage may be forbidden. */ }
}

/** The text in the language of the page, `{name}` replaced. */
export function t(text, values) {
  const said = words[text] ?? text;
  return values ? said.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole) : said;
}
