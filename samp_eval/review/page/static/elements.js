// Parts of the page that several modules make.

const HIDDEN = /[\u0000-\u0008\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/u;

export const byId = (id) => document.getElementById(id);

export function element(name, text = "", attributes = {}) {
  const made = document.createElement(name);
  made.textContent = text;
  Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
  return made;
}

// An answer's text as parts of the page: characters that cannot be seen are named.
export function visible(text) {
  return Array.from(text).reduce((parts, character) => {
    if (HIDDEN.test(character)) {
      parts.push(element("span", `U+${character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`, { class: "hidden-character" }));
    } else if (typeof parts.at(-1) === "string") parts[parts.length - 1] += character;
    else parts.push(character);
    return parts;
  }, []);
}
