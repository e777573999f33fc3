// Elements of the page. Texts become texts, never markup: the page's policy forbids the other way.

const byId = (id) => document.getElementById(id);

/** An element with attributes, `on…` listeners and children. What is null, false or undefined is left out. */
function el(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

/** The same, of a picture. */
function svg(tag, attributes = {}, ...children) {
  return filled(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== false && child != null));
  return element;
}

/** A link to another page, which learns nothing of this one. Only `https` is followed. */
function link(address, text) {
  if (!address.startsWith("https://")) return el("span", {}, text);
  return el("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, text);
}

const number = new Intl.NumberFormat("en-US");

/** `1 API`, `2,000 APIs`. */
function plural(count, noun, several = `${noun}s`) {
  return `${number.format(count)} ${count === 1 ? noun : several}`;
}

/** A time for people, to the minute: `2026-06-15 06:00 UTC`. */
const minute = (time) => `${time.slice(0, 10)} ${time.slice(11, 16)} UTC`;

const capitalized = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** A button that copies a text. */
function copyButton(text, what) {
  const label = el("span", {}, "Copy");
  return el("button", {
    type: "button",
    onclick: async () => {
      label.textContent = (await copied(text)) ? "Copied" : "Not copied: select";
      setTimeout(() => { label.textContent = "Copy"; }, 1600);
    },
  }, label, el("span", { class: "unseen" }, ` ${what}`));
}

/** Whether a text could be copied. A page that is opened as a file may not use the newer way everywhere. */
async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = el("textarea", { class: "unseen", "aria-hidden": "true" });
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}

/** The first lines of a list, and a button that shows the others. */
function longList(items, line, most = 10) {
  const list = el("ul", { class: "lines" }, items.slice(0, most).map((item) => el("li", {}, line(item))));
  if (items.length <= most) return [list];
  const more = el("button", { type: "button", class: "plain" }, `Show all ${number.format(items.length)}`);
  more.addEventListener("click", () => {
    list.append(...items.slice(most).map((item) => el("li", {}, line(item))));
    more.remove();
  });
  return [list, more];
}
