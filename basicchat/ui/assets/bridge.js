// Listens where Streamlit cannot: citation chips, keys, and what a screen reader should hear.
// It reads the page and sends numbers to Python; it never writes text of a document or a model as HTML.
let controller;

const typing = (target) => target.closest?.("input, textarea, select, [contenteditable='true'], [role='textbox']");
const press = (key) => {
  const button = document.querySelector(`.st-key-${key} button`);
  if (button) button.click();
  return Boolean(button);
};

function announcer() {
  let region = document.getElementById("basicchat-announcer");
  if (!region) {
    region = document.createElement("div");
    region.id = "basicchat-announcer";
    region.setAttribute("role", "log");
    region.setAttribute("aria-live", "polite");
    region.setAttribute("aria-label", "Answer as it is written");
    document.body.appendChild(region);
  }
  return region;
}

function say(region, text) {
  const line = document.createElement("p");
  line.textContent = text.trim();
  if (line.textContent) region.replaceChildren(...[...region.children].slice(-4), line);
}

// Says whole sentences of a growing answer once, as they are finished, and of a whole one what was not said yet.
// `ended` names the last answer that was made here; Python tells it, because an answer can be whole between two looks.
let ended = "";
let due = null;
let about = null;
let said = 0;
function speak(region) {
  const live = document.querySelector(".st-key-live-answer .st-key-live-text");
  if (live) {
    const question = lastQuestion();
    if (question !== about) { about = question; said = 0; }
    const text = live.innerText.replace("▍", "");
    const fresh = text.slice(said);
    const end = Math.max(...[". ", ".\n", "? ", "! "].map((mark) => fresh.lastIndexOf(mark)));
    if (end < 0) return;
    say(region, fresh.slice(0, end + 1));
    said += end + 1;
    return;
  }
  const whole = due && document.querySelector(`.st-key-answer-${due}`);
  if (!whole) return;
  const words = (kind) => [...whole.querySelectorAll(`[class*="st-key-${kind}-"]`)].map((part) => part.innerText).join("\n");
  const text = words("text").slice(lastQuestion() === about ? said : 0);  // a card is not what grew: all of it is said
  say(region, [text, words("doubted"), words("abstained"), words("notice")].filter((part) => part.trim()).join("\n"));
  due = null;
  about = null;
}

function lastQuestion() {
  const questions = document.querySelectorAll('[class*="st-key-question-"]');
  const last = questions[questions.length - 1];
  return last ? [...last.classList].find((name) => name.startsWith("st-key-question-")) : undefined;
}

// What Python says of the answer that ended last: a count, a dash and the key of the answer. Each is heard once.
function hear(told) {
  if (!told || told === ended) return;
  ended = told;
  due = told.slice(told.indexOf("-") + 1);
}

function label(root) {
  for (const chip of root.querySelectorAll('a[href^="#source-"]:not([aria-label])')) {
    chip.setAttribute("aria-label", `Source ${chip.textContent}`);
    chip.setAttribute("role", "button");
    chip.removeAttribute("target");
  }
  for (const mark of root.querySelectorAll('[class*="st-key-text-"] .stMarkdownColoredBackground:not([role])')) {
    mark.setAttribute("role", "mark");
    mark.setAttribute("aria-description", "No support in the cited passages");
    mark.title = "No support in the cited passages";
  }
  const log = document.querySelector(".st-key-conversation");
  if (log && !log.hasAttribute("role")) {
    log.setAttribute("role", "region");
    log.setAttribute("aria-label", "Conversation");
  }
  const pane = document.querySelector(".st-key-source-pane");
  if (pane && !pane.hasAttribute("role")) {
    pane.setAttribute("role", "complementary");
    pane.setAttribute("aria-label", "Source");
  }
}

// Brings a new question to the top and follows the answer until it fills the screen; a reader who scrolls is left alone.
let asked = null;
let following = false;
function scroll() {
  const main = document.querySelector('[data-testid="stMain"]');
  const key = lastQuestion();
  if (!main || !key) { asked = null; return; }
  const last = [...document.querySelectorAll(`.${key}`)].pop();
  if (key !== asked) {
    following = true;
    if (asked === null && !document.querySelector(".st-key-live-answer")) {
      main.scrollTop = main.scrollHeight;
      following = false;
    }
    asked = key;
  }
  if (!following) return;
  const top = main.scrollTop + last.getBoundingClientRect().top - main.getBoundingClientRect().top - 56;
  const target = Math.min(top, main.scrollHeight - main.clientHeight);
  if (target > main.scrollTop + 1) main.scrollTop = target;
}

function copy(button) {
  const answer = button.closest('[class*="st-key-answer-"]')?.querySelector('[class*="st-key-text-"]');
  if (!answer || !navigator.clipboard) return;
  navigator.clipboard.writeText(answer.innerText.trim());
}

export default function ({ data, setTriggerValue }) {
  hear(data?.ended);
  controller?.abort();
  controller = new AbortController();
  const { signal } = controller;

  // A chip pressed before this script listened has only changed the address.
  if (location.hash.startsWith("#source-")) {
    const early = location.hash.slice("#source-".length);
    history.replaceState(history.state, "", location.pathname + location.search);
    setTriggerValue("opened", early);
  }

  document.addEventListener("click", (event) => {
    const chip = event.target.closest?.('a[href^="#source-"]');
    if (chip) {
      event.preventDefault();
      event.stopPropagation();
      setTriggerValue("opened", chip.getAttribute("href").slice("#source-".length));
      return;
    }
    if (innerWidth <= 768 && event.target.closest?.('.st-key-links a, .st-key-new-chat button, [class*="st-key-row-"] .stButton button')) {
      setTimeout(() => document.querySelector('[data-testid="stSidebarCollapseButton"] button')?.click(), 150);
    }
    const button = event.target.closest?.('[class*="st-key-copy-"] button');
    if (button) copy(button);
  }, { capture: true, signal });

  document.addEventListener("keydown", (event) => {
    if (event.key === " " && event.target.matches?.('a[href^="#source-"]')) {
      event.preventDefault();
      event.target.click();
      return;
    }
    if (event.key === "Escape" && !document.querySelector('[role="dialog"]')) {
      if (!press("stop")) press("close-source");
      return;
    }
    if (typing(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "/") {
      const box = document.querySelector('[data-testid="stChatInputTextArea"]');
      if (box) { event.preventDefault(); box.focus(); }
    } else if (event.key === "[") press("previous-source");
    else if (event.key === "]") press("next-source");
    else if (event.key === "?") press("shortcuts");
  }, { signal });

  const region = announcer();
  const timer = setInterval(() => speak(region), 400);
  for (const kind of ["wheel", "touchmove", "pointerdown"]) {
    document.addEventListener(kind, () => { following = false; }, { signal, passive: true });
  }
  const observer = new MutationObserver(() => { label(document); scroll(); });
  observer.observe(document.body, { childList: true, subtree: true });
  label(document);
  signal.addEventListener("abort", () => { clearInterval(timer); observer.disconnect(); });
  return () => controller.abort();
}
