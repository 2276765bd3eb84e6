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

/** Whose form of a text comes first, second and third, in CLDR's names. Armenian has one: its nouns don't change beside a number. */
export const forms = { en: ["one", "other"], hy: ["other"], ru: ["one", "few", "many"] };
/** The form that goes with a count; with a fraction Russian has the second, English the last. */
function formOf(said, count) {
  const all = said.split("|");
  if (all.length === 1) return said;
  const at = forms[language].indexOf(new Intl.PluralRules(language).select(count));
  return all[at < 0 ? 1 : at];
}

/** The text in the language of the page, `{name}` replaced. One that is of a count has a form for each of its plurals, with `|` between them. */
export function t(text, values, count) {
  const said = count === undefined ? words[text] ?? text : formOf(words[text] ?? text, count);
  if (!values) return said;
  // A value that ends in a dot of its own, such as a short month, ends its sentence too.
  return said.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole).replace(/([^.])\.\.$/, "$1.");
}
